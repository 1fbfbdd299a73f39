// A body that is all there is read once, whatever pieces it is made of, and breaks when its count throws.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesBody, readAll } from './bytes-body.ts';
import type { ByteSource } from './http-message.ts';

test('a body that is all there is read once', () => {
  const body = bytesBody(Buffer.from('abc'));
  assert.deepEqual([body?.length, body?.read(), body?.read()], [3, Buffer.from('abc'), undefined]);
  assert.equal(bytesBody(new Uint8Array(0)), undefined);
});

test('pieces of every size become one', async () => {
  const pieces = [1, 1, 5000, 2, 20_000, 1].map((size, index) => Buffer.alloc(size, index));
  const released: unknown[] = [];
  const counts: number[] = [];
  const left = [...pieces];
  const source: ByteSource = {
    read: () => left.shift(),
    cancel: () => assert.fail('cancelled'),
    release: (piece) => released.push(piece),
  };
  const whole = await readAll(source, (bytes) => counts.push(bytes));
  assert.deepEqual(Buffer.from(whole), Buffer.concat(pieces));
  assert.deepEqual([counts, released], [pieces.map(({ length }) => length), pieces]);
  assert.equal((await readAll(undefined, () => assert.fail('counted'))).length, 0);
});

test('a count that throws ends the body, and so does a body that breaks', async () => {
  const reasons: unknown[] = [];
  const endless: ByteSource = { read: () => new Uint8Array(10), cancel: (reason) => reasons.push(reason) };
  let size = 0;
  const limit = new Error('too much');
  const count = (bytes: number): void => {
    size += bytes;
    if (size > 25) throw limit;
  };
  await assert.rejects(readAll(endless, count), limit);
  const broken = { ...endless, read: () => Promise.reject(limit) };
  await assert.rejects(readAll(broken, count), limit);
  assert.deepEqual([size, reasons], [30, [limit, limit]]);
});
