// What people read when a memory or table starts above the cap.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { capLimits } from './rewrite-limits.ts';

const limits = { min: 10n, max: undefined, shared: false, is64: false, pageSizeLog2: undefined };

test('the maximum is capped, never raised, and a start above the cap is refused in its unit', () => {
  assert.equal(capLimits(limits, undefined, 'memory 0'), limits);
  assert.equal(capLimits(limits, 10, 'memory 0').max, 10n);
  assert.equal(capLimits({ ...limits, max: 12n }, 20, 'memory 0').max, 12n);
  assert.equal(capLimits({ ...limits, max: 21n }, 20, 'memory 0').max, 20n);
  assert.throws(() => capLimits(limits, 9, 'memory 0'), /Start with memory 0 of 10 pages: the limit is 9/);
  assert.throws(() => capLimits(limits, 9, 'table 1'), /Start with table 1 of 10 elements: the limit is 9/);
});
