// docs/web-apis.md says of every row what its checks find in the engines.
import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { test } from 'node:test';
import { engineFile } from '../../src/script/engine/engine-file.ts';
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

test('the engine stays small, and has the licences of what is in it', async () => {
  const file = await engineFile('quickjs');
  assert.ok(statSync(file).size < 5_500_000, 'Is it tables, or texts of functions? See sdk/engine/lean.mjs');
  const bytes = readFileSync(file);
  for (const name of ['@noble/curves@', 'fflate@', 'web-streams-polyfill@', 'componentize-qjs@'])
    assert.ok(bytes.includes(name), name);
});
