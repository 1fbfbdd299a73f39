// Pages that cost more to copy than to fault in are given up, and a steady guest is left in peace.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createTrimState, shouldTrim } from './trim.ts';

/** The resets, counted from 1, at which the pages are given up. */
function trims(privatePages: readonly number[]): number[] {
  const state = createTrimState();
  return privatePages.flatMap((pages, index) => (shouldTrim(state, pages) ? [index + 1] : []));
}

test('a steady guest is looked at less and less often', () => {
  assert.deepEqual(trims(new Array(5000).fill(11)), [8, 8 + 64, 8 + 64 + 512, 8 + 64 + 512 + 4096]);
});

test('pages that one request touched are given up when copying them has cost as much as faults would', () => {
  const [first] = trims([11, 11, 11, 411, 411, 411, 411, 411]);
  assert.equal(first, 4);
});

test('a few more pages than at first are no reason', () => {
  assert.deepEqual(trims(new Array(60).fill(0).map((_, index) => 36 + (index % 4))), [8]);
});

test('a guest that touches nothing is never in the way', () => {
  assert.deepEqual(trims(new Array(7).fill(0)), []);
});
