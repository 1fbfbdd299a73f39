// The database file of Spin passes the contract of all backends, and does what only a file can.
import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { within } from '../../../../test/support/within.ts';
import type { Connection, Database, Query, RowPiece } from '../database.ts';
import { all, databaseContract, patientCaller, rowsOf } from './database.contract.ts';
import { spinDatabase } from './spin.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-sqlite-test-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = (): string => path.join(folder, `${files++}`, 'deep', 'sqlite_db.db');
const open = (file: string | undefined = freshPath(), allowAttachFile = false): Promise<Database> =>
  spinDatabase({ path: file, allowAttachFile });

databaseContract('spin', () => open());
databaseContract(
  'spin, in a runner',
  () => open(),
  (connection) => all(connection, 'PRAGMA user_version'),
);
databaseContract('spin, without a file', () => spinDatabase({ path: undefined, allowAttachFile: false }));

/** A connection, in place and in a runner. */
async function both(database: Database, run: (connection: Connection, where: string) => Promise<void>): Promise<void> {
  const session = database.session();
  await run(session.connect(), 'in place');
  const moved = session.connect();
  await all(moved, 'PRAGMA user_version');
  await run(moved, 'in a runner');
  session.close();
}

const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n';

test('errors have the texts of Spin, in place and in a runner', async () => {
  const database = await open();
  const setUp = database.session();
  await all(setUp.connect(), 'CREATE TABLE t (a, b)');
  setUp.close();
  await both(database, async (connection, where) => {
    for (const [statement, parameters, message] of [
      ['selct 1', [], 'near "selct": syntax error in selct 1 at offset 0'],
      ['select nope from t', [], 'no such column: nope in select nope from t at offset 7'],
      ["select 'ä', nope from t", [], "no such column: nope in select 'ä', nope from t at offset 13"],
      ['select a from from t', [], 'near "from": syntax error in select a from from t at offset 14'],
      ['select', [], 'incomplete input'],
      ['', [], 'bad parameter or other API misuse'],
      ['-- nothing', [], 'bad parameter or other API misuse'],
      ['select ?, ?', [1n], 'Wrong number of parameters passed to query. Got 1, needed 2'],
      ['select 1', [1n], 'Wrong number of parameters passed to query. Got 1, needed 0'],
      ["ATTACH '/tmp/other.db' AS other", [], 'not authorized'],
      ['ATTACH ? AS other', ['/tmp/other.db'], 'not authorized'],
      ["VACUUM INTO '/tmp/mayfly-vacuum.db'", [], 'not authorized'],
      ["select load_extension('x')", [], 'not authorized'],
      ["PRAGMA temp_store_directory = '/tmp'", [], 'not authorized'],
    ] as const) {
      await assert.rejects(
        async () => all(connection, statement, ...parameters),
        (error: Error) => error.name === 'SqlFault' && error.message === message,
        `${where}: ${statement}`,
      );
    }
    assert.equal(existsSync('/tmp/mayfly-vacuum.db'), false);
    await all(connection, "ATTACH ':memory:' AS scratch");
    await all(connection, "ATTACH '' AS passing");
    assert.deepEqual(await rowsOf(connection, 'SELECT "a text"'), [['a text']], where);
    await all(connection, 'VACUUM');
    assert.deepEqual(await rowsOf(connection, 'PRAGMA foreign_keys'), [[1n]]);
  });
  await database.close();
});

test('another file may be attached where the runtime configuration allows it', async () => {
  const database = await open(undefined, true);
  const session = database.session();
  await all(session.connect(), 'ATTACH ? AS other', path.join(folder, 'attached.db'));
  session.close();
  await database.close();
});

test('parameters are bound by position, whatever they are called', async () => {
  const database = await open();
  await both(database, async (connection) => {
    const values = ['1', '2', '3', '4'];
    assert.deepEqual(await rowsOf(connection, 'SELECT ?2, ?1, :a, @b', ...values), [['2', '1', '3', '4']]);
    assert.deepEqual(await rowsOf(connection, 'SELECT $c, ?, :a, $c', '1', '2', '3'), [['1', '2', '3', '1']]);
    assert.deepEqual(await rowsOf(connection, 'SELECT \'?\', "x:y", ? -- ? :a\n, ? /* ? */', '1', '2'), [
      ['?', 'x:y', '1', '2'],
    ]);
    assert.deepEqual(await rowsOf(connection, 'SELECT ?; SELECT ?', Uint8Array.of(1)), [[Uint8Array.of(1)]]);
    assert.deepEqual(await rowsOf(connection, 'SELECT ?', null), [[null]]);
  });
  await database.close();
});

