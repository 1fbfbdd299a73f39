import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostMemory } from '../../../component/types/host-memory.ts';
import type { ByteSource } from '../../../host/http-message.ts';
import { textOf } from '../app.test-kit.ts';
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

test('what is held counts among what the process keeps, as long as it is held', async () => {
  const memory = new HostMemory(2 * (4 + 256));
  const { source: held } = await cgiBody(source(['abcd', 'efgh']), 100, memory);
  assert.equal(memory.bytes, memory.limit);
  await held?.read();
  assert.equal(memory.bytes, 4 + 256);
  const refused = source(['a', 'b', 'c']);
  await assert.rejects(cgiBody(refused, 100, memory), { code: 'sandbox-exhausted' });
  assert.ok(refused.cancelled);
  held?.cancel();
  assert.equal(memory.bytes, 0);
});

test('a body that comes byte by byte is not read to its end beforehand', async () => {
  const body = source(Array(10_000).fill('x'));
  const { source: held, length } = await cgiBody(body, 1_000_000);
  assert.equal(length, undefined);
  assert.equal(body.reads, 4096);
  assert.equal((await textOf(held)).length, 10_000);
});
