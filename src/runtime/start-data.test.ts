// What is put into stores at the start is put there once, however many processes serve the app.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { defaultRuntimeConfig, type RuntimeConfig } from '../app/runtime-config/runtime-config.ts';
import { applyLastingData, dataOfEachProcess } from './start-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-start-data-'));
after(() => rmSync(folder, { recursive: true }));

const statement = (label: string, text: string) => ({ label, text, all: true });
const data = {
  keyValues: [['a', '1']] as const,
  sqliteStatements: [
    statement('default', 'CREATE TABLE t (v)'),
    statement('memory', 'CREATE TABLE u (v)'),
    statement('default', 'INSERT INTO t VALUES (5)'),
  ],
};
function config(state: string | undefined): RuntimeConfig {
  const given = defaultRuntimeConfig(state);
  const memory = { type: 'spin', path: undefined, allowAttachFile: false } as const;
  return { ...given, sqliteDatabases: new Map([...given.sqliteDatabases, ['memory', memory]]) };
}

test('what lasts is written once; each process keeps what it has in memory', async () => {
  const state = join(folder, 'state');
  const here = config(state);
  await applyLastingData(data, here);
  const keys = new DatabaseSync(join(state, 'sqlite_key_value.db'));
  assert.deepEqual({ ...keys.prepare('SELECT store, key FROM spin_key_value').get() }, { store: 'default', key: 'a' });
  keys.close();
  const rows = new DatabaseSync(join(state, 'sqlite_db.db'));
  assert.deepEqual({ ...rows.prepare('SELECT v FROM t').get() }, { v: 5 });
  rows.close();
  assert.deepEqual(dataOfEachProcess(data, here), { keyValues: [], sqliteStatements: [data.sqliteStatements[1]] });
});

test('without a folder nothing is written, and every process gets all', async () => {
  await applyLastingData(data, config(undefined));
  assert.deepEqual(dataOfEachProcess(data, config(undefined)), data);
});

test('statements for a database that is not there are a mistake, and no folder is made for it', async () => {
  const state = join(folder, 'none');
  const given = { keyValues: [], sqliteStatements: [statement('nope', 'SELECT 1')] };
  await assert.rejects(applyLastingData(given, config(state)), { code: 'service-start' });
  assert.equal(existsSync(state), false);
});

test('a server of somebody else lasts as well, and is not each process’s to fill', () => {
  const given = defaultRuntimeConfig(undefined);
  const redis = { type: 'redis', url: 'redis://127.0.0.1:1' } as const;
  const libsql = { type: 'libsql', url: 'http://127.0.0.1:1', token: '' } as const;
  const here = {
    ...given,
    keyValueStores: new Map([['default', redis]]),
    sqliteDatabases: new Map([['default', libsql]]),
  };
  assert.deepEqual(dataOfEachProcess(data, here), { keyValues: [], sqliteStatements: [] });
  assert.deepEqual(dataOfEachProcess({ keyValues: [['a', '1']], sqliteStatements: undefined }, given), {
    keyValues: [['a', '1']],
    sqliteStatements: undefined,
  });
});
