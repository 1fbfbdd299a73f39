// What connections hold is counted for all of them together, and given back.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Held, HeldShare } from './held.ts';

test('shares have the room of all, to the byte, and give it back', () => {
  const held = new Held(100);
  const [one, other] = [new HeldShare(held), new HeldShare(held)];
  assert.equal(one.set(60), true);
  assert.equal(other.set(41), false);
  assert.equal(other.bytes, 0);
  assert.equal(other.set(40), true);
  assert.equal(one.set(61), false);
  assert.deepEqual([one.bytes, other.bytes, held.bytes], [60, 40, 100]);
  assert.equal(one.set(0), true);
  assert.equal(other.set(100), true);
  assert.equal(other.set(0), true);
  assert.equal(held.bytes, 0);
});
