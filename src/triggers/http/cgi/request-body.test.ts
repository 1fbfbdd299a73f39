// A short body of unknown length is read to learn its length, a long one is passed on, and all of it is counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostMemory } from '../../../component/types/host-memory.ts';
import type { ByteSource } from '../../../host/http-message.ts';
import { textOf } from '../app.test-kit.ts';
import { HeldBodies } from '../held-bodies.ts';
import { cgiBody } from './request-body.ts';

const bodies = new HeldBodies('main');

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
  assert.deepEqual(await cgiBody(undefined, 10, bodies), { source: undefined, length: 0 });
  const body = source(['abc'], 3);
  assert.deepEqual(await cgiBody(body, 10, bodies), { source: body, length: 3 });
  assert.equal(body.reads, 0);
});

test('a short body of unknown length is read to find it out', async () => {
  const { source: held, length } = await cgiBody(source(['ab', 'c', 'def']), 10, bodies);
  assert.equal(length, 6);
  assert.equal(await textOf(held), 'abcdef');
});

test('a long one is passed on in order, of unknown length', async () => {
  const body = source(['abcd', 'efgh', 'ijkl', 'm']);
  const { source: held, length } = await cgiBody(body, 6, bodies);
  assert.equal(length, undefined);
  assert.equal(body.reads, 2);
  assert.equal(await textOf(held), 'abcdefghijklm');
});

test('giving up frees what is held and cancels the rest', async () => {
  const body = source(['abcd', 'efgh', 'ijkl']);
  const { source: held } = await cgiBody(body, 2, bodies);
  held?.cancel();
  assert.ok(body.cancelled);
  await assert.rejects(cgiBody({ ...source([]), read: () => Promise.reject(new Error('gone')) }, 2, bodies), /gone/);
});

test('what is held counts among what the process keeps, as long as it is held', async () => {
  const memory = new HostMemory(2 * (4 + 256));
  const { source: held } = await cgiBody(source(['abcd', 'efgh']), 100, bodies, memory);
  assert.equal(memory.bytes, memory.limit);
  await held?.read();
  assert.equal(memory.bytes, 4 + 256);
  const refused = source(['a', 'b', 'c']);
  await assert.rejects(cgiBody(refused, 100, bodies, memory), { code: 'sandbox-exhausted' });
  assert.ok(refused.cancelled);
  held?.cancel();
  assert.equal(memory.bytes, 0);
});

test('a body that comes byte by byte is not read to its end beforehand', async () => {
  const body = source(Array(10_000).fill('x'));
  const { source: held, length } = await cgiBody(body, 1_000_000, bodies);
  assert.equal(length, undefined);
  assert.equal(body.reads, 4096);
  assert.equal((await textOf(held)).length, 10_000);
});

test('what is held counts among the bodies of all clients of the component, as long as it is held', async () => {
  const bodies = new HeldBodies('main', 2 * (4 + 256));
  const { source: first } = await cgiBody(source(['abcd', 'efgh']), 100, bodies);
  assert.equal(bodies.bytes, 2 * (4 + 256));
  const memory = new HostMemory(1_000);
  const refused = source(['ijkl']);
  await assert.rejects(cgiBody(refused, 100, bodies, memory), { code: 'overloaded', message: /"main"/ });
  assert.deepEqual([refused.cancelled, memory.bytes], [true, 0]);
  await first?.read();
  const { source: second } = await cgiBody(source(['ijkl']), 100, bodies);
  assert.equal(await textOf(first), 'efgh');
  assert.equal(bodies.bytes, 4 + 256);
  second?.cancel();
  second?.cancel();
  assert.equal(bodies.bytes, 0);
});

test('where the process has no room, the component is not charged', async () => {
  const bodies = new HeldBodies('main', 1_000);
  await assert.rejects(cgiBody(source(['abcd']), 100, bodies, new HostMemory(259)), { code: 'sandbox-exhausted' });
  assert.equal(bodies.bytes, 0);
});

test('what is read beforehand goes to the limit and one piece beyond it, not further', async () => {
  for (const [max, reads, known] of [
    [7, 2, undefined],
    [8, 3, undefined],
    [11, 3, undefined],
    [12, 4, 12],
  ] as const) {
    const body = source(['abcd', 'efgh', 'ijkl']);
    const { length } = await cgiBody(body, max, new HeldBodies('main'));
    assert.deepEqual([body.reads, length], [reads, known], String(max));
  }
});
