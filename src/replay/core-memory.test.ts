// What a function of a core module looked at in a guest's memory, and what it changed there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TrackedMemory } from './core-memory.ts';

function memory(): { bytes: Uint8Array<ArrayBuffer>; data: DataView<ArrayBuffer>; check(): void } {
  const bytes = new Uint8Array(64).fill(1);
  return { bytes, data: new DataView(bytes.buffer), check() {} };
}

test('a range that was looked at is read, one that was changed is written up to its last change', () => {
  const real = memory();
  const tracked = new TrackedMemory(real);
  tracked.check(0, 4, 4);
  tracked.check(8, 8, 1);
  real.bytes.set([7, 1, 7], 8);
  tracked.look();
  assert.deepEqual(tracked.touched, {
    reads: [[0, new Uint8Array([1, 1, 1, 1])]],
    writes: [[8, new Uint8Array([7, 1, 7])]],
  });
  assert.equal(tracked.bytesTouched, 12);
});

test('what changes while the function waits it did not write', () => {
  const real = memory();
  const tracked = new TrackedMemory(real);
  tracked.check(0, 4, 4);
  tracked.look();
  real.bytes.fill(9);
  tracked.renew();
  real.bytes[1] = 5;
  tracked.look();
  assert.deepEqual(tracked.touched.writes, [[0, new Uint8Array([9, 5])]]);
  assert.deepEqual(tracked.touched.reads, [[0, new Uint8Array([1, 1, 1, 1])]]);
});
