// The service through each version of its interface, against a real server: values, errors, transactions and streams.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type PostgresServer, postgresMissing, startPostgres } from '../../../test/support/servers/postgres.ts';
import { componentOf, errOf, okOf, readAll, type TestComponent, type TestGuest } from '../guest.test-kit.ts';
import { createPostgresService } from './service.ts';
import { oids } from './types/type-names.ts';

const skip = postgresMissing();
const timeout = 30_000;
let server: PostgresServer | undefined;
let component: TestComponent;
before(async () => {
  if (skip) return;
  server = await startPostgres();
  component = await componentOf(createPostgresService(), [`postgres://127.0.0.1:${server.port}`]);
});
after(async () => {
  await component?.close();
  await server?.close();
});
const running = (): PostgresServer => server ?? assert.fail('no server');

const one = 'fermyon:spin/postgres';
const two = 'fermyon:spin/postgres@2.0.0';
const three = 'spin:postgres/postgres@3.0.0';
const four = 'spin:postgres/postgres@4.2.0';

interface Rows {
  columns: { name: string; dataType: unknown }[];
  rows: { tag: string; val?: unknown }[][];
}
const open = async (guest: TestGuest, version = four): Promise<unknown> =>
  okOf(await guest.call(`${version} [static]connection.open`, running().url));
const query = async (guest: TestGuest, connection: unknown, text: string, ...parameters: unknown[]): Promise<Rows> =>
  okOf(await guest.call(`${four} [method]connection.query`, connection, text, parameters));
const execute = async (
  guest: TestGuest,
  connection: unknown,
  text: string,
  ...parameters: unknown[]
): Promise<bigint> => okOf(await guest.call(`${four} [method]connection.execute`, connection, text, parameters));

const value = (tag: string, val: unknown) => ({ tag, val });
const most64 = 2n ** 63n - 1n;
/** Types of the server with values of guests that they hold. */
const both: readonly (readonly [type: string, ...values: { tag: string; val: unknown }[]])[] = [
  ['bool', value('boolean', true), value('boolean', false)],
  ['int2', value('int16', -32_768), value('int16', 32_767)],
  ['int4', value('int32', -(2 ** 31)), value('int32', 2 ** 31 - 1)],
  ['int8', value('int64', most64), value('int64', -most64 - 1n)],
  ['float4', value('floating32', Math.fround(0.1)), value('floating32', Number.NaN), value('floating32', -0)],
  [
    'float8',
    value('floating64', 0.1 + 0.2),
    value('floating64', Number.NEGATIVE_INFINITY),
    value('floating64', 5e-324),
  ],
  ['text', value('str', ''), value('str', "ä€😀'; DROP TABLE t; --\\")],
  ['varchar(9)', value('str', 'nine char')],
  ['bytea', value('binary', new Uint8Array([0, 255, 128, 10])), value('binary', new Uint8Array())],
  ['date', value('date', [2024, 2, 29]), value('date', [-4712, 1, 1]), value('date', [5_874_897, 12, 31])],
  ['time', value('time', [23, 59, 59, 999_999_000]), value('time', [24, 0, 0, 0]), value('time', [0, 0, 0, 1000])],
  [
    'timestamp',
    value('datetime', [1999, 12, 31, 23, 59, 59, 999_999_000]),
    value('datetime', [-4712, 1, 1, 0, 0, 0, 0]),
    value('datetime', [294_276, 12, 31, 23, 59, 59, 999_999_000]),
  ],
  ['uuid', value('uuid', '123e4567-e89b-12d3-a456-426614174000')],
  ['jsonb', value('jsonb', new TextEncoder().encode('{"a": [1, 12345678901234567890.5, null]}'))],
  [
    'numeric',
    value('decimal', '0'),
    value('decimal', '-0.00012300'),
    value('decimal', '123456789012345678901234567890123456.7890123456789012345678901234567890'),
    value('decimal', '10000'),
    value('decimal', '0.00000000'),
    value('decimal', 'NaN'),
    value('decimal', 'Infinity'),
  ],
  [
    'int4range',
    value('range-int32', [
      [1, 'inclusive'],
      [5, 'exclusive'],
    ]),
    value('range-int32', [undefined, undefined]),
  ],
  ['int8range', value('range-int64', [[-most64, 'inclusive'], undefined])],
  [
    'numrange',
    value('range-decimal', [
      ['1.50', 'exclusive'],
      ['2.5', 'inclusive'],
    ]),
  ],
  ['int4[]', value('array-int32', [1, undefined, -3]), value('array-int32', [])],
  ['int8[]', value('array-int64', [most64, undefined])],
  ['numeric[]', value('array-decimal', ['1.10', undefined])],
  ['text[]', value('array-str', ['a', undefined, '{"}'])],
  ['varchar[]', value('array-str', ['b'])],
  ['interval', value('interval', { micros: -1n, days: 2, months: -3 })],
];

