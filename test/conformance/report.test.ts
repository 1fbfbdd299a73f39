// A known failure needs a reason and is skipped, and one that passes fails the run.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseKnownFailures } from './known-failures.ts';
import { tally } from './report.ts';
import type { Case } from './suite.ts';

async function* cases(): AsyncIterable<Case> {
  yield { id: 'a:1', status: 'passed' };
  yield { id: 'a:2', status: 'failed', reason: 'new' };
  yield { id: 'a:3', status: 'failed', reason: 'old' };
  yield { id: 'a:4', status: 'passed' };
}

test('a known failure is skipped, and one that passes fails the run', async () => {
  const lines: string[] = [];
  const known = parseKnownFailures('# comment\n\na:3 not there yet\na:4 mended since\n');
  assert.deepEqual(await tally(cases(), known, (line) => lines.push(line)), { passed: 1, failed: 2, skipped: 1 });
  assert.deepEqual(lines, ['FAILED a:2: new', 'FAILED a:4: Passes, but is listed as a known failure: mended since']);
});

test('a known failure without a reason is refused', () => {
  assert.throws(() => parseKnownFailures('a:3\n'), /needs a reason/);
});
