// Who may reach which server, what one request leaves to the next, and what ends with a request: against a real server.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type PostgresServer, postgresMissing, startPostgres } from '../../../test/support/servers/postgres.ts';
import { until } from '../../../test/support/servers/until.ts';
import { within } from '../../../test/support/within.ts';
import { componentOf, errOf, okOf, type readAll, type TestComponent, type TestGuest } from '../guest.test-kit.ts';
import { createPostgresService } from './service.ts';

const skip = postgresMissing();
const timeout = 30_000;
let server: PostgresServer | undefined;
let component: TestComponent;
const running = (): PostgresServer => server ?? assert.fail('no server');
before(async () => {
  if (skip) return;
  server = await startPostgres();
  component = await componentOf(createPostgresService(), ['postgres://127.0.0.1:*']);
});
after(async () => {
  await component?.close();
  await server?.close();
});

const four = 'spin:postgres/postgres@4.2.0';
const opens = [
  'fermyon:spin/postgres@2.0.0 [static]connection.open',
  'spin:postgres/postgres@3.0.0 [static]connection.open',
  `${four} [static]connection.open`,
  `${four} [static]connection.open-async`,
];
const open = async (guest: TestGuest, url = running().url): Promise<unknown> =>
  okOf(await guest.call(`${four} [static]connection.open`, url));
const execute = (guest: TestGuest, connection: unknown, text: string): Promise<unknown> =>
  guest.call(`${four} [method]connection.execute`, connection, text, []);
const texts = async (guest: TestGuest, connection: unknown, text: string): Promise<unknown[]> => {
  const found = okOf<{ rows: { val: unknown }[][] }>(
    await guest.call(`${four} [method]connection.query`, connection, text, []),
  );
  return found.rows.map(([first]) => first?.val);
};
const sessions = async (): Promise<number> => {
  const [row] = await running().query(
    "SELECT count(*)::int AS n FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()",
  );
  return Number(row?.n);
};

test('an address that the manifest does not allow is denied, in every version, in the words of Spin', {
  timeout,
}, async () => {
  const denied = await componentOf(createPostgresService(), ['postgres://127.0.0.1:7', 'mysql://127.0.0.1:*']);
  const guest = denied.request();
  const not = (place: string) => ({ tag: 'connection-failed', val: `address postgres://${place} is not permitted` });
  for (const func of opens) {
    for (const [address, place] of [
      ['postgres://user:secret@127.0.0.1:1/db', '127.0.0.1:1'],
      ['host=127.0.0.1 user=u', '127.0.0.1'],
      ['postgres://u@127.0.0.1:7,example.com:7/db', 'example.com:7'],
      ['host=127.0.0.1 hostaddr=127.0.0.2 port=7 user=u', '127.0.0.2:7'],
    ] as const) {
      assert.deepEqual(errOf(await guest.call(func, address)), not(place), `${func} ${address}`);
    }
    for (const nonsense of ['', 'nonsense', 'mysql://127.0.0.1', 'postgres://u@127.0.0.1:port', 'host=a what=b']) {
      const found = errOf(await guest.call(func, nonsense));
      assert.ok(['invalid connection string'].includes(found.val) || found.val.includes('host'), `${func} ${nonsense}`);
    }
  }
  for (const name of ['build', 'build-async']) {
    const builder = await guest.call(`${four} [constructor]connection-builder`, 'host=127.0.0.1 port=1');
    assert.deepEqual(
      errOf(await guest.call(`${four} [method]connection-builder.${name}`, builder)),
      not('127.0.0.1:1'),
    );
    guest.drop(four, 'connection-builder', builder);
  }
  for (const func of ['execute', 'query']) {
    const found = await guest.call(`fermyon:spin/postgres ${func}`, 'host=127.0.0.1 port=1', 'SELECT 1', []);
    assert.deepEqual(errOf(found), not('127.0.0.1:1'));
  }
  assert.equal(guest.hostBytes.bytes, 0);
  guest.end();
  assert.deepEqual(denied.warnings.slice(0, 1), [
    'It may not connect to postgres://127.0.0.1:1. To allow it, add to [component.hello]: allowed_outbound_hosts = ["postgres://127.0.0.1:1"]',
  ]);
  assert.equal(denied.warnings.length, 4);
  await denied.close();
});

