// docs/web-apis.md says of every row what its checks find in the engines.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { pageOf, workerdFindings } from './web-apis/page.ts';
import { engines, findings } from './web-apis/run.ts';

const page = new URL('../../docs/web-apis.md', import.meta.url);

test('the page has what was found', { timeout: 120_000 }, async () => {
  const found = await findings(engines);
  assert.deepEqual([...found.keys()], [...engines]);
  const rows = new Set([...found.values()].flat().map(({ group, row }) => `${group}/${row}`));
  assert.ok(rows.size >= 120, `only ${rows.size} rows`);
  assert.equal(
    readFileSync(page, 'utf8'),
    pageOf(found, workerdFindings()),
    'Run `node test/scripts/web-apis/page.ts`, and look at what has changed',
  );
});
