// Bodies that are held stay within their limit and are given back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HeldBodies } from './held-bodies.ts';

test('what is held stays within the limit, and is given back', () => {
  const held = new HeldBodies('a', 100);
  held.add(60);
  held.add(40);
  assert.throws(() => held.add(1), { code: 'overloaded', message: /"a".*100 bytes/ });
  assert.equal(held.bytes, 100);
  held.remove(60);
  held.add(60);
});

test('an answer counts until it was taken or cancelled, and is never refused', () => {
  const held = new HeldBodies('a', 100);
  const bytes = Buffer.alloc(150_000, 'x');
  const [taken, left, none] = [held.answer(bytes), held.answer(bytes), held.answer(new Uint8Array(0))];
  assert.deepEqual([held.bytes, none, taken?.length], [300_000, undefined, 150_000]);
  assert.throws(() => held.add(1), { code: 'overloaded' });
  const pieces: number[] = [];
  for (let piece = taken?.read(); piece !== undefined; piece = taken?.read()) pieces.push((piece as Uint8Array).length);
  assert.deepEqual([pieces, held.bytes], [[65_536, 65_536, 18_928], 150_000]);
  left?.read();
  left?.cancel();
  left?.cancel();
  taken?.cancel();
  assert.deepEqual([held.bytes, left?.read()], [0, undefined]);
});
