// The tests that every kind of SQL database passes, called from their test files. Not part of the product.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Caller, Connection, Database, RowPiece, SqlRow, SqlValue } from '../database.ts';

export function patientCaller(signal = new AbortController().signal): Caller {
  return { signal, keep: () => undefined };
}

export async function all(
  connection: Connection,
  statement: string,
  ...parameters: SqlValue[]
): Promise<{ columns: readonly string[]; rows: SqlRow[] }> {
  const query = await connection.query(statement, parameters, patientCaller());
  const rows: SqlRow[] = [];
  for (let piece: RowPiece = query; ; piece = await piece.next(patientCaller())) {
    rows.push(...piece.rows.map((row) => Array.from(row)));
    if (!piece.next) return { columns: query.columns, rows };
  }
}

export const rowsOf = async (...args: Parameters<typeof all>): Promise<SqlRow[]> => (await all(...args)).rows;

/** `prepare` runs in each connection first. */
export function databaseContract(
  name: string,
  make: () => Promise<Database>,
  prepare: (connection: Connection) => Promise<unknown> = async () => undefined,
): void {
  const contract = (
    title: string,
    run: (connect: () => Promise<Connection>, database: Database) => Promise<void>,
  ): void => {
    test(`${name}: ${title}`, { timeout: 60_000 }, async () => {
      const database = await make();
      const session = database.session();
      try {
        await run(async () => {
          const connection = session.connect();
          await prepare(connection);
          return connection;
        }, database);
      } finally {
        session.close();
        await database.close();
      }
    });
  };

  contract('values of every type pass both ways exactly', async (connect) => {
    const connection = await connect();
    const values: SqlValue[] = [
      ...[0n, -1n, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
      ...[0, -0, 0.1, 1e300, 5e-324, -1.5],
      ...['', 'text', 'a\0b', 'ä \u{1f600}', "'; DROP TABLE t; --"],
      ...[new Uint8Array(), Uint8Array.from({ length: 256 }, (_, byte) => byte)],
      null,
    ];
    await all(connection, 'CREATE TABLE every (id INTEGER PRIMARY KEY, v)');
    for (const [index, value] of values.entries()) {
      await all(connection, 'INSERT INTO every VALUES (?, ?)', BigInt(index), value);
    }
    const rows = await rowsOf(connection, 'SELECT v, typeof(v) FROM every ORDER BY id');
    assert.deepEqual(
      rows.map(([value]) => value),
      values,
    );
    assert.deepEqual(
      rows.map(([, type]) => type),
      [...Array(5).fill('integer'), ...Array(6).fill('real'), ...Array(5).fill('text'), 'blob', 'blob', 'null'],
    );
    assert.ok(Object.is((await rowsOf(connection, 'SELECT v FROM every WHERE id = ?', 6n))[0]?.[0], -0));
    assert.deepEqual(await rowsOf(connection, 'SELECT ?, typeof(?)', Number.NaN, Number.NaN), [[null, 'null']]);
  });

  contract('columns have names, doubled ones too', async (connect) => {
    const { columns, rows } = await all(await connect(), "SELECT 1 AS a, 2 AS a, 3, 'x' || 'y'");
    assert.deepEqual(columns, ['a', 'a', '3', "'x' || 'y'"]);
    assert.deepEqual(rows, [[1n, 2n, 3n, 'xy']]);
  });

  contract('the last rowid and the changes are those of this connection', async (connect) => {
    const [one, two] = [await connect(), await connect()];
    const caller = patientCaller();
    await all(one, 'CREATE TABLE t (id INTEGER PRIMARY KEY, a UNIQUE)');
    await all(one, 'INSERT INTO t VALUES (41, 1)');
    await all(one, 'INSERT INTO t (a) VALUES (2), (3)');
    assert.deepEqual([await one.lastInsertRowid(caller), await one.changes(caller)], [43n, 2n]);
    assert.deepEqual([await two.lastInsertRowid(caller), await two.changes(caller)], [0n, 0n]);
    await all(two, 'UPDATE t SET a = a + 10 WHERE id > 41');
    await all(two, 'SELECT 1');
    assert.deepEqual([await two.lastInsertRowid(caller), await two.changes(caller)], [0n, 2n]);
    await all(two, 'INSERT OR IGNORE INTO t (a) VALUES (1)');
    assert.deepEqual([await two.lastInsertRowid(caller), await two.changes(caller)], [0n, 0n]);
    await all(two, 'INSERT INTO t (a) VALUES (1) ON CONFLICT (a) DO UPDATE SET a = 99');
    assert.deepEqual([await two.lastInsertRowid(caller), await two.changes(caller)], [0n, 1n]);
    assert.deepEqual(await rowsOf(two, 'INSERT INTO t (a) VALUES (7) RETURNING id, a'), [[44n, 7n]]);
    assert.deepEqual([await two.lastInsertRowid(caller), await two.changes(caller)], [44n, 1n]);
    assert.deepEqual(await rowsOf(two, 'SELECT last_insert_rowid(), changes()'), [[44n, 1n]]);
    assert.deepEqual(await rowsOf(one, 'SELECT last_insert_rowid(), changes()'), [[43n, 2n]]);
  });

  contract('what is asked while a statement is under way is answered after it', async (connect) => {
    const connection = await connect();
    const caller = patientCaller();
    await all(connection, 'CREATE TABLE t (id INTEGER PRIMARY KEY, a)');
    await all(connection, 'INSERT INTO t VALUES (5, 1), (6, 2)');
    const [insertion, rowid, changes] = [
      connection.query('INSERT INTO t VALUES (70, 1)', [], caller),
      connection.lastInsertRowid(caller),
      connection.changes(caller),
    ];
    assert.deepEqual([await rowid, await changes], [70n, 1n]);
    await insertion;
  });

  contract('a transaction is of its connection, and one that was left open is taken back', async (connect) => {
    const [one, two] = [await connect(), await connect()];
    await all(one, 'CREATE TABLE t (a)');
    await all(one, 'BEGIN');
    await all(one, 'INSERT INTO t VALUES (1)');
    assert.deepEqual(await rowsOf(one, 'SELECT a FROM t'), [[1n]]);
    assert.deepEqual(await rowsOf(two, 'SELECT a FROM t'), []);
    await all(one, 'COMMIT');
    assert.deepEqual(await rowsOf(two, 'SELECT a FROM t'), [[1n]]);
    await all(one, 'BEGIN');
    await all(one, 'DELETE FROM t');
    one.close();
    one.close();
    await all(two, 'INSERT INTO t VALUES (2)');
    assert.deepEqual(await rowsOf(two, 'SELECT a FROM t ORDER BY a'), [[1n], [2n]]);
  });

  contract('of several statements the first is done', async (connect) => {
    const connection = await connect();
    await all(connection, 'CREATE TABLE t (a); DROP TABLE t');
    await all(connection, 'INSERT INTO t VALUES (1); INSERT INTO t VALUES (2)');
    assert.deepEqual(await rowsOf(connection, 'SELECT a FROM t'), [[1n]]);
  });

  contract('mistakes are told in the words of SQLite', async (connect) => {
    const connection = await connect();
    await all(connection, 'CREATE TABLE t (u UNIQUE CHECK (u < 100), b NOT NULL DEFAULT 0)');
    await all(connection, 'INSERT INTO t VALUES (1, 1)');
    for (const [statement, message] of [
      ['select * from nope', /no such table: nope/],
      ['insert into t values (1, 1)', /UNIQUE constraint failed: t\.u/],
      ['insert into t values (100, 1)', /CHECK constraint failed: u < 100/],
      ['insert into t values (2, null)', /NOT NULL constraint failed: t\.b/],
      ['selct 1', /near "selct": syntax error/],
    ] as const) {
      await assert.rejects(all(connection, statement), { name: 'SqlFault', message }, statement);
    }
    assert.deepEqual(await rowsOf(connection, 'SELECT * FROM t'), [[1n, 1n]]);
  });

  contract('many rows come, in their order', async (connect) => {
    const connection = await connect();
    const rows = await rowsOf(
      connection,
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000) SELECT i FROM n',
    );
    assert.deepEqual([rows.length, rows[0], rows[4999]], [5000, [1n], [5000n]]);
  });

  contract('statements at the start: all, or the first', async (connect, database) => {
    await database.start('CREATE TABLE started (a); INSERT INTO started VALUES (1)', true);
    await database.start('INSERT INTO started VALUES (2)', false);
    const connection = await connect();
    assert.deepEqual(await rowsOf(connection, 'SELECT a FROM started ORDER BY a'), [[1n], [2n]]);
    await assert.rejects(async () => database.start('nonsense', true), { name: 'SqlFault' });
  });
}
