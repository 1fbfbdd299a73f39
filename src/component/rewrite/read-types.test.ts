// The types of a core module are read in every form that the format has.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Cursor } from './cursor.ts';
import { readLimits, readValType } from './read-types.ts';

const over = (...bytes: number[]): Cursor => new Cursor(Uint8Array.from(bytes));
const corrupt = { code: 'component-corrupt' };

test('the short names of references, from the first to the last, and none beside them', () => {
  for (let code = 0x68; code <= 0x75; code++) {
    const cursor = over(code);
    const type = readValType(cursor);
    assert.ok(cursor.done);
    if (typeof type !== 'string') assert.deepEqual([...type.ref], [code]);
  }
  for (const code of [0x00, 0x62, 0x65, 0x67, 0x76, 0x77, 0x80]) assert.throws(() => readValType(over(code)), corrupt);
});

test('references with a heap type, nullable or not, are kept as they stand', () => {
  for (const bytes of [
    [0x63, 0x70],
    [0x64, 0x00],
    [0x64, 0xff, 0x01],
  ]) {
    const cursor = over(...bytes);
    const type = readValType(cursor);
    assert.ok(cursor.done && typeof type !== 'string');
    assert.deepEqual([...type.ref], bytes);
  }
  for (const bytes of [[0x63], [0x64, 0x80], [0x64, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00]]) {
    assert.throws(() => readValType(over(...bytes)), corrupt);
  }
});

test('limits: each flag says what follows', () => {
  const none = { min: 1n, max: undefined, shared: false, is64: false, pageSizeLog2: undefined };
  assert.deepEqual(readLimits(over(0, 1)), none);
  assert.deepEqual(readLimits(over(1, 1, 2)), { ...none, max: 2n });
  assert.deepEqual(readLimits(over(3, 1, 2)), { ...none, max: 2n, shared: true });
  const large = [0x80, 0x80, 0x80, 0x80, 0x80, 0x01];
  assert.deepEqual(readLimits(over(4, ...large)), { ...none, min: 2n ** 35n, is64: true });
  assert.deepEqual(readLimits(over(5, 1, ...large)), { ...none, max: 2n ** 35n, is64: true });
  assert.throws(() => readLimits(over(0, ...large)), corrupt);
  assert.equal(readLimits(over(8, 1, 0)).pageSizeLog2, 0);
  assert.throws(() => readLimits(over(0x10, 1)), corrupt);
});
