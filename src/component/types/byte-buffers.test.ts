// Buffers that are given back serve later copies, and no copy in use ever changes.
import assert from 'node:assert/strict';
import { randomBytes, randomInt } from 'node:crypto';
import { test } from 'node:test';
import { copyBytes, freeBytes, giveBack } from './byte-buffers.ts';

test('a copy holds just the bytes asked for, whatever its size', () => {
  const memory = randomBytes(300_000);
  for (const length of [0, 1, 2048, 2049, 4095, 4096, 4097, 8192, 8193, 32_769, 65_535, 65_536, 65_537, 200_000]) {
    const copy = copyBytes(memory, 100, 100 + length);
    assert.ok(memory.subarray(100, 100 + length).equals(copy), `${length}`);
    assert.ok(copy.buffer !== memory.buffer);
    giveBack(copy);
  }
});

test('a buffer that was given back serves the next copy, and only one', () => {
  const memory = randomBytes(65_536);
  const first = copyBytes(memory, 0, 50_000);
  giveBack(first);
  giveBack(first);
  const second = copyBytes(memory, 10, 60_010);
  const third = copyBytes(memory, 20, 60_020);
  assert.ok(second.buffer === first.buffer);
  assert.ok(third.buffer !== second.buffer);
  assert.ok(memory.subarray(10, 60_010).equals(second));
});

test('parts, bytes of others and small copies give nothing back', () => {
  const memory = randomBytes(65_536);
  const copy = copyBytes(memory, 0, 65_536);
  const [part, own, small] = [copy.subarray(0, 65_536), memory.subarray(0), copyBytes(memory, 0, 100)];
  for (const bytes of [part, own, small]) giveBack(bytes);
  const next = copyBytes(memory, 0, 65_536);
  for (const bytes of [copy, own, small]) assert.ok(next.buffer !== bytes.buffer);
});

test('a buffer that somebody transferred is not kept', () => {
  const copy = copyBytes(randomBytes(10_000), 0, 10_000);
  structuredClone(copy.buffer, { transfer: [copy.buffer as ArrayBuffer] });
  giveBack(copy);
  assert.equal(copyBytes(randomBytes(10_000), 0, 10_000).length, 10_000);
});

test('copies that are in use never change, whatever is given back meanwhile', () => {
  const inUse: { copy: Uint8Array; expected: Buffer }[] = [];
  for (let step = 0; step < 3000; step++) {
    if (inUse.length > 0 && (randomInt(2) === 0 || inUse.length > 150)) {
      const [{ copy, expected } = assert.fail()] = inUse.splice(randomInt(inUse.length), 1);
      assert.ok(expected.equals(copy));
      giveBack(copy);
    } else {
      const expected = randomBytes(randomInt(1, 70_000));
      inUse.push({ copy: copyBytes(expected, 0, expected.length), expected });
    }
  }
  for (const { copy, expected } of inUse) assert.ok(expected.equals(copy));
});

test('freed bytes are empty; those that share a buffer stay', () => {
  const whole = new Uint8Array(10_000);
  const shared = new Uint8Array(new ArrayBuffer(10_001), 1);
  freeBytes(whole);
  freeBytes(shared);
  assert.equal(whole.length, 0);
  assert.equal(shared.length, 10_000);
});

test('the smallest and the largest copies that are lent, and their neighbours that are not', () => {
  const memory = randomBytes(70_000);
  const isLentAgain = (length: number): boolean => {
    const copy = copyBytes(memory, 0, length);
    const { buffer } = copy;
    giveBack(copy);
    return copyBytes(memory, 0, length).buffer === buffer;
  };
  assert.deepEqual([2048, 2049, 4096, 4097, 8192, 65_536, 65_537].map(isLentAgain), [
    false,
    true,
    true,
    true,
    true,
    true,
    false,
  ]);
});
