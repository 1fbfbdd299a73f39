// docs/web-apis.md says of every row what its checks find in the engines.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pageOf, said, workerdFindings } from './web-apis/page.ts';
import { engines, findings } from './web-apis/run.ts';

const page = new URL('../../docs/web-apis.md', import.meta.url);

test('the page has what was found', { timeout: 120_000 }, async () => {
  const found = await findings(engines);
  assert.deepEqual([...found.keys()], [...engines]);
  const rows = new Set([...found.values()].flat().map(({ group, row }) => `${group}/${row}`));
  assert.ok(rows.size >= 120, `only ${rows.size} rows`);
  for (const { row, check, ok, got, error } of [...found.values()].flat()) {
    if (ok) continue;
    assert.equal(got, undefined, `${row}, ${check} is wrong without a word`);
    assert.match(
      said({ group: '', row, check, ok, ...(error && { error }) }),
      /: .{20}/,
      `${row}, ${check} says too little`,
    );
  }
  assert.equal(
    readFileSync(page, 'utf8'),
    pageOf(found, workerdFindings()),
    'Run `node test/scripts/web-apis/page.ts`, and look at what has changed',
  );
});
