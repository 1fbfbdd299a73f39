// Runs of zero pages in an image are found, joined, at any offset.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gapsBetween, nonZeroRuns } from './zero-runs.ts';

test('runs are whole pages, joined', () => {
  const bytes = new Uint8Array(10 * 16);
  bytes[16] = 1;
  bytes[47] = 1;
  bytes[159] = 1;
  const runs = nonZeroRuns(bytes, 16);
  assert.deepEqual(runs, [
    { start: 16, end: 48 },
    { start: 144, end: 160 },
  ]);
  assert.deepEqual(gapsBetween(runs, 160), [
    { start: 0, end: 16 },
    { start: 48, end: 144 },
  ]);
});

test('all zero, nothing zero, nothing at all', () => {
  assert.deepEqual(nonZeroRuns(new Uint8Array(64), 16), []);
  assert.deepEqual(gapsBetween([], 64), [{ start: 0, end: 64 }]);
  assert.deepEqual(nonZeroRuns(new Uint8Array(64).fill(1), 16), [{ start: 0, end: 64 }]);
  assert.deepEqual(gapsBetween([{ start: 0, end: 64 }], 64), []);
  assert.deepEqual(nonZeroRuns(new Uint8Array(0), 16), []);
});

test('a view into a larger buffer, with a last page that is not full', () => {
  const whole = new Uint8Array(100).fill(9);
  const view = whole.subarray(3, 3 + 40);
  view.fill(0);
  view[39] = 1;
  assert.deepEqual(nonZeroRuns(view, 16), [{ start: 32, end: 40 }]);
});