test('servers that are down, and wrong passwords, are told in the words of Spin', { skip, timeout }, async () => {
  const guest = component.request();
  const failed = async (address: string): Promise<string> => {
    const { tag, val } = errOf(await guest.call(`${four} [static]connection.open`, address));
    assert.equal(tag, 'connection-failed');
    return val;
  };
  const kind = 'Error occurred while creating a new object: ';
  assert.equal(
    await failed('postgres://u@127.0.0.1:1'),
    `${kind}error connecting to server\n\nCaused by:\n    0: error connecting to server\n    1: Connection refused (os error 111)`,
  );
  assert.equal(
    await failed(`host=127.0.0.1 port=${running().port} user=postgres password='wr\\'ong'`),
    `${kind}db error\n\nCaused by:\n    0: db error\n    1: FATAL: password authentication failed for user "postgres"`,
  );
  assert.match(await failed(`host=127.0.0.1 port=${running().port} user=postgres`), /password missing/);
  assert.match(await failed(`${running().url.replace('disable', 'require')}`), /TLS/);
  okOf(await guest.call(`${four} [static]connection.open`, running().url.replace('disable', 'prefer')));
  guest.end();
});

test('what the environment of the host says is not used', { skip, timeout }, async () => {
  const names = { PGPASSWORD: running().password, PGUSER: 'postgres', PGAPPNAME: 'host', PGOPTIONS: '-c work_mem=1MB' };
  Object.assign(process.env, names);
  try {
    const guest = component.request();
    errOf(await guest.call(`${four} [static]connection.open`, `host=127.0.0.1 port=${running().port} user=postgres`));
    const connection = await open(guest, `${running().url}&application_name=mine`);
    assert.deepEqual(await texts(guest, connection, 'SHOW application_name'), ['mine']);
    assert.notDeepEqual(await texts(guest, connection, 'SHOW work_mem'), ['1MB']);
    guest.end();
  } finally {
    for (const name of Object.keys(names)) delete process.env[name];
  }
});

test('nothing of a request is left to the next: transactions, settings, tables, locks, statements', {
  skip,
  timeout,
}, async () => {
  await running().query('CREATE TABLE left_open (i int4)');
  const alone = await componentOf(createPostgresService(), ['postgres://127.0.0.1:*']);
  const first = alone.request();
  const connection = await open(first);
  const [pid] = await texts(first, connection, 'SELECT pg_backend_pid()');
  for (const text of [
    "SET search_path = 'elsewhere'",
    'CREATE TEMP TABLE mine (i int4)',
    'PREPARE mine AS SELECT 1',
    'LISTEN mine',
    'SELECT pg_advisory_lock(7)',
    'BEGIN',
    'INSERT INTO public.left_open VALUES (1)',
    "SET SESSION statement_timeout = '5h'",
  ]) {
    okOf(await execute(first, connection, text));
  }
  first.end();
  const locks = async (): Promise<number> =>
    (await running().query("SELECT 1 FROM pg_locks WHERE locktype = 'advisory'")).length;
  await until(async () => (await locks()) === 0, 'the lock to be given back');
  await delay(300);
  await until(async () => {
    const guest = alone.request();
    const again = await open(guest);
    const [found] = await texts(guest, again, 'SELECT pg_backend_pid()');
    guest.end();
    return found === pid;
  }, 'the same connection');
  const second = alone.request();
  const again = await open(second);
  assert.deepEqual(await texts(second, again, 'SELECT i FROM left_open'), []);
  assert.deepEqual(await texts(second, again, 'SHOW search_path'), ['"$user", public']);
  assert.deepEqual(await texts(second, again, 'SHOW statement_timeout'), ['0']);
  assert.deepEqual(await texts(second, again, "SELECT relname FROM pg_class WHERE relname = 'mine'"), []);
  assert.deepEqual(await texts(second, again, 'SELECT name FROM pg_prepared_statements'), []);
  assert.deepEqual(await texts(second, again, 'SELECT pg_listening_channels()'), []);
  second.end();
  await alone.close();
});

test('addresses and components share no connections', { skip, timeout }, async () => {
  await running().query('CREATE DATABASE other');
  const pids = new Set<unknown>();
  for (const url of [running().url, running().url.replace('/postgres?', '/other?')]) {
    for (const owner of [component, await componentOf(createPostgresService(), ['postgres://127.0.0.1:*'])]) {
      const guest = owner.request();
      const connection = await open(guest, url);
      pids.add((await texts(guest, connection, 'SELECT pg_backend_pid()'))[0]);
      guest.end();
      if (owner !== component) await owner.close();
    }
  }
  assert.equal(pids.size, 4);
});

test('a statement that runs on is ended with its request, at the server, too', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const slow = execute(guest, connection, 'SELECT pg_sleep(600)');
  const active = async (): Promise<number> =>
    (await running().query("SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'"))
      .length;
  await until(async () => (await active()) === 1, 'the statement to run');
  guest.end();
  await assert.rejects(within(slow, 'the statement to end'), /the request is over/);
  await until(async () => (await active()) === 0, 'the server to stop');
});