for (const [type, ...values] of both) {
  test(`${type}: values pass both ways, and so does NULL`, { skip, timeout }, async () => {
    const guest = component.request();
    const connection = await open(guest);
    for (const each of [...values, { tag: 'db-null' }]) {
      const { rows } = await query(guest, connection, `SELECT $1::${type}`, each);
      assert.deepEqual(rows, [[each]]);
    }
    const { columns } = await query(guest, connection, `SELECT NULL::${type} AS c LIMIT 0`);
    assert.deepEqual(columns, [{ name: 'c', dataType: { tag: values[0]?.tag } }]);
    guest.end();
  });
}

test('a timestamp is that of an instant, and comes as its time in UTC', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const { rows } = await query(guest, connection, 'SELECT $1::timestamptz', value('timestamp', 1_700_000_000n));
  assert.deepEqual(rows, [[value('datetime', [2023, 11, 14, 22, 13, 20, 0])]]);
  guest.end();
});

test('what a type cannot hold is an error, and the connection goes on', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const failing = async (text: string, ...parameters: unknown[]): Promise<unknown> =>
    errOf(await guest.call(`${four} [method]connection.query`, connection, text, parameters));
  for (const [text, reason] of [
    ["SELECT 'infinity'::timestamp", 'it is infinite'],
    ["SELECT '-infinity'::date", 'it is infinite'],
    ["SELECT 'empty'::int4range", 'the range is empty'],
    ['SELECT ARRAY[[1, 2], [3, 4]]', 'the array has 2 dimensions'],
  ] as const) {
    assert.deepEqual(await failing(text), value('value-conversion-failed', `error deserializing column 0: ${reason}`));
  }
  for (const [parameter, type, message] of [
    [value('date', [2024, 2, 31]), 'date', 'invalid date y=2024, m=2, d=31'],
    [value('time', [1, 2, 3, 1]), 'time', 'invalid time 1:2:3:1'],
    [value('uuid', 'x'), 'uuid', 'invalid UUID x'],
    [value('decimal', '1e5'), 'numeric', 'invalid decimal 1e5'],
    [value('timestamp', most64), 'timestamptz', `invalid epoch timestamp ${most64}`],
  ] as const) {
    assert.deepEqual(await failing(`SELECT $1::${type}`, parameter), value('bad-parameter', message));
  }
  assert.deepEqual((await query(guest, connection, 'SELECT 1')).rows, [[value('int32', 1)]]);
  guest.end();
});

test('parameters need the exact type and number, in the words of Spin', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const failing = async (text: string, ...parameters: unknown[]): Promise<unknown> =>
    errOf(await guest.call(`${four} [method]connection.query`, connection, text, parameters));
  const failed = (text: string) => value('query-failed', value('text', text));
  assert.deepEqual(
    await failing('SELECT $1::int8', value('int32', 1)),
    failed('Error { kind: ToSql(0), cause: Some(WrongType { postgres: Int8, rust: "i32" }) }'),
  );
  assert.deepEqual(
    await failing('SELECT $1::int4, $2::int4', value('int32', 1)),
    failed('Error { kind: Parameters(1, 2), cause: None }'),
  );
  const unsigned = await guest.call(`${two} [method]connection.query`, connection, 'SELECT $1', [value('uint8', 1)]);
  assert.deepEqual(errOf(unsigned), value('value-conversion-failed', 'Postgres does not support unsigned integers'));
  guest.end();
});

