// Who may reach which server, what one request leaves to the next, and what ends with a request: against a real server, and
// some that break the protocol.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type MariadbServer, mariadbMissing, startMariadb } from '../../../test/support/servers/mariadb.ts';
import { until } from '../../../test/support/servers/until.ts';
import { within } from '../../../test/support/within.ts';
import { componentOf, errOf, okOf, type readAll, type TestComponent, type TestGuest } from '../guest.test-kit.ts';
import { createMysqlService } from './service.ts';

const skip = mariadbMissing();
const timeout = 30_000;
let server: MariadbServer | undefined;
let component: TestComponent;
const running = (): MariadbServer => server ?? assert.fail('no server');
before(async () => {
  if (skip) return;
  server = await startMariadb();
  component = await componentOf(createMysqlService(), ['mysql://127.0.0.1:*']);
});
after(async () => {
  await component?.close();
  await server?.close();
});

const two = 'fermyon:spin/mysql@2.0.0';
const three = 'spin:mysql/mysql@3.0.0';
const opens = [`${two} [static]connection.open`, `${three} [static]connection.open`] as const;
const open = async (guest: TestGuest, url = running().url): Promise<unknown> => okOf(await guest.call(opens[0], url));
const execute = (guest: TestGuest, connection: unknown, text: string): Promise<unknown> =>
  guest.call(`${two} [method]connection.execute`, connection, text, []);
const firsts = async (guest: TestGuest, connection: unknown, text: string): Promise<unknown[]> => {
  const found = okOf<{ rows: { val: unknown }[][] }>(
    await guest.call(`${two} [method]connection.query`, connection, text, []),
  );
  return found.rows.map(([first]) => first?.val);
};
const processes = async (info: string): Promise<number> =>
  (await running().query(`SELECT 1 FROM information_schema.processlist WHERE info = '${info}'`)).length;
const sessions = async (): Promise<number> =>
  (await running().query('SELECT 1 FROM information_schema.processlist WHERE id <> CONNECTION_ID()')).length;

test('an address that the manifest does not allow is denied, in every version, in the words of Spin', {
  timeout,
}, async () => {
  const denied = await componentOf(createMysqlService(), ['mysql://127.0.0.1:7', 'postgres://127.0.0.1:*']);
  const guest = denied.request();
  for (const address of [
    'mysql://u:secret@127.0.0.1:1/db',
    'mysql://127.0.0.1/db',
    'nonsense',
    'postgres://127.0.0.1:7',
    '',
  ]) {
    const not = { tag: 'connection-failed', val: `address ${address} is not permitted` };
    for (const func of opens) assert.deepEqual(errOf(await guest.call(func, address)), not, func);
    for (const func of ['execute', 'query']) {
      assert.deepEqual(errOf(await guest.call(`fermyon:spin/mysql ${func}`, address, 'SELECT 1', [])), not, func);
    }
  }
  guest.end();
  assert.equal(
    denied.warnings[0],
    'It may not connect to mysql://127.0.0.1:1. To allow it, add to [component.hello]: allowed_outbound_hosts = ["mysql://127.0.0.1:1"]',
  );
  assert.ok(!denied.warnings.join().includes('secret'));
  assert.equal(denied.warnings.length, 4);
  await denied.close();
});

