// What clients are told of failures: the status of each, and when to come again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ErrorCode, MayflyError } from '../../errors.ts';
import { emptyResponse, responseFor } from './failure-response.ts';

test('each kind of failure has its status; what is full may be asked again', () => {
  for (const [code, status] of [
    ['guest-cpu-limit', 504],
    ['guest-wall-limit', 504],
    ['overloaded', 503],
    ['sandbox-exhausted', 503],
    ['request-too-large', 413],
    ['guest-trap', 500],
    ['guest-cancelled', 500],
    ['internal', 500],
  ] as readonly [ErrorCode, number][]) {
    const headers = status === 503 ? [['retry-after', '1']] : [];
    assert.deepEqual(responseFor(new MayflyError(code, 'a secret')), { status, headers, body: undefined }, code);
  }
  for (const error of [new Error('x'), undefined, 'text', { code: 'overloaded' }]) {
    assert.equal(responseFor(error).status, 500);
  }
  assert.deepEqual(emptyResponse(405, [['allow', 'GET']]), {
    status: 405,
    headers: [['allow', 'GET']],
    body: undefined,
  });
});
