// The SQLite service through each version of its interface: permissions, values, errors and what a request leaves open.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { inspect } from 'node:util';
import type { LockedApp, LockedComponent } from '../../app/locked-app.ts';
import { defaultRuntimeConfig, type SqliteDatabaseConfig } from '../../app/runtime-config/runtime-config.ts';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import type { ProducedStream, StreamChunk, StreamWriter } from '../../component/types/streams.ts';
import type { MayflyError } from '../../errors.ts';
import { silentLog } from '../../telemetry/log.ts';
import { createOutboundNetwork } from '../network/outbound-network.ts';
import type { AppDatabases } from './app-databases.ts';
import { createSqliteService, type SqliteOptions } from './service.ts';
import type { WitRow } from './values.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-sqlite-service-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const file = (): SqliteDatabaseConfig => ({
  type: 'spin',
  path: path.join(folder, `${files++}.db`),
  allowAttachFile: false,
});

const one = 'fermyon:spin/sqlite';
const two = 'fermyon:spin/sqlite@2.0.0';
const three = 'spin:sqlite/sqlite@3.1.0';
const err = (val: unknown) => ({ tag: 'err', val });
const integer = (val: bigint) => ({ tag: 'integer', val });
const endless = 'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i FROM n';

async function appWith(
  databases: Record<string, SqliteDatabaseConfig> = { default: file() },
  labels: readonly string[] = Object.keys(databases),
  options: SqliteOptions = {},
) {
  const service = createSqliteService(options);
  const problems: MayflyError[] = [];
  const warnings: string[] = [];
  const log = Object.assign(Object.create(silentLog), {
    warn: (_: unknown, message: string) => warnings.push(message),
  });
  const component = { id: 'hello', sqliteDatabases: labels } as unknown as LockedComponent;
  const runtimeConfig = { ...defaultRuntimeConfig(), sqliteDatabases: new Map(Object.entries(databases)) };
  const app = { components: [component] } as unknown as LockedApp;
  const network = createOutboundNetwork(runtimeConfig);
  const context = {
    app,
    component,
    runtimeConfig,
    network,
    log,
    problem: (error: MayflyError) => problems.push(error),
  };
  const kept = (await service.configureApp?.(context)) as AppDatabases;
  const configured = await service.configureComponent(context, kept);
  const interfaces = new Map(
    service.interfaces.map((each) => [each.version ? `${each.name}@${each.version}` : each.name, each]),
  );
  return {
    problems,
    warnings,
    close: async () => service.closeApp?.(kept),
    request(heldBytes?: number) {
      const controller = new AbortController();
      const hostBytes = new HostByteBudget(heldBytes);
      const state = service.prepare(configured, { component, log, signal: controller.signal, hostBytes });
      return {
        hostBytes,
        async call(name: string, ...args: unknown[]): Promise<unknown> {
          const [interfaceName = '', key = ''] = name.split(' ');
          const func = interfaces.get(interfaceName)?.functions[key] ?? assert.fail(name);
          const result = await func.call(state as never, ...(args as never[]));
          func.lowered?.(result as never, ...(args as never[]));
          return result;
        },
        drop: (object: unknown) => interfaces.get(two)?.resources.connection?.drop?.(state as never, object as never),
        end() {
          controller.abort(new Error('the request is over'));
          service.finish?.(state);
        },
      };
    },
  };
}

function okOf<T>(result: unknown): T {
  const { tag, val } = result as { tag: string; val: T };
  assert.equal(tag, 'ok', inspect(val));
  return val;
}

type Streamed = [string[], ProducedStream<WitRow>, Promise<unknown>];

/** Takes `most` pieces, then drops the stream. */
async function read(stream: ProducedStream<WitRow>, most = Number.POSITIVE_INFINITY): Promise<WitRow[]> {
  const rows: WitRow[] = [];
  const end = Promise.withResolvers<void>();
  const writer = {
    dropped: false,
    async write(chunk: StreamChunk<WitRow>) {
      rows.push(...Array.from(chunk));
      most -= 1;
      if (most <= 0) writer.dropped = true;
      return chunk.length;
    },
    close: end.resolve,
  };
  stream.produce(writer as unknown as StreamWriter<WitRow>);
  await end.promise;
  return rows;
}

