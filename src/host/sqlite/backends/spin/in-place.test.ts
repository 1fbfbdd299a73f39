// Statements run in place as long as they are short for certain: each bound is reached here, and exceeded by one.
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import * as sqlite from 'node:sqlite';
import { after, test } from 'node:test';
import type { SqlValue } from '../../database.ts';
import { InPlace, type Written } from './in-place.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-in-place-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;

const prepared: string[] = [];
class CountingDatabase extends sqlite.DatabaseSync {
  override prepare(text: string): sqlite.StatementSync {
    prepared.push(text);
    return super.prepare(text);
  }
}
const counting = { ...sqlite, DatabaseSync: CountingDatabase } as unknown as typeof sqlite;

const nothing = (): Written => ({ rowid: 0n, changes: 0n, total: 0n });

/** A file that `schema` was run in, as another process would have done. */
function opened(schema = '') {
  const file = path.join(folder, `${files++}.db`);
  const outside = new sqlite.DatabaseSync(file, { limits: { sqlLength: 1_000_000 } });
  outside.exec(schema);
  const inPlace = new InPlace(counting, file);
  return {
    outside,
    inPlace,
    rows: (text: string, ...values: SqlValue[]) =>
      inPlace.run(text, values, nothing())?.rows.map((row) => Array.from(row)),
    close() {
      inPlace.close();
      outside.close();
    },
  };
}

test('values, patterns, texts and columns: at the bound in place, beyond it not', () => {
  const { rows, close } = opened();
  const blob = (bytes: number) => rows('SELECT length(?)', new Uint8Array(bytes));
  assert.deepEqual([blob(262_144), blob(262_145)], [[[262_144n]], undefined]);
  const doubled = (bytes: number) => rows('SELECT length(? || ?)', 'x'.repeat(bytes / 2), 'x'.repeat(bytes / 2));
  assert.deepEqual([doubled(262_144), doubled(262_146)], [[[262_144n]], undefined]);
  const like = (length: number) => rows("SELECT 'a' LIKE ?", `a${'%'.repeat(length - 1)}`);
  assert.deepEqual([like(100), like(101)], [[[1n]], undefined]);
  const longText = (length: number) => rows(`SELECT 1${' '.repeat(length - 8)}`);
  assert.deepEqual([longText(4096), longText(4097)], [[[1n]], undefined]);
  const columns = (count: number) => rows(`SELECT ${Array(count).fill(1).join()}`)?.[0]?.length;
  assert.deepEqual([columns(64), columns(65)], [64, undefined]);
  close();
});

test('a file may be walked over as long as it is small, and rows have keys in one that is not', () => {
  const { rows, outside, close } = opened('CREATE TABLE t (id INTEGER PRIMARY KEY, v)');
  const pages = (): number => Number(outside.prepare('PRAGMA page_count').get()?.page_count);
  const fillTo = (count: number): void => {
    while (pages() < count) outside.exec('INSERT INTO t (v) VALUES (zeroblob(3000))');
  };
  fillTo(128);
  assert.equal(rows('SELECT count(*) FROM t')?.length, 1);
  fillTo(129);
  assert.equal(rows('SELECT count(*) FROM t'), undefined);
  assert.deepEqual(rows('SELECT id FROM t WHERE id = 3'), [[3n]]);
  close();
});

test('a schema that takes long to read, and what hides work in it, is for another place', () => {
  const half = (name: string, bytes: number): string => {
    const [begin, end] = [`CREATE TABLE ${name} (a /* `, ' */)'];
    return `${begin}${'x'.repeat(bytes - begin.length - end.length)}${end}`;
  };
  const tables = (bytes: number): string => `${half('t', 131_072)};${half('u', bytes - 131_072)}`;
  const small = opened(tables(262_144));
  assert.deepEqual(small.rows('SELECT 1'), [[1n]]);
  small.close();
  for (const schema of [
    tables(262_145),
    'CREATE VIEW v AS SELECT 1',
    'CREATE TABLE t (a); CREATE TRIGGER r AFTER INSERT ON t BEGIN SELECT 1; END',
    'CREATE VIRTUAL TABLE f USING fts5 (a)',
  ]) {
    const { rows, close } = opened(schema);
    assert.equal(rows('SELECT 1'), undefined, schema.slice(0, 50));
    close();
  }
});

test('what could be long to prepare, belongs to a connection, or is no usual statement is not even tried', () => {
  const { rows, close } = opened('CREATE TABLE t (a)');
  prepared.length = 0;
  for (const text of [
    'WITH x AS (SELECT 1) SELECT * FROM x',
    'SELECT * FROM temp.t',
    'SELECT * FROM pragma_table_info(1)',
    'SELECT * FROM sqlite_schema',
    'SELECT * FROM mayfly_last',
    'PRAGMA user_version',
    'BEGIN',
    'CREATE TABLE u (a)',
    'EXPLAIN SELECT 1',
    '',
  ]) {
    assert.equal(rows(text), undefined, text);
  }
  assert.deepEqual(prepared, []);
  for (const text of [' select 1', 'SELECT 1', '\n\tSelect 1']) assert.deepEqual(rows(text), [[1n]]);
  for (const text of ['insert into t values (1)', 'replace into t values (1)', 'update t set a = 2', 'delete from t']) {
    assert.deepEqual(rows(text), [], text);
  }
  close();
});

