// The way between error codes and the errors of the host, and what their texts take.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../../http-message.ts';
import { StreamFailure } from '../io/streams.ts';
import { bytesOfError, type ErrorCode, errorCodeOf, httpErrorOf } from './error-code.ts';

test('whatever failed has a code', () => {
  assert.deepEqual(errorCodeOf(new HttpError('DNS-timeout', 'x', 7)), { tag: 'DNS-timeout', val: 7 });
  const httpError: ErrorCode = { tag: 'loop-detected' };
  assert.equal(errorCodeOf(new StreamFailure('x', { httpError })), httpError);
  assert.deepEqual(errorCodeOf(new StreamFailure('broke')), { tag: 'internal-error', val: 'broke' });
  assert.deepEqual(errorCodeOf(new Error('down')), { tag: 'internal-error', val: 'down' });
  assert.deepEqual(errorCodeOf('text'), { tag: 'internal-error', val: 'text' });
});

test('an error of a guest keeps its code, its detail and a message', () => {
  const made = (code: ErrorCode) => {
    const { code: tag, message, detail } = httpErrorOf(code);
    return [tag, message, detail];
  };
  assert.deepEqual(made({ tag: 'loop-detected' }), ['loop-detected', 'loop-detected', undefined]);
  assert.deepEqual(made({ tag: 'internal-error', val: 'x' }), ['internal-error', 'internal-error: x', 'x']);
  assert.deepEqual(made({ tag: 'internal-error', val: undefined }), ['internal-error', 'internal-error', undefined]);
  assert.equal(httpErrorOf({ tag: 'loop-detected' }, 'other').message, 'other');
});

test('what the texts of an error take', () => {
  const text = bytesOfError({ tag: 'internal-error', val: 'x'.repeat(100) });
  assert.ok(text >= 100);
  assert.equal(bytesOfError({ tag: 'HTTP-request-body-size', val: 5n }), 0);
  assert.equal(bytesOfError({ tag: 'loop-detected' }), 0);
  assert.equal(bytesOfError({ tag: 'DNS-error', val: { rcode: undefined, infoCode: 5 } }), 0);
  const field = { fieldName: 'x'.repeat(100), fieldSize: 5 };
  assert.equal(bytesOfError({ tag: 'HTTP-request-header-size', val: field }), text);
  const alert = { alertId: 1, alertMessage: 'x'.repeat(100) };
  assert.equal(bytesOfError({ tag: 'TLS-alert-received', val: alert }), text);
});