test('all versions work on the same tables', async () => {
  const app = await appWith();
  const guest = app.request();
  const number = okOf(await guest.call(`${one} open`, 'default'));
  const second = okOf(await guest.call(`${two} [static]connection.open`, 'default'));
  const third = okOf(await guest.call(`${three} [static]connection.open`, 'default'));
  const fourth = okOf(await guest.call(`${three} [static]connection.open-async`, 'default'));
  const empty = { columns: [], rows: [] };
  assert.deepEqual(
    okOf(await guest.call(`${one} execute`, number, 'CREATE TABLE t (id INTEGER PRIMARY KEY, v)', [])),
    empty,
  );
  const values = [
    integer(2n ** 63n - 1n),
    { tag: 'real', val: -0 },
    { tag: 'text', val: 'ä' },
    { tag: 'blob', val: Uint8Array.of(1) },
    { tag: 'null' },
  ];
  for (const value of values) {
    assert.deepEqual(
      okOf(await guest.call(`${two} [method]connection.execute`, second, 'INSERT INTO t (v) VALUES (?)', [value])),
      empty,
    );
  }
  const expected = values.map((value) => ({ values: [value] }));
  const found = { columns: ['v'], rows: expected };
  assert.deepEqual(okOf(await guest.call(`${one} execute`, number, 'SELECT v FROM t ORDER BY id', [])), found);
  assert.deepEqual(
    okOf(await guest.call(`${three} [method]connection.execute`, third, 'SELECT v FROM t ORDER BY id', [])),
    found,
  );
  const [columns, rows, end] = okOf<Streamed>(
    await guest.call(`${three} [method]connection.execute-async`, fourth, 'SELECT v FROM t ORDER BY id', []),
  );
  assert.deepEqual([columns, await read(rows), await end], [['v'], expected, { tag: 'ok', val: undefined }]);
  okOf(await guest.call(`${three} [method]connection.execute`, third, 'INSERT INTO t (id) VALUES (70), (71)', []));
  for (const suffix of ['', '-async']) {
    assert.equal(await guest.call(`${three} [method]connection.last-insert-rowid${suffix}`, third), 71n);
    assert.equal(await guest.call(`${three} [method]connection.changes${suffix}`, third), 2n);
    assert.equal(await guest.call(`${three} [method]connection.last-insert-rowid${suffix}`, fourth), 0n);
  }
  await guest.call(`${one} close`, number);
  await guest.call(`${one} close`, number);
  assert.deepEqual(await guest.call(`${one} execute`, number, 'SELECT 1', []), err({ tag: 'invalid-connection' }));
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
  await app.close();
});

test('a label that the manifest does not name is denied, in every version, and the log says what to write', async () => {
  const app = await appWith({ default: file(), other: file() }, ['other', 'missing']);
  const guest = app.request();
  for (const open of [
    `${one} open`,
    `${two} [static]connection.open`,
    `${three} [static]connection.open`,
    `${three} [static]connection.open-async`,
  ]) {
    for (const label of ['default', '', 'none', '__proto__']) {
      assert.deepEqual(await guest.call(open, label), err({ tag: 'access-denied' }), `${open} ${label}`);
    }
    assert.deepEqual(await guest.call(open, 'missing'), err({ tag: 'no-such-database' }));
    okOf(await guest.call(open, 'other'));
  }
  assert.equal(
    app.warnings[0],
    'It may not open the SQLite database "default". To allow it, add to [component.hello]: sqlite_databases = ["default"]',
  );
  assert.deepEqual(
    app.problems.map(({ code, message }) => [code, message]),
    [['manifest-value', 'Component "hello" uses database "missing", which nothing declares']],
  );
  guest.end();
  await app.close();
});

test('256 connections are open at once; closing makes room', async () => {
  const app = await appWith();
  const guest = app.request();
  const opened: unknown[] = [];
  for (let count = 0; count < 256; count++)
    opened.push(okOf(await guest.call(`${two} [static]connection.open`, 'default')));
  assert.deepEqual(await guest.call(`${one} open`, 'default'), err({ tag: 'io', val: 'too many connections opened' }));
  guest.drop(opened[0]);
  okOf(await guest.call(`${one} open`, 'default'));
  guest.end();
  await app.close();
});

