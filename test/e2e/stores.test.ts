// Key-value stores and SQLite databases as a component meets them.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type App, load } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';
import { within } from '../support/within.ts';

let folder: string;
let app: App;

const component = (id: string, source: string, lines: string): string => `[[trigger.http]]
route = "/${id}/..."
component = "${id}"
[component.${id}]
source = ${JSON.stringify(source)}
${lines}
`;

before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-stores-'));
  const source = await guestPath('stores-c');
  const all = 'key_value_stores = ["default"]\nsqlite_databases = ["default"]';
  await writeFile(
    join(folder, 'spin.toml'),
    `spin_manifest_version = 2
[application]
name = "stores"
${component('a', source, all)}${component('b', source, all)}${component('none', source, '')}
[component.a.tool.mayfly.limits]
wall = "3s"
`,
  );
  app = await load(join(folder, 'spin.toml'));
});
after(async () => {
  await app.close();
  await rm(folder, { recursive: true });
});

async function ask(path: string, query: Record<string, string> = {}): Promise<string> {
  const response = await app.fetch(new Request(`http://localhost${path}?${new URLSearchParams(query)}`));
  return response.ok ? response.text() : String(response.status);
}

test('what one request sets, the next one finds, and so does another component', async () => {
  assert.equal(await ask('/a/get', { key: 'ä' }), 'none');
  assert.equal(await ask('/a/set', { key: 'ä', value: '1 & 2' }), 'set');
  assert.equal(await ask('/b/get', { key: 'ä' }), '1 & 2');
  assert.equal(await ask('/b/keys'), '1 ä');
  const counts = await Promise.all(Array.from({ length: 20 }, () => ask('/a/count', { key: 'n' })));
  assert.deepEqual(
    counts.map(Number).sort((x, y) => x - y),
    Array.from({ length: 20 }, (_, index) => index + 1),
  );
});

test('a component without a permission has none', async () => {
  assert.equal(await ask('/none/get'), 'error 2 ');
  assert.equal(await ask('/none/count'), 'error 1 ');
  assert.equal(await ask('/none/sql'), 'error 1 ');
  assert.equal(await ask('/a/get', { label: 'other' }), 'error 2 ');
  assert.equal(await ask('/a/sql', { label: 'other' }), 'error 1 ');
});

test('statements, and what they give', { timeout: 60_000 }, async () => {
  assert.equal(await ask('/a/sql', { text: 'CREATE TABLE t (id INTEGER PRIMARY KEY, v)' }), 'no rows');
  const injection = "'); DROP TABLE t; --";
  assert.equal(await ask('/a/sql', { text: 'INSERT INTO t (v) VALUES (?)', value: injection }), 'no rows');
  assert.equal(await ask('/b/sql', { text: 'SELECT v FROM t WHERE id = 1' }), `text ${injection}`);
  assert.equal(await ask('/b/sql', { text: 'SELECT 9223372036854775807' }), 'integer 9223372036854775807');
  assert.equal(await ask('/b/sql', { text: 'SELECT zeroblob(100000)' }), 'blob of 100000');
  assert.equal(await ask('/b/sql', { text: 'selct 1' }), 'error 4 near "selct": syntax error in selct 1 at offset 0');
});

test('a guest that ends in the middle of a transaction leaves none', { timeout: 60_000 }, async () => {
  await ask('/a/sql', { text: 'CREATE TABLE held (v)' });
  assert.equal(await ask('/a/hold', { text: 'INSERT INTO held VALUES (1)' }), '500');
  assert.equal(await ask('/a/sql', { text: 'INSERT INTO held VALUES (2)' }), 'no rows');
  assert.equal(await ask('/b/sql', { text: 'SELECT v FROM held' }), 'integer 2');
});

test('a statement that does not end is ended with its request, and others are served meanwhile', {
  timeout: 60_000,
}, async () => {
  const text = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';
  const runaway = ask('/a/sql', { text });
  for (let count = 0; count < 20; count++) assert.equal(await ask('/b/sql', { text: 'SELECT 5' }), 'integer 5');
  assert.equal(await within(runaway, 'the end of the statement'), '504');
});