test('a statement that does not end is ended with its request, and holds nobody up', { timeout: 60_000 }, async () => {
  const database = await open();
  const session = database.session();
  const connection = session.connect();
  await all(connection, 'CREATE TABLE t (a)');
  await all(connection, 'BEGIN');
  await all(connection, 'INSERT INTO t VALUES (1)');
  const controller = new AbortController();
  const runaway = Promise.resolve(connection.query(endless, [], patientCaller(controller.signal)));
  await delay(100);
  const other = database.session();
  const neighbour = other.connect();
  assert.deepEqual(await rowsOf(neighbour, 'SELECT count(*) FROM t'), [[0n]]);
  await all(neighbour, 'PRAGMA user_version');
  controller.abort(new Error('gone'));
  await assert.rejects(within(runaway, 'the end of the statement'), { message: 'gone' });
  await assert.rejects(async () => all(connection, 'SELECT 1'), { name: 'SqlFault' }, 'the connection went with it');
  session.close();
  await all(neighbour, 'INSERT INTO t VALUES (2)');
  assert.deepEqual(await rowsOf(neighbour, 'SELECT a FROM t'), [[2n]], 'what it had begun is taken back');
  other.close();
  await database.close();
});

test('a request that is over leaves nothing to the next', { timeout: 60_000 }, async () => {
  const database = await open();
  const first = database.session();
  const one = first.connect();
  await all(one, 'CREATE TABLE t (id INTEGER PRIMARY KEY, a)');
  await all(one, 'INSERT INTO t VALUES (77, 1)');
  await all(one, 'CREATE TEMP TABLE mine (a)');
  await all(one, 'PRAGMA foreign_keys = OFF');
  await all(one, 'BEGIN');
  await all(one, 'INSERT INTO t VALUES (78, 1)');
  first.close();
  const second = database.session();
  const two = second.connect();
  assert.deepEqual(await rowsOf(two, 'SELECT last_insert_rowid(), changes(), total_changes()'), [[0n, 0n, 0n]]);
  assert.equal(await two.lastInsertRowid(patientCaller()), 0n);
  await all(two, 'UPDATE t SET a = 2');
  assert.equal(await two.lastInsertRowid(patientCaller()), 0n);
  await assert.rejects(async () => all(two, 'SELECT * FROM temp.mine'), { message: /no such table: temp\.mine/ });
  assert.deepEqual(
    await rowsOf(two, 'SELECT * FROM mayfly_last').catch((error: Error) => error.message),
    'no such table: mayfly_last',
  );
  assert.deepEqual(await rowsOf(two, 'PRAGMA foreign_keys'), [[1n]]);
  assert.deepEqual(await rowsOf(two, 'SELECT id FROM t'), [[77n]]);
  second.close();
  await database.close();
});

test('a connection that was closed takes no more statements, wherever they would run', {
  timeout: 60_000,
}, async () => {
  const database = await open();
  const session = database.session();
  const [here, there] = [session.connect(), session.connect()];
  await all(here, 'SELECT 1');
  await all(there, 'CREATE TEMP TABLE mine (a)');
  for (const connection of [here, there]) {
    connection.close();
    await new Promise((resolve) => setTimeout(resolve, 50));
    for (const text of ['SELECT 1', 'CREATE TEMP TABLE other (a)']) {
      await assert.rejects(async () => all(connection, text), { message: 'the connection is closed' }, text);
    }
  }
  session.close();
  await database.close();
});

test('a connection that was closed in the middle of a statement is not handed on with its runner', {
  timeout: 60_000,
}, async () => {
  const database = await open();
  for (const drop of [true, false]) {
    const session = database.session();
    const connection = session.connect();
    await all(connection, 'PRAGMA user_version');
    const runaway = Promise.resolve(connection.query(endless, [], patientCaller()));
    if (drop) connection.close();
    session.close();
    await assert.rejects(within(runaway, 'the end of the statement', 10), { name: 'SqlFault' });
    const next = database.session();
    const started = performance.now();
    await all(next.connect(), 'PRAGMA user_version');
    assert.ok(performance.now() - started < 10_000);
    next.close();
  }
  await database.close();
});