test('errors are io, and those of a stream come in its future, after the rows before', async () => {
  const app = await appWith();
  const guest = app.request();
  const connection = okOf(await guest.call(`${three} [static]connection.open`, 'default'));
  const text = 'selct 1';
  const io = err({ tag: 'io', val: 'near "selct": syntax error in selct 1 at offset 0' });
  assert.deepEqual(await guest.call(`${three} [method]connection.execute`, connection, text, []), io);
  const [columns, none, end] = okOf<Streamed>(
    await guest.call(`${three} [method]connection.execute-async`, connection, text, []),
  );
  assert.deepEqual([columns, await read(none), await end], [[], [], io]);
  const failing =
    'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT iif(i < 3000, i, abs(-9223372036854775807 - 1)) FROM n';
  const [, rows, later] = okOf<Streamed>(
    await guest.call(`${three} [method]connection.execute-async`, connection, failing, []),
  );
  assert.equal((await read(rows)).length, 2999);
  assert.deepEqual(await later, err({ tag: 'io', val: 'integer overflow' }));
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
  await app.close();
});

test('a stream that nobody reads on is over, and a result that is too large is an error', {
  timeout: 60_000,
}, async () => {
  const app = await appWith();
  const guest = app.request();
  const connection = okOf(await guest.call(`${three} [static]connection.open`, 'default'));
  const [, rows, end] = okOf<Streamed>(
    await guest.call(`${three} [method]connection.execute-async`, connection, endless, []),
  );
  assert.equal((await read(rows, 3)).length, 3000);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  assert.equal(guest.hostBytes.bytes, 0);
  await assert.rejects(guest.call(`${three} [method]connection.execute`, connection, endless, []), {
    message: /Limit reached: held/,
  });
  guest.end();
  const rich = app.request(1_000_000_000);
  const again = okOf(await rich.call(`${two} [static]connection.open`, 'default'));
  assert.deepEqual(
    await rich.call(
      `${two} [method]connection.execute`,
      again,
      'WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT zeroblob(10000000) FROM n',
      [],
    ),
    err({ tag: 'io', val: 'query result exceeds limit of 134217728 bytes' }),
  );
  rich.end();
  await app.close();
});

test('statements run when the app starts; a mistake of them says which database', async () => {
  const config = file();
  const app = await appWith({ default: config }, ['default'], {
    statements: [
      { label: 'default', text: 'CREATE TABLE t (a); INSERT INTO t VALUES (1)', all: true },
      { label: 'default', text: 'INSERT INTO t VALUES (2); INSERT INTO t VALUES (3)', all: false },
    ],
  });
  const guest = app.request();
  const connection = okOf(await guest.call(`${two} [static]connection.open`, 'default'));
  const { rows } = okOf<{ rows: unknown }>(
    await guest.call(`${two} [method]connection.execute`, connection, 'SELECT a FROM t', []),
  );
  assert.deepEqual(rows, [{ values: [integer(1n)] }, { values: [integer(2n)] }]);
  guest.end();
  await app.close();
  for (const [label, message] of [
    [
      'default',
      'Cannot run statements in the SQLite database "default": near "nonsense": syntax error in nonsense at offset 0',
    ],
    ['none', 'There is no SQLite database "none" to run statements in'],
  ] as const) {
    const statements = [{ label, text: 'nonsense', all: false }];
    await assert.rejects(appWith({ default: config }, [], { statements }), { code: 'service-start', message });
  }
});

test('rows come in the order in which SQLite gives them, over pieces of any number, and sums of their bytes are kept', {
  timeout: 60_000,
}, async () => {
  const app = await appWith();
  const guest = app.request(1_000_000_000);
  const connection = okOf(await guest.call(`${two} [static]connection.open`, 'default'));
  for (const [count, bytes] of [
    [3_000, 1],
    [300, 20_000],
  ]) {
    const text = `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
      SELECT i, zeroblob(${bytes}) FROM n ORDER BY -i DESC`;
    const { rows } = okOf<{ rows: { values: { val: unknown }[] }[] }>(
      await guest.call(`${two} [method]connection.execute`, connection, text, []),
    );
    assert.deepEqual(
      rows.map(({ values }) => Number(values[0]?.val)),
      Array.from({ length: count as number }, (_, index) => index + 1),
    );
  }
  guest.end();
  await app.close();
});
