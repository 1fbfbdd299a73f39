// The limits of a sandbox have their defaults, and bytes become whole pages.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { defaultLimits, maximumPages } from './limits.ts';

test('the defaults of a sandbox', () => {
  assert.partialDeepStrictEqual(defaultLimits, {
    memoryBytes: 268_435_456,
    cpuSliceMs: 2_000,
    cpuMs: 10_000,
    wallMs: 600_000,
    tableElements: 1_000_000,
    handles: 100_000,
    concurrency: 10_000,
    queueLength: 1_000,
    queueMs: 10_000,
  });
});

test('pages: as many as fit whole, and no more than addresses of 32 bits reach', () => {
  const pages = (memoryBytes: number): number => maximumPages({ ...defaultLimits, memoryBytes });
  assert.deepEqual([0, 65_535, 65_536, 131_071, 131_072].map(pages), [0, 0, 1, 1, 2]);
  assert.deepEqual([2 ** 32, 2 ** 33].map(pages), [65_536, 65_536]);
});