test('what a statement was found to be is kept: of five hundred, and of no more', () => {
  const { rows, close } = opened();
  const text = (index: number): string => `SELECT ${index}`;
  for (let index = 0; index < 500; index++) rows(text(index));
  prepared.length = 0;
  assert.deepEqual(rows(text(0)), [[0n]]);
  assert.deepEqual(rows(text(499)), [[499n]]);
  assert.deepEqual(prepared, []);
  rows(text(500));
  prepared.length = 0;
  rows(text(500));
  assert.deepEqual(prepared, []);
  rows(text(0));
  assert.deepEqual(prepared, ['SELECT 0', 'EXPLAIN SELECT 0']);
  close();
});

test('an INSERT into a table with AUTOINCREMENT walks over nothing, however large the file is', () => {
  const { rows, outside, close } = opened('CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v)');
  for (let count = 0; count < 200; count++) outside.exec('INSERT INTO t (v) VALUES (zeroblob(3000))');
  assert.deepEqual(rows('INSERT INTO t (v) VALUES (?)', 1n), []);
  assert.deepEqual(rows('SELECT v FROM t WHERE id = 201'), [[1n]]);
  close();
});

test('what one connection wrote, its functions tell, and those of no other', () => {
  const { inPlace, close } = opened('CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE, b)');
  const [one, two] = [nothing(), nothing()];
  const told = (written: Written) =>
    Array.from(inPlace.run('SELECT last_insert_rowid(), changes(), total_changes()', [], written)?.rows[0] ?? []);
  inPlace.run('INSERT INTO t VALUES (7, 1, 0), (9, 2, 0)', [], one);
  inPlace.run('UPDATE t SET b = 1', [], one);
  inPlace.run('DELETE FROM t WHERE id = 9', [], one);
  assert.deepEqual(told(one), [9n, 1n, 5n]);
  assert.deepEqual(told(two), [0n, 0n, 0n]);
  inPlace.run('INSERT INTO t (a, b) VALUES (1, 0) ON CONFLICT (a) DO UPDATE SET b = 2', [], two);
  assert.deepEqual(told(two), [0n, 1n, 1n]);
  inPlace.run('INSERT OR IGNORE INTO t VALUES (30, 1, 0)', [], two);
  assert.deepEqual(told(two), [0n, 0n, 1n]);
  assert.deepEqual(Array.from(inPlace.run('INSERT INTO t VALUES (30, 3, 0) RETURNING id', [], two)?.rows[0] ?? []), [
    30n,
  ]);
  assert.deepEqual([told(two), two], [[30n, 1n, 2n], { rowid: 30n, changes: 1n, total: 2n }]);
  inPlace.run('INSERT INTO t (a, b) VALUES (3, 0) ON CONFLICT (a) DO UPDATE SET b = 3', [], two);
  assert.equal(two.rowid, 30n);
  close();
});

test('an error of a reading statement is for a runner, one of a writing statement is told at once', () => {
  const { rows, close } = opened('CREATE TABLE t (a UNIQUE CHECK (a < 9))');
  assert.equal(rows('SELECT abs(-9223372036854775807 - 1)'), undefined);
  assert.throws(() => rows('INSERT INTO t VALUES (abs(-9223372036854775807 - 1))'), { message: 'integer overflow' });
  assert.throws(() => rows('INSERT INTO t VALUES (9)'), {
    name: 'SqlFault',
    message: 'CHECK constraint failed: a < 9',
  });
  assert.throws(() => rows('SELECT ?'), { name: 'SqlFault', message: /^Wrong number of parameters/ });
  assert.throws(() => rows('SELECT nope'), { message: 'no such column: nope in SELECT nope at offset 7' });
  assert.throws(() => rows('SELECT nope'), { message: /^no such column/ }, 'a mistake is told again');
  assert.deepEqual(rows('SELECT 1'), [[1n]], 'nothing is left under way');
  close();
});

test('texts may stand in double quotes, and the file keeps its log beside it', () => {
  const { rows, outside, close } = opened();
  assert.deepEqual(rows('SELECT "a text"'), [['a text']]);
  assert.equal(outside.prepare('PRAGMA journal_mode').get()?.journal_mode, 'wal');
  close();
});

test('a file that is no database is not kept open', { skip: process.platform !== 'linux' }, () => {
  const file = path.join(folder, 'none.db');
  writeFileSync(file, 'this is no database. '.repeat(100));
  assert.throws(() => new InPlace(sqlite, file), /not a database/);
  const links = readdirSync('/proc/self/fd').flatMap((fd) => {
    try {
      return [readlinkSync(`/proc/self/fd/${fd}`)];
    } catch {
      return []; // That of the list itself.
    }
  });
  assert.ok(!links.includes(file));
});
