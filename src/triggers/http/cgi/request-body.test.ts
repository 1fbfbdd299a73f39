import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource } from '../../../host/http-message.ts';
import { textOf } from '../test-app.ts';
import { cgiBody } from './request-body.ts';

function source(chunks: readonly string[], length?: number): ByteSource & { reads: number; cancelled: boolean } {
  const rest = chunks.map((chunk) => Buffer.from(chunk));
  return {
    reads: 0,
    cancelled: false,
    length,
    async read() {
      this.reads++;
      return rest.shift();
    },
    cancel() {
      this.cancelled = true;
    },
  };
}

test('no body has length 0, and one that says its length is not touched', async () => {
  assert.deepEqual(await cgiBody(undefined, 10), { source: undefined, length: 0 });
  const body = source(['abc'], 3);
  assert.deepEqual(await cgiBody(body, 10), { source: body, length: 3 });
  assert.equal(body.reads, 0);
});

test('a short body of unknown length is read to find it out', async () => {
  const { source: held, length } = await cgiBody(source(['ab', 'c', 'def']), 10);
  assert.equal(length, 6);
  assert.equal(await textOf(held), 'abcdef');
});

test('a long one is passed on in order, of unknown length', async () => {
  const body = source(['abcd', 'efgh', 'ijkl', 'm']);
  const { source: held, length } = await cgiBody(body, 6);
  assert.equal(length, undefined);
  assert.equal(body.reads, 2);
  assert.equal(await textOf(held), 'abcdefghijklm');
});

test('giving up frees what is held and cancels the rest', async () => {
  const body = source(['abcd', 'efgh', 'ijkl']);
  const { source: held } = await cgiBody(body, 2);
  held?.cancel();
  assert.ok(body.cancelled);
  await assert.rejects(cgiBody({ ...source([]), read: () => Promise.reject(new Error('gone')) }, 2), /gone/);
});
