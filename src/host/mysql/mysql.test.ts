// The service through each version of its interface, against a real server: values, errors, transactions and streams.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type MariadbServer, mariadbMissing, startMariadb } from '../../../test/support/servers/mariadb.ts';
import { componentOf, errOf, okOf, readAll, type TestComponent, type TestGuest } from '../guest.test-kit.ts';
import { createMysqlService } from './service.ts';

const skip = mariadbMissing();
const timeout = 30_000;
let server: MariadbServer | undefined;
let component: TestComponent;
before(async () => {
  if (skip) return;
  server = await startMariadb();
  component = await componentOf(createMysqlService(), [`mysql://127.0.0.1:${server.port}`]);
});
after(async () => {
  await component?.close();
  await server?.close();
});
const running = (): MariadbServer => server ?? assert.fail('no server');

const one = 'fermyon:spin/mysql';
const two = 'fermyon:spin/mysql@2.0.0';
const three = 'spin:mysql/mysql@3.0.0';

type Row = { tag: string; val?: unknown }[];
interface Rows {
  columns: { name: string; dataType: string }[];
  rows: Row[];
}
type Streamed = [Rows['columns'], Parameters<typeof readAll<Row>>[0], Promise<unknown>];

const open = async (guest: TestGuest): Promise<unknown> =>
  okOf(await guest.call(`${two} [static]connection.open`, running().url));
const query = async (guest: TestGuest, connection: unknown, text: string, ...parameters: unknown[]): Promise<Rows> =>
  okOf(await guest.call(`${two} [method]connection.query`, connection, text, parameters));
const execute = async (
  guest: TestGuest,
  connection: unknown,
  text: string,
  ...parameters: unknown[]
): Promise<unknown> => okOf(await guest.call(`${two} [method]connection.execute`, connection, text, parameters));

const value = (tag: string, val: unknown) => ({ tag, val });
const bytes = (...some: number[]) => value('binary', new Uint8Array(some));

/** Types of the server with the data type of guests, and values that they hold. */
const both: readonly (readonly [type: string, dataType: string, ...values: { tag: string; val: unknown }[]])[] = [
  ['TINYINT', 'int8', value('int8', -128), value('int8', 127)],
  ['TINYINT UNSIGNED', 'uint8', value('uint8', 255)],
  ['SMALLINT', 'int16', value('int16', -32_768)],
  ['SMALLINT UNSIGNED', 'uint16', value('uint16', 65_535)],
  ['MEDIUMINT', 'int32', value('int32', -8_388_608)],
  ['MEDIUMINT UNSIGNED', 'uint32', value('uint32', 16_777_215)],
  ['INT', 'int32', value('int32', -(2 ** 31))],
  ['INT UNSIGNED', 'uint32', value('uint32', 2 ** 32 - 1)],
  ['BIGINT', 'int64', value('int64', -(2n ** 63n)), value('int64', 2n ** 63n - 1n)],
  ['BIGINT UNSIGNED', 'uint64', value('uint64', 2n ** 64n - 1n)],
  ['FLOAT', 'floating32', value('floating32', Math.fround(0.1))],
  ['DOUBLE', 'floating64', value('floating64', 0.1 + 0.2), value('floating64', 5e-324)],
  ['VARCHAR(99)', 'str', value('str', ''), value('str', "ä€😀'; DROP TABLE t; --\\ \0 x")],
  ['TEXT', 'str', value('str', 'x'.repeat(60_000))],
  ['LONGTEXT', 'str', value('str', 'y'.repeat(300_000))],
  ['VARBINARY(9)', 'binary', bytes(0, 255, 128)],
  ['BLOB', 'binary', bytes(), bytes(0, 10, 200)],
  ["ENUM('a','b')", 'str', value('str', 'b')],
  ["SET('a','b')", 'str', value('str', 'a,b')],
  ['BIT(64)', 'uint64', value('uint64', 2n ** 64n - 2n)],
  ['YEAR', 'uint16', value('uint16', 2155)],
  ['DECIMAL(65,30)', 'other', value('str', '-12345678901234567890123456789012345.123456789012345678901234567890')],
  ['DATE', 'other', value('str', '2024-02-29'), value('str', '1000-01-01')],
  ['DATETIME(6)', 'other', value('str', '9999-12-31 23:59:59.999999'), value('str', '2024-01-01 00:00:00.000000')],
  ['DATETIME', 'other', value('str', '2024-01-01 00:00:00')],
  ['TIMESTAMP(3)', 'other', value('str', '2024-01-01 01:02:03.040')],
  ['TIME(6)', 'other', value('str', '-838:59:58.999999'), value('str', '00:00:00.000001')],
];

for (const [index, [type, dataType, ...values]] of both.entries()) {
  test(`${type}: values pass both ways, and so does NULL`, { skip, timeout }, async () => {
    const guest = component.request();
    const connection = await open(guest);
    await execute(guest, connection, `CREATE TABLE b${index} (v ${type} NULL) CHARACTER SET utf8mb4`);
    for (const each of [...values, { tag: 'db-null' }]) {
      await execute(guest, connection, `INSERT INTO b${index} VALUES (?)`, each);
      const { columns, rows } = await query(guest, connection, `SELECT v FROM b${index}`);
      assert.deepEqual(columns, [{ name: 'v', dataType }]);
      assert.deepEqual(rows, [[each]]);
      await execute(guest, connection, `DELETE FROM b${index}`);
    }
    guest.end();
  });
}

