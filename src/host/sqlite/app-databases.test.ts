// Labels stand for databases: those with one file or server share it, those without a file have one each.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import type { SqliteDatabaseConfig } from '../../app/runtime-config/runtime-config.ts';
import { AppDatabases } from './app-databases.ts';
import { rowsOf } from './backends/database.contract.ts';

test('what is one file is one database, and what has none is apart from all others', async (t) => {
  const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-labels-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, allowAttachFile = false): SqliteDatabaseConfig => ({
    type: 'spin',
    path: path.join(folder, name),
    allowAttachFile,
  });
  const none: SqliteDatabaseConfig = { type: 'spin', path: undefined, allowAttachFile: false };
  const server = (url: string): SqliteDatabaseConfig => ({ type: 'libsql', url, token: '' });
  const databases = new AppDatabases(
    new Map([
      ['a', file('a.db')],
      ['again', file('a.db')],
      ['attaching', file('a.db', true)],
      ['b', file('b.db')],
      ['one', none],
      ['two', none],
      ['here', server('http://127.0.0.1:1')],
      ['too', server('http://127.0.0.1:1')],
      ['there', server('http://127.0.0.1:2')],
    ]),
  );
  const get = async (label: string) => databases.get(label);
  const [a, again, attaching, b, one, two] = await Promise.all(['a', 'again', 'attaching', 'b', 'one', 'two'].map(get));
  assert.ok(a && one && two);
  assert.equal(a, again);
  assert.equal(new Set([a, attaching, b, one, two]).size, 5);
  assert.equal(await get('here'), await get('too'));
  assert.notEqual(await get('here'), await get('there'));
  assert.equal(databases.get('a'), a, 'a second time it is there at once');
  assert.equal(databases.get('none'), undefined);
  assert.deepEqual([databases.has('a'), databases.has('none')], [true, false]);
  await one.start('CREATE TABLE t (a); INSERT INTO t VALUES (1)', true);
  const session = two.session();
  await assert.rejects(async () => rowsOf(session.connect(), 'SELECT * FROM t'), { message: /no such table/ });
  session.close();
  await databases.close();
  for (const closed of [a, one]) {
    const over = closed.session();
    await assert.rejects(async () => rowsOf(over.connect(), 'SELECT 1'), { message: 'the database is closed' });
    over.close();
  }
});
