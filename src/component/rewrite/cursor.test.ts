// The cursor reads numbers, counts and names at their bounds, and calls everything beyond corrupt.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { Cursor } from './cursor.ts';

const over = (...bytes: number[]): Cursor => new Cursor(Uint8Array.from(bytes));
const isCorrupt = (error: unknown): boolean => error instanceof MayflyError && error.code === 'component-corrupt';

test('a 32-bit integer is read in any length up to five bytes', () => {
  assert.equal(over(0x00).u32(), 0);
  assert.equal(over(0xe5, 0x8e, 0x26).u32(), 624485);
  assert.equal(over(0xff, 0xff, 0xff, 0xff, 0x0f).u32(), 0xffff_ffff);
  assert.equal(over(0x81, 0x80, 0x80, 0x80, 0x00).u32(), 1);
});

test('a 32-bit integer that is too long or too large is corrupt', () => {
  assert.throws(() => over(0x80, 0x80, 0x80, 0x80, 0x80, 0x00).u32(), isCorrupt);
  assert.throws(() => over(0xff, 0xff, 0xff, 0xff, 0x1f).u32(), isCorrupt);
  assert.throws(() => over(0x80).u32(), isCorrupt);
});

test('a 64-bit integer reaches its largest value and no further', () => {
  const nines = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff];
  assert.equal(over(...nines, 0x01).u64(), 2n ** 64n - 1n);
  assert.throws(() => over(...nines, 0x02).u64(), isCorrupt);
  assert.throws(() => over(...nines, 0x80, 0x00).u64(), isCorrupt);
});

test('a count that cannot fit what is left is corrupt before anything is made of it', () => {
  assert.throws(() => over(0xff, 0xff, 0xff, 0xff, 0x0f, 1, 2, 3).count(1), isCorrupt);
  assert.equal(over(3, 1, 2, 3).count(1), 3);
  assert.throws(() => over(3, 1, 2, 3).count(2), isCorrupt);
});

test('a name that is not UTF-8 is corrupt, and no read passes the end', () => {
  assert.equal(over(2, 0xc3, 0xa4).name(), 'ä');
  assert.throws(() => over(2, 0xc3, 0x28).name(), isCorrupt);
  assert.throws(() => over(3, 0x61, 0x62).name(), isCorrupt);
  assert.throws(() => new Cursor(Uint8Array.from([1, 2, 3]), 0, 1).skip(2), isCorrupt);
});

test('an error names the offset', () => {
  const cursor = new Cursor(Uint8Array.from([0, 0, 0x80]), 2);
  assert.throws(() => cursor.u32(), /at byte 0x3/);
});