test('servers that are down, and wrong passwords, are told in the words of Spin', { skip, timeout }, async () => {
  const guest = component.request();
  const failed = async (address: string): Promise<string> => {
    const { tag, val } = errOf(await guest.call(opens[0], address));
    assert.equal(tag, 'connection-failed');
    return val;
  };
  assert.match(await failed('mysql://u@127.0.0.1:1/db'), /^Input\/output error: .*Connection refused \(os error 111\)/);
  assert.match(
    await failed(running().url.replace(/guest:[^@]*@/, 'guest:wrong@')),
    /^Server error: `ERROR 28000 \(1045\): Access denied for user 'guest'/,
  );
  assert.match(await failed(`${running().url}?ssl-mode=REQUIRED`), /secure connection|TLS|SSL|certificate/i);
  okOf(await guest.call(opens[0], `${running().url}?ssl-mode=disabled`));
  guest.end();
});

test('nothing of a request is left to the next: transactions, settings, tables, locks, databases', {
  skip,
  timeout,
}, async () => {
  await running().query('CREATE TABLE left_open (i INT) ENGINE=InnoDB');
  await running().query('CREATE DATABASE elsewhere');
  const alone = await componentOf(createMysqlService(), ['mysql://127.0.0.1:*']);
  const first = alone.request();
  const connection = await open(first);
  const [id] = await firsts(first, connection, 'SELECT CONNECTION_ID()');
  for (const text of [
    'SET @mine = 7',
    "SET SESSION sql_mode = ''",
    'SET NAMES latin1',
    'CREATE TEMPORARY TABLE mine (i INT)',
    "SELECT GET_LOCK('mine', 1)",
    'SET autocommit = 0',
    'INSERT INTO test.left_open VALUES (1)',
  ]) {
    okOf(await execute(first, connection, text));
  }
  first.end();
  await delay(300);
  await until(async () => {
    const guest = alone.request();
    const [found] = await firsts(guest, await open(guest), 'SELECT CONNECTION_ID()');
    guest.end();
    return found === id;
  }, 'the same connection');
  const second = alone.request();
  const again = await open(second);
  assert.deepEqual(await firsts(second, again, 'SELECT i FROM left_open'), []);
  assert.deepEqual(await firsts(second, again, 'SELECT @mine'), [undefined]);
  assert.notDeepEqual(await firsts(second, again, 'SELECT @@sql_mode'), ['']);
  assert.deepEqual(await firsts(second, again, 'SELECT @@character_set_client'), ['utf8mb4']);
  assert.deepEqual(await firsts(second, again, 'SELECT @@autocommit'), [1n]);
  assert.deepEqual(await firsts(second, again, "SELECT IS_FREE_LOCK('mine')"), [1]);
  errOf(await execute(second, again, 'SELECT * FROM mine'));
  second.end();
  await alone.close();
});

test('a database that a request chose is not that of the next', { skip, timeout }, async () => {
  const without = running().url.replace(/\/test$/, '');
  for (const [url, expected] of [
    [running().url, 'test'],
    [without, undefined],
  ] as const) {
    const alone = await componentOf(createMysqlService(), ['mysql://127.0.0.1:*']);
    for (let request = 0; request < 3; request++) {
      const guest = alone.request();
      const connection = await open(guest, url);
      assert.deepEqual(await firsts(guest, connection, 'SELECT DATABASE()'), [expected]);
      await execute(guest, connection, 'USE mysql');
      guest.end();
      await delay(50);
    }
    await alone.close();
  }
});

test('a connection without a database is used again when no request chose one', { skip, timeout }, async () => {
  const alone = await componentOf(createMysqlService(), ['mysql://127.0.0.1:*']);
  const idOf = async (): Promise<unknown> => {
    const guest = alone.request();
    const connection = await open(guest, running().url.replace(/\/test$/, ''));
    const [id] = await firsts(guest, connection, 'SELECT CONNECTION_ID()');
    guest.end();
    return id;
  };
  const seen = new Set<unknown>();
  await until(async () => {
    const id = await idOf();
    return seen.has(id) || !seen.add(id);
  }, 'a connection that was there before');
  await alone.close();
});

test('a statement that runs on is ended with its request, at the server, too', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = await open(guest);
  const slow = execute(guest, connection, 'SELECT SLEEP(600)');
  await until(async () => (await processes('SELECT SLEEP(600)')) === 1, 'the statement to run');
  guest.end();
  await assert.rejects(within(slow, 'the statement to end'), /the request is over/);
  await until(async () => (await processes('SELECT SLEEP(600)')) === 0, 'the server to stop');
});

test('a stream that nobody reads keeps little, and ends with its request', { skip, timeout }, async () => {
  const guest = component.request();
  const connection = okOf(await guest.call(opens[1], running().url));
  const text = "SELECT REPEAT('x', 10000) FROM seq_1_to_1000000";
  const [, rows] = okOf<[unknown, Parameters<typeof readAll>[0], Promise<unknown>]>(
    await guest.call(`${three} [method]connection.query`, connection, text, []),
  );
  rows.produce({ write: () => new Promise(() => undefined), close: () => undefined, dropped: false } as never);
  await delay(300);
  assert.ok(guest.hostBytes.bytes > 0 && guest.hostBytes.bytes < 2_000_000, String(guest.hostBytes.bytes));
  const before = await sessions();
  guest.end();
  await until(async () => (await sessions()) < before, 'the connection to close');
});

test('results are counted while they come: the limit of the guest, then that of Spin', { skip, timeout }, async () => {
  const guest = component.request();
  const call = (who: TestGuest, connection: unknown, bytes: number): Promise<unknown> =>
    who.call(`${two} [method]connection.query`, connection, `SELECT REPEAT('x', ${bytes}) FROM seq_1_to_1000`, []);
  await assert.rejects(call(guest, await open(guest), 1_000_000), { message: /Limit reached: held/ });
  guest.end();
  const rich = component.request(1_000_000_000);
  assert.deepEqual(errOf(await call(rich, await open(rich), 9_000_000)), {
    tag: 'other',
    val: 'query result exceeds limit of 134217728 bytes',
  });
  assert.equal(rich.hostBytes.bytes, 0);
  okOf(await execute(rich, await open(rich), "SELECT REPEAT('x', 1000000) FROM seq_1_to_50"));
  assert.equal(rich.hostBytes.bytes, 0);
  rich.end();
});

test('many sandboxes at once share the connections, and each has its own rows', { skip, timeout }, async () => {
  const results = await Promise.all(
    Array.from({ length: 100 }, async (_, index) => {
      const guest = component.request();
      const connection = await open(guest);
      okOf(await execute(guest, connection, `SET @own = ${index}`));
      const found = await firsts(guest, connection, 'SELECT @own');
      guest.end();
      return Number(found[0]) === index;
    }),
  );
  assert.ok(results.every(Boolean));
  const guest = component.request();
  const all = await Promise.all(Array.from({ length: 16 }, () => open(guest)));
  assert.deepEqual(errOf(await guest.call(opens[0], running().url)).val, 'too many connections');
  guest.drop(two, 'connection', all[0]);
  await until(async () => ((await guest.call(opens[0], running().url)) as { tag: string }).tag === 'ok', 'room');
  guest.end();
});

test('a server that hangs costs its own request only, and so does one that was lost', { skip, timeout }, async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket))
    .listen(0, '127.0.0.1')
    .unref();
  await once(silent, 'listening');
  const { port } = silent.address() as { port: number };
  const guests = Array.from({ length: 40 }, () => component.request());
  const stuck = guests.map((guest) => guest.call(opens[0], `mysql://u@127.0.0.1:${port}`).catch(String));
  const other = component.request();
  const connection = await within(open(other), 'another server');
  const slow = execute(other, connection, 'SELECT SLEEP(599)');
  await until(async () => (await processes('SELECT SLEEP(599)')) === 1, 'the statement to run');
  const [row] = await running().query("SELECT id FROM information_schema.processlist WHERE info = 'SELECT SLEEP(599)'");
  await running().query(`KILL ${Number(row?.id)}`);
  assert.equal(errOf(await within(slow, 'the error')).tag, 'query-failed');
  errOf(await execute(other, connection, 'SELECT 1'));
  okOf(await execute(other, await open(other), 'SELECT 1'));
  other.end();
  for (const guest of guests) guest.end();
  const ended = await within(Promise.all(stuck), 'the requests to end');
  assert.deepEqual(new Set(ended), new Set(['Error: the request is over']));
  for (const socket of sockets) socket.destroy();
  silent.close();
});

const nonsense = [
  Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  Buffer.from([0xff, 0xff, 0xff, 0, ...Array<number>(100).fill(0)]),
  Buffer.from([5, 0, 0, 0, 10, 0, 0, 0, 0]),
  Buffer.from([1, 0, 0, 0, 0xff]),
];
for (const [index, greeting] of nonsense.entries()) {
  test(`a greeting that is no greeting (${index}) is connection-failed`, { timeout }, async () => {
    const hostile = createServer((socket) => {
      socket.on('error', () => undefined);
      socket.end(greeting);
    });
    hostile.listen(0, '127.0.0.1').unref();
    await once(hostile, 'listening');
    const { port } = hostile.address() as { port: number };
    const alone = await componentOf(createMysqlService(), ['mysql://127.0.0.1:*']);
    const guest = alone.request();
    const found = await within(guest.call(opens[0], `mysql://u:p@127.0.0.1:${port}`), 'an error');
    assert.equal(errOf(found).tag, 'connection-failed');
    guest.end();
    await alone.close();
    hostile.close();
  });
}