test('a request has its own rowid and changes when its connection moves', async () => {
  const database = await open();
  const session = database.session();
  const connection = session.connect();
  await all(connection, 'CREATE TABLE t (id INTEGER PRIMARY KEY, a)');
  const other = session.connect();
  await all(other, 'INSERT INTO t VALUES (5, 1), (6, 1), (9, 1)');
  await all(other, 'PRAGMA user_version');
  assert.deepEqual(await rowsOf(other, 'WITH x AS (SELECT 1) SELECT last_insert_rowid(), changes() FROM x'), [
    [9n, 3n],
  ]);
  session.close();
  await database.close();
});

test('changes without an insertion are known where the connection moves to', async () => {
  const database = await open();
  const session = database.session();
  await all(session.connect(), 'CREATE TABLE t (id INTEGER PRIMARY KEY, a)');
  await all(session.connect(), 'INSERT INTO t VALUES (1, 1), (2, 2), (3, 3)');
  const connection = session.connect();
  await all(connection, 'UPDATE t SET a = 0');
  assert.deepEqual(await rowsOf(connection, 'WITH x AS (SELECT 1) SELECT changes(), last_insert_rowid() FROM x'), [
    [3n, 0n],
  ]);
  session.close();
  await database.close();
});

test('a schema that changes under a statement that was proved short is seen', async () => {
  const file = freshPath();
  const database = await open(file);
  const session = database.session();
  const connection = session.connect();
  await all(connection, 'CREATE TABLE t (id INTEGER PRIMARY KEY, a)');
  await all(connection, 'CREATE TABLE seen (a)');
  await all(session.connect(), 'INSERT INTO t VALUES (1, 1)');
  const fresh = session.connect();
  assert.deepEqual(await rowsOf(fresh, 'SELECT * FROM t WHERE id = 1'), [[1n, 1n]]);
  const outside = new DatabaseSync(file);
  outside.exec('ALTER TABLE t ADD COLUMN b DEFAULT 7');
  outside.exec(`CREATE TRIGGER long AFTER INSERT ON t BEGIN INSERT INTO seen VALUES (new.id); END`);
  outside.close();
  assert.deepEqual((await all(fresh, 'SELECT * FROM t WHERE id = 1')).columns, ['id', 'a', 'b']);
  await all(fresh, 'INSERT INTO t (id) VALUES (2)');
  assert.deepEqual(await rowsOf(fresh, 'SELECT a FROM seen'), [[2n]]);
  session.close();
  await database.close();
});

test('a lock of another process is waited for without holding the thread', { timeout: 60_000 }, async () => {
  const file = freshPath();
  const database = await open(file);
  await both(database, async (connection) => {
    await all(connection, 'CREATE TABLE IF NOT EXISTS t (a)');
    // A runner may not have let go of the file yet.
    const outside = new DatabaseSync(file, { timeout: 5000 });
    outside.exec('BEGIN IMMEDIATE');
    const writing = all(connection, 'INSERT INTO t VALUES (1)');
    await delay(50);
    outside.exec('COMMIT');
    outside.close();
    await writing;
  });
  const outside = new DatabaseSync(file, { timeout: 5000 });
  outside.exec('BEGIN IMMEDIATE');
  const session = database.session();
  await assert.rejects(all(session.connect(), 'INSERT INTO t VALUES (1)'), {
    name: 'SqlFault',
    message: 'database is locked',
  });
  outside.close();
  session.close();
  await database.close();
});

test('more requests than there are runners wait for each other', { timeout: 60_000 }, async () => {
  const database = await open();
  const answers = Array.from({ length: 12 }, async () => {
    const session = database.session();
    const rows = await rowsOf(session.connect(), 'WITH x AS (SELECT 1) SELECT * FROM x');
    session.close();
    return rows;
  });
  for (const answer of await Promise.all(answers)) assert.deepEqual(answer, [[1n]]);
  const sessions = Array.from({ length: 8 }, () => database.session());
  for (const session of sessions) await all(session.connect(), 'BEGIN');
  const controller = new AbortController();
  const waiting = database.session().connect().query('BEGIN', [], patientCaller(controller.signal));
  controller.abort(new Error('gone'));
  await assert.rejects(Promise.resolve(waiting), { message: 'gone' });
  for (const session of sessions) session.close();
  await database.close();
});

test('large values and large files take the long way, with the same results', { timeout: 60_000 }, async () => {
  const database = await open();
  const session = database.session();
  const connection = session.connect();
  await all(connection, 'CREATE TABLE t (id INTEGER PRIMARY KEY AUTOINCREMENT, v)');
  const large = Buffer.alloc(10_000_000, 1);
  const fresh = session.connect();
  await all(fresh, 'INSERT INTO t (v) VALUES (?)', large);
  const reader = session.connect();
  const [[value] = []] = await rowsOf(reader, 'SELECT v FROM t WHERE id = 1');
  assert.ok(value instanceof Uint8Array && large.equals(value));
  assert.deepEqual(await rowsOf(session.connect(), 'SELECT id, length(v) FROM t'), [[1n, 10_000_000n]]);
  session.close();
  await database.close();
});

