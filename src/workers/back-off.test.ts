// Workers that die again and again are restarted ever later, up to a limit.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createBackOff } from './back-off.ts';

test('the first death is free, then the delay doubles up to the limit', () => {
  const backOff = createBackOff({ firstMs: 100, mostMs: 1000, wellAfterMs: 5000 });
  const delays = [0, 10, 0, 0, 0, 0, 4999].map((lived) => backOff.next(lived));
  assert.deepEqual(delays, [0, 100, 200, 400, 800, 1000, 1000]);
});

test('a worker that was well makes the count start anew', () => {
  const backOff = createBackOff({ firstMs: 100, mostMs: 1000, wellAfterMs: 5000 });
  const delays = [0, 0, 0, 5000, 0].map((lived) => backOff.next(lived));
  assert.deepEqual(delays, [0, 100, 200, 0, 100]);
});