test('types that interfaces have no case for: their names and bytes, or just that', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  await execute(guest, connection, "CREATE TYPE mood AS ENUM ('happy')");
  const text =
    "SELECT '12:00+01'::timetz, '1'::json, 'happy'::mood, ARRAY[true], 1::numeric, DATE '2024-01-02', 1::int2";
  const { columns, rows } = await query(guest, connection, text);
  assert.deepEqual(
    columns.map(({ dataType }) => dataType),
    [
      ...['timetz', 'json', 'mood', '_bool'].map((name) => value('other', name)),
      ...['decimal', 'date', 'int16'].map((tag) => ({ tag })),
    ],
  );
  assert.deepEqual(rows[0]?.[2], value('unsupported', new TextEncoder().encode('happy')));
  const olderTypes = async (version: string): Promise<unknown[]> => {
    const found = okOf<Rows>(await guest.call(`${version} [method]connection.query`, connection, text, []));
    return [...found.columns.map(({ dataType }) => dataType), ...(found.rows[0] ?? []).map(({ tag }) => tag)];
  };
  const four4 = (name: string): string[] => Array(4).fill(name);
  assert.deepEqual(await olderTypes(three), [
    ...[...four4('other'), 'other', 'date', 'int16'],
    ...[...four4('unsupported'), 'unsupported', 'date', 'int16'],
  ]);
  assert.deepEqual(await olderTypes(two), [
    ...[...four4('other'), 'other', 'other', 'int16'],
    ...[...four4('unsupported'), 'unsupported', 'unsupported', 'int16'],
  ]);
  await execute(guest, connection, 'DROP TYPE mood');
  guest.end();
});

test('every version reads what the others wrote; the first opens a connection for each call', {
  skip,
  timeout,
}, async () => {
  const guest = component.request();
  const { url } = running();
  const params = [value('int32', 1), value('str', 'x')];
  okOf(await guest.call(`${one} execute`, url, 'CREATE TABLE versions (i int4, s text)', []));
  assert.equal(okOf(await guest.call(`${one} execute`, url, 'INSERT INTO versions VALUES ($1, $2)', params)), 1n);
  for (const version of [two, three, four]) {
    const connection = await open(guest, version);
    const inserted = await guest.call(
      `${version} [method]connection.execute`,
      connection,
      'INSERT INTO versions VALUES ($1, $2), ($1, $2)',
      params,
    );
    assert.equal(okOf(inserted), 2n);
    guest.drop(version, 'connection', connection);
  }
  const found = okOf<Rows>(await guest.call(`${one} query`, url, 'SELECT i, s FROM versions', []));
  assert.deepEqual(found.columns, [
    { name: 'i', dataType: 'int32' },
    { name: 's', dataType: 'str' },
  ]);
  assert.deepEqual(found.rows, Array(7).fill(params));
  const failed = errOf(await guest.call(`${one} query`, url, 'SELECT nope', []));
  assert.equal(failed.tag, 'query-failed');
  assert.match(
    failed.val,
    /^Error \{ kind: Db, cause: Some\(DbError \{ severity: "ERROR", parsed_severity: Some\(Error\)/,
  );
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
});

test('what the server says in passing is no answer: settings, notices, notifications', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  for (const text of [
    "SET application_name TO 'guest'",
    "DO $$ BEGIN RAISE NOTICE 'in passing'; END $$",
    'LISTEN passing',
    'NOTIFY passing',
  ]) {
    await execute(guest, connection, text);
  }
  const { rows } = await query(guest, connection, 'SHOW application_name');
  assert.deepEqual(rows, [[value('str', 'guest')]]);
  guest.end();
});

test('errors of the server come with all that it says', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  await execute(guest, connection, 'CREATE TEMP TABLE u (id int4 PRIMARY KEY)');
  await execute(guest, connection, 'INSERT INTO u VALUES (1)');
  const failed = errOf<{ tag: string; val: { tag: string; val: Record<string, unknown> } }>(
    await guest.call(`${four} [method]connection.execute`, connection, 'INSERT INTO u VALUES (1)', []),
  );
  const { asText, extras, ...rest } = failed.val.val;
  assert.deepEqual([failed.tag, failed.val.tag], ['query-failed', 'db-error']);
  assert.deepEqual(rest, {
    severity: 'ERROR',
    code: '23505',
    message: 'duplicate key value violates unique constraint "u_pkey"',
    detail: 'Key (id)=(1) already exists.',
  });
  assert.deepEqual((extras as string[][]).slice(0, 2), [
    ['constraint', 'u_pkey'],
    ['routine', '_bt_check_unique'],
  ]);
  assert.match(String(asText), /code: SqlState\(E23505\)/);
  guest.end();
});

test('an error that comes at the very end of a statement is told', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  await execute(guest, connection, 'CREATE TEMP TABLE d (id int4 UNIQUE DEFERRABLE INITIALLY DEFERRED)');
  const failed = errOf(
    await guest.call(`${four} [method]connection.execute`, connection, 'INSERT INTO d VALUES (1), (1)', []),
  );
  assert.equal(failed.tag, 'query-failed');
  guest.end();
});