test('a stream that nobody reads ends with its request, and keeps little', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const [, rows, end] = okOf<[unknown, Parameters<typeof readAll>[0], Promise<unknown>]>(
    await guest.call(
      `${four} [method]connection.query-async`,
      connection,
      "SELECT repeat('x', 10000) FROM generate_series(1, 1e6)",
      [],
    ),
  );
  rows.produce({ write: () => new Promise(() => undefined), close: () => undefined, dropped: false } as never);
  await delay(300);
  assert.ok(guest.hostBytes.bytes > 0 && guest.hostBytes.bytes < 2_000_000, String(guest.hostBytes.bytes));
  const before = await sessions();
  guest.end();
  await until(async () => (await sessions()) < before, 'the connection to close');
  void end;
});

test('results are counted while they come: the limit of the guest, then that of Spin', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const large = (megabytes: number): Promise<unknown> =>
    guest.call(
      `${four} [method]connection.query`,
      connection,
      `SELECT repeat('x', ${megabytes}000000) FROM generate_series(1, 1000)`,
      [],
    );
  await assert.rejects(large(1), { message: /Limit reached: held/ });
  guest.end();
  const rich = component.request(1_000_000_000);
  const another = await open(rich);
  const found = await rich.call(
    `${four} [method]connection.query`,
    another,
    "SELECT repeat('x', 9000000) FROM generate_series(1, 1000)",
    [],
  );
  assert.deepEqual(errOf(found), {
    tag: 'query-failed',
    val: { tag: 'text', val: 'query result exceeds limit of 134217728 bytes' },
  });
  assert.equal(rich.hostBytes.bytes, 0);
  const third = await open(rich);
  assert.deepEqual(await texts(rich, third, "SELECT length(repeat('x', 20000000))"), [20_000_000]);
  assert.equal(okOf(await execute(rich, third, "SELECT repeat('x', 1000000) FROM generate_series(1, 50)")), 50n);
  rich.end();
});

test('a sandbox has 16 connections, and closing one makes room', { skip, timeout }, async () => {
  const guest = component.request();
  const all = await Promise.all(Array.from({ length: 16 }, () => open(guest)));
  assert.deepEqual(errOf(await guest.call(opens[0]!, running().url)), {
    tag: 'connection-failed',
    val: 'too many connections',
  });
  guest.drop(four, 'connection', all[0]);
  await until(async () => ((await guest.call(opens[0]!, running().url)) as { tag: string }).tag === 'ok', 'room');
  guest.end();
});

test('many sandboxes at once share the connections, and each has its own rows', { skip, timeout }, async () => {
  const results = await Promise.all(
    Array.from({ length: 200 }, async (_, index) => {
      const guest = component.request();
      const connection = await open(guest, `${running().url}&application_name=many`);
      okOf(await execute(guest, connection, `CREATE TEMP TABLE own AS SELECT ${index} AS i`));
      const found = await texts(guest, connection, 'SELECT i FROM own');
      guest.drop(four, 'connection', connection);
      guest.end();
      return found[0] === index;
    }),
  );
  assert.ok(results.every(Boolean));
  const many = await running().query("SELECT 1 FROM pg_stat_activity WHERE application_name = 'many'");
  assert.ok(many.length <= 32, String(many.length));
});

test('a lost connection costs those who use it; the next ones get a new one', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const slow = execute(guest, connection, 'SELECT pg_sleep(600)');
  await delay(100);
  await running().query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()');
  const failed = errOf<{ tag: string }>(await within(slow, 'the error'));
  assert.equal(failed.tag, 'query-failed');
  errOf(await execute(guest, connection, 'SELECT 1'));
  guest.end();
  await delay(50);
  const next = component.request();
  okOf(await execute(next, await open(next), 'SELECT 1'));
  next.end();
});

test('a server that hangs costs its own request only', { skip, timeout }, async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const guests = Array.from({ length: 40 }, () => component.request());
  const stuck = guests.map((guest) =>
    guest.call(opens[0]!, `host=127.0.0.1 port=${port} user=u`).catch((error: Error) => error.message),
  );
  const other = component.request();
  okOf(await within(execute(other, await open(other), 'SELECT 1'), 'another server'));
  other.end();
  for (const guest of guests) guest.end();
  assert.deepEqual(new Set(await within(Promise.all(stuck), 'the requests to end')), new Set(['the request is over']));
  const impatient = component.request();
  const late = await impatient.call(opens[0]!, `host=127.0.0.1 port=${port} user=u connect_timeout=1`);
  assert.match(errOf(late).val, /connection timed out/);
  impatient.end();
  for (const socket of sockets) socket.destroy();
  silent.close();
});

test('connections that nobody uses close with the app', { skip, timeout }, async () => {
  const alone = await componentOf(createPostgresService(), ['postgres://127.0.0.1:*']);
  const before = await sessions();
  const guest = alone.request();
  await open(guest);
  assert.equal(await sessions(), before + 1);
  guest.end();
  await alone.close();
  await until(async () => (await sessions()) <= before, 'the connection to close');
});