test('a file that is no database, and one that cannot be made, are told to the guest', async () => {
  const file = path.join(folder, 'text.db');
  writeFileSync(file, 'this is no database, whatever its name says. '.repeat(100));
  for (const [where, message] of [
    [file, /not a database/],
    [path.join(file, 'below.db'), /ENOTDIR|EEXIST/],
    [folder, /unable to open/],
  ] as const) {
    const database = await open(where);
    const session = database.session();
    await assert.rejects(async () => all(session.connect(), 'SELECT 1'), { name: 'SqlFault', message });
    session.close();
    await database.close();
  }
});

test('a database without a file leaves none behind', async () => {
  const before = readdirSync(tmpdir()).filter((name) => name.startsWith('mayfly-sqlite-')).length;
  const database = await spinDatabase({ path: undefined, allowAttachFile: false });
  const session = database.session();
  await all(session.connect(), 'CREATE TABLE t (a)');
  session.close();
  await database.close();
  const now = readdirSync(tmpdir()).filter((name) => name.startsWith('mayfly-sqlite-')).length;
  assert.equal(now, before);
});

/** A connection that has moved to a runner. */
async function moved(database: Database) {
  const session = database.session();
  const connection = session.connect();
  await all(connection, 'PRAGMA user_version');
  const count = (rows: number, value: string): Promise<Query> =>
    Promise.resolve(
      connection.query(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${rows}) SELECT ${value} FROM n`,
        [],
        patientCaller(),
      ),
    );
  return { session, connection, count };
}

test('rows come from a runner a thousand at a time, and fewer where they are large', { timeout: 60_000 }, async () => {
  const database = await open();
  const { session, count } = await moved(database);
  for (const [rows, value, pieces] of [
    [999, 'i', [999]],
    [1000, 'i', [1000, 0]],
    [1001, 'i', [1000, 1]],
    // With the 24 bytes that a value takes beside its own these are half of what a piece has room for, and a byte less.
    [4, 'zeroblob(131048)', [2, 2, 0]],
    [4, 'zeroblob(131047)', [3, 1]],
  ] as const) {
    const found: number[] = [];
    for (let piece: RowPiece = await count(rows, value); ; piece = await piece.next(patientCaller())) {
      found.push(piece.rows.length);
      if (!piece.next) break;
    }
    assert.deepEqual(found, pieces, `${rows} rows of ${value}`);
  }
  session.close();
  await database.close();
});

test('a hundred results are open at once in one connection; one that is closed makes room, and gives no more rows', {
  timeout: 60_000,
}, async () => {
  const database = await open();
  const { session, count, connection } = await moved(database);
  const results: Query[] = [];
  for (let index = 0; index < 100; index++) results.push(await count(5000, 'i'));
  const [first, second] = results as [Query, Query];
  await assert.rejects(count(5000, 'i'), { name: 'SqlFault', message: 'too many results are open' });
  assert.deepEqual(await rowsOf(connection, 'SELECT 1'), [[1n]], 'a short one is not open');
  assert.deepEqual((await second.next?.(patientCaller()))?.rows[0]?.[0], 1001n);
  first.close?.();
  const more = await count(5000, 'i');
  assert.equal(more.rows.length, 1000);
  assert.deepEqual(await first.next?.(patientCaller()), { rows: [], next: undefined });
  session.close();
  await database.close();
});

test('an error in the middle of a result comes after the rows before it, wherever a piece ends', {
  timeout: 60_000,
}, async () => {
  const database = await open();
  const { session, connection, count } = await moved(database);
  for (const at of [1, 500, 1000, 1001]) {
    const rows: number[] = [];
    const reading = async (): Promise<void> => {
      const value = `iif(i < ${at}, i, abs(-9223372036854775807 - 1))`;
      for (let piece: RowPiece = await count(3000, value); piece.next; piece = await piece.next(patientCaller())) {
        rows.push(piece.rows.length);
      }
    };
    await assert.rejects(reading, { name: 'SqlFault', message: 'integer overflow' });
    assert.equal(
      rows.reduce((sum, length) => sum + length, 0),
      at - 1,
    );
  }
  assert.deepEqual(await rowsOf(connection, 'SELECT 1'), [[1n]]);
  session.close();
  await database.close();
});