test('one statement at a time, and parameters stay data', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  await execute(guest, connection, 'CREATE TEMP TABLE names (name text)');
  const evil = "x'); DROP TABLE names; --";
  assert.equal(await execute(guest, connection, 'INSERT INTO names VALUES ($1)', value('str', evil)), 1n);
  assert.deepEqual(
    (await query(guest, connection, 'SELECT name FROM names WHERE name = $1', value('str', evil))).rows,
    [[value('str', evil)]],
  );
  for (const text of ['SELECT 1; SELECT 2', 'SELECT 1\0; SELECT 2']) {
    errOf(await guest.call(`${four} [method]connection.query`, connection, text, []));
  }
  assert.deepEqual(await query(guest, connection, ''), { columns: [], rows: [] });
  for (const text of ['COPY names TO STDOUT', 'COPY names FROM STDIN']) {
    const copying = await open(guest);
    errOf(await guest.call(`${four} [method]connection.query`, copying, text, []));
    guest.drop(four, 'connection', copying);
  }
  guest.end();
});

type Streamed = [Rows['columns'], Parameters<typeof readAll<Rows['rows'][number]>>[0], Promise<unknown>];

test('rows as a stream: all of them, and an error after those before it', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = okOf(await guest.call(`${four} [static]connection.open-async`, running().url));
  const stream = async (text: string): Promise<Streamed> =>
    okOf(await guest.call(`${four} [method]connection.query-async`, connection, text, []));
  const [columns, rows, end] = await stream("SELECT i, repeat('x', 100) FROM generate_series(1, 20000) AS i");
  guest.drop(four, 'connection', connection);
  assert.deepEqual(columns[0], { name: 'i', dataType: { tag: 'int32' } });
  const found = await readAll(rows);
  assert.equal(found.length, 20_000);
  assert.deepEqual(found.at(-1)?.[0], value('int32', 20_000));
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
  const again = component.request();
  const second = await open(again);
  const [, some, late] = okOf<Streamed>(
    await again.call(
      `${four} [method]connection.query-async`,
      second,
      'SELECT 1 / (3000 - i) FROM generate_series(1, 5000) AS i',
      [],
    ),
  );
  assert.ok((await readAll(some)).length >= 2000);
  assert.match(JSON.stringify(await late), /division by zero/);
  again.end();
});

test('a stream cut short leaves the connection ready', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const [, rows, end] = okOf<Streamed>(
    await guest.call(
      `${four} [method]connection.query-async`,
      connection,
      "SELECT repeat('x', 1000) FROM generate_series(1, 1e7)",
      [],
    ),
  );
  assert.ok((await readAll(rows, 2)).length > 0);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.deepEqual((await query(guest, connection, 'SELECT 1')).rows, [[value('int32', 1)]]);
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
});

test('what the address says of a session holds in it', { skip, timeout }, async () => {
  const guest = component.request();
  const more = `${running().url.includes('?') ? '&' : '?'}application_name=mine&options=-c%20geqo%3Doff`;
  const connection = okOf(await guest.call(`${four} [static]connection.open`, `${running().url}${more}`));
  for (const [name, expected] of [
    ['application_name', 'mine'],
    ['geqo', 'off'],
  ] as const) {
    const { rows } = await query(guest, connection, `SHOW ${name}`);
    assert.equal(rows[0]?.[0]?.val, expected);
  }
  guest.end();
});

test('the types that are known by their numbers are those of the catalogue', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const text = 'SELECT typname::text, oid::int8 FROM pg_type WHERE oid < 10000';
  const { rows } = await query(guest, connection, text);
  const catalogue = new Map(rows.map(([name, oid]) => [name?.val, Number(oid?.val)]));
  for (const [name, oid] of Object.entries(oids)) assert.equal(oid, catalogue.get(name), name);
});