test('values of 20 MB pass both ways', { skip, timeout }, async () => {
  const guest = component.request(1_000_000_000);
  await running().query('SET GLOBAL max_allowed_packet = 67108864');
  const connection = okOf(await guest.call(`${two} [static]connection.open`, `${running().url}?big`));
  const large = value('binary', new Uint8Array(20_000_000).fill(7));
  const { rows } = await query(guest, connection, 'SELECT ?, 1', large);
  const found = rows[0]?.[0]?.val as Uint8Array;
  assert.ok(found.length === 20_000_000 && found.every((byte) => byte === 7));
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
});

test('every version reads what the others wrote; the first opens a connection for each call', {
  skip,
  timeout,
}, async () => {
  const guest = component.request();
  const { url } = running();
  const params = [value('int32', 1), value('str', 'x'), value('boolean', true)];
  okOf(await guest.call(`${one} execute`, url, 'CREATE TABLE versions (i INT, s TEXT, b BOOLEAN)', []));
  okOf(await guest.call(`${one} execute`, url, 'INSERT INTO versions VALUES (?, ?, ?)', params));
  for (const version of [two, three]) {
    const connection = okOf(await guest.call(`${version} [static]connection.open`, url));
    okOf(
      await guest.call(
        `${version} [method]connection.execute`,
        connection,
        'INSERT INTO versions VALUES (?, ?, ?)',
        params,
      ),
    );
    guest.drop(version, 'connection', connection);
  }
  const found = okOf<Rows>(await guest.call(`${one} query`, url, 'SELECT * FROM versions', []));
  assert.deepEqual(
    found.columns.map(({ dataType }) => dataType),
    ['int32', 'str', 'int8'],
  );
  assert.deepEqual(found.rows, Array(3).fill([params[0], params[1], value('int8', 1)]));
  const nothing = okOf<Rows>(await guest.call(`${one} query`, url, 'SELECT * FROM versions WHERE i = 7', []));
  assert.deepEqual([nothing.columns.length, nothing.rows], [3, []]);
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
});

test('errors of the server, and a wrong number of parameters, in the words of Spin', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const failing = async (text: string, ...parameters: unknown[]): Promise<unknown> =>
    errOf(await guest.call(`${two} [method]connection.query`, connection, text, parameters));
  assert.deepEqual(
    await failing('SELECT * FROM nope'),
    value(
      'query-failed',
      `Server(ServerError { code: 1146, message: "Table 'test.nope' doesn't exist", state: "42S02" })`,
    ),
  );
  assert.deepEqual(
    await failing('SELECT ?, ?', value('int8', 1)),
    value('query-failed', 'Driver(StmtParamsMismatch { required: 2, supplied: 1 })'),
  );
  assert.deepEqual((await query(guest, connection, 'SELECT 1')).rows, [[value('int32', 1)]]);
  guest.end();
});

test('one statement at a time, and parameters stay data', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  await execute(guest, connection, 'CREATE TEMPORARY TABLE names (name TEXT)');
  const evil = "x'); DROP TABLE names; -- \\' \" ";
  await execute(guest, connection, 'INSERT INTO names VALUES (?)', value('str', evil));
  assert.deepEqual((await query(guest, connection, 'SELECT name FROM names WHERE name = ?', value('str', evil))).rows, [
    [value('str', evil)],
  ]);
  for (const text of ['SELECT 1; SELECT 2', '', "LOAD DATA LOCAL INFILE '/etc/passwd' INTO TABLE names"]) {
    errOf(await guest.call(`${two} [method]connection.query`, connection, text, []));
  }
  guest.end();
});

test('of a procedure with several results the first counts', { skip, timeout }, async () => {
  await running().query('CREATE PROCEDURE several() BEGIN SELECT 1; SELECT 2, 3; END');
  const guest = component.request();
  const connection = await open(guest);
  assert.deepEqual((await query(guest, connection, 'CALL several()')).rows, [[value('int32', 1)]]);
  assert.deepEqual((await query(guest, connection, 'SELECT 4')).rows, [[value('int32', 4)]]);
  guest.end();
});

test('rows as a stream: all of them, or as many as are wanted', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = okOf(await guest.call(`${three} [static]connection.open`, running().url));
  const stream = async (text: string): Promise<Streamed> =>
    okOf(await guest.call(`${three} [method]connection.query`, connection, text, []));
  const [columns, rows, end] = await stream("SELECT seq, REPEAT('x', 100) FROM seq_1_to_20000");
  assert.deepEqual(columns[0]?.name, 'seq');
  const found = await readAll(rows);
  assert.equal(found.length, 20_000);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.equal(guest.hostBytes.bytes, 0);
  const [, some, cut] = await stream("SELECT seq, REPEAT('x', 100) FROM seq_1_to_50000");
  guest.drop(three, 'connection', connection);
  assert.ok((await readAll(some, 1)).length > 0);
  assert.deepEqual(await cut, { tag: 'ok', val: undefined });
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
});
