// Redis through each version of its interface, against a real server: permissions, values, errors, and what one request
// leaves of its connections to the next.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, before, test } from 'node:test';
import { createServer as createTlsServer } from 'node:tls';
import { type RedisServer, redisMissing, startRedis } from '../../../test/support/servers/redis.ts';
import { within } from '../../../test/support/within.ts';
import type { RuntimeConfig } from '../../app/runtime-config/runtime-config.ts';
import { guestsOf, type TestGuest } from '../guests-of.test-kit.ts';
import { certificate, key } from '../outbound-http/certificate.fixture.ts';
import { createRedisService } from './service.ts';

const one = 'fermyon:spin/redis';
const two = 'fermyon:spin/redis@2.0.0';
const three = 'spin:redis/redis@3.0.0';
const connected = [two, three];

const skip = redisMissing();
const options = { skip, timeout: 30_000 };
let server: RedisServer | undefined;
const running = (): RedisServer => server ?? assert.fail('no server');
before(async () => {
  if (!skip) server = await startRedis();
});
after(() => server?.close());

const app = (
  hosts: readonly string[] = [`redis://127.0.0.1:${running().port}`],
  runtimeConfig: Partial<RuntimeConfig> = {},
) => guestsOf(createRedisService(), { component: { allowedOutboundHosts: hosts }, runtimeConfig });
const open = (guest: TestGuest, version = two, address = running().url): Promise<unknown> =>
  guest.ok(`${version} [static]connection.open`, address);
const execute = (guest: TestGuest, connection: unknown, command: string, ...args: (string | bigint)[]) =>
  guest.call(
    `${two} [method]connection.execute`,
    connection,
    command,
    args.map((arg) =>
      typeof arg === 'bigint' ? { tag: 'int64', val: arg } : { tag: 'binary', val: Buffer.from(arg) },
    ),
  );

const bytes = (text: string) => Buffer.from(text);
const err = (val: unknown) => ({ tag: 'err', val });
const ok = (val: unknown) => ({ tag: 'ok', val });
const other = (val: string) => err({ tag: 'other', val });
const nil = { tag: 'nil' };
const status = (val: string) => ({ tag: 'status', val });
const int = (val: bigint) => ({ tag: 'int64', val });
const binary = (text: string) => ({ tag: 'binary', val: bytes(text) });

test('every function gives in the first version what it gives in the others', options, async () => {
  const at = await app();
  const guest = at.request();
  const address = `${running().url}/1`;
  const call = (name: string, ...args: unknown[]) => guest.ok(`${one} ${name}`, address, ...args);
  assert.deepEqual(await call('get', 'k'), new Uint8Array());
  assert.equal(await call('set', 'k', bytes('v\0ä')), undefined);
  assert.deepEqual(await call('get', 'k'), bytes('v\0ä'));
  assert.equal(await call('incr', 'n'), 1n);
  assert.equal(await call('sadd', 's', ['a', 'ä', 'a']), 2n);
  assert.deepEqual(((await call('smembers', 's')) as string[]).sort(), ['a', 'ä']);
  assert.equal(await call('srem', 's', ['a', 'none']), 1n);
  assert.equal(await call('publish', 'channel', bytes('hello')), undefined);
  assert.deepEqual(await call('execute', 'GET', [binary('k')]), [binary('v\0ä')]);
  assert.equal(await call('del', ['k', 'n', 'none']), 2n);
  assert.equal(guest.hostBytes.bytes, 0);
  await at.close();
});

for (const version of connected) {
  test(`${version}: every function`, options, async () => {
    const at = await app();
    const guest = at.request();
    const connection = await open(guest, version, `${running().url}/2`);
    const call = (name: string, ...args: unknown[]) =>
      guest.ok(`${version} [method]connection.${name}`, connection, ...args);
    await call('execute', 'FLUSHDB', []);
    assert.equal(await call('get', 'k'), undefined);
    await call('set', 'k', bytes(''));
    assert.deepEqual(await call('get', 'k'), bytes(''));
    await call('set', 'n', bytes('9223372036854775806'));
    assert.equal(await call('incr', 'n'), 9223372036854775807n);
    assert.deepEqual(
      await guest.call(`${version} [method]connection.incr`, connection, 'n'),
      other('An error was signalled by the server - ResponseError: increment or decrement would overflow'),
    );
    assert.deepEqual(
      await guest.call(`${version} [method]connection.sadd`, connection, 'n', ['x']),
      other('WRONGTYPE: Operation against a key holding the wrong kind of value'),
    );
    assert.equal(await call('sadd', 's', ['x', 'y']), 2);
    assert.equal(((await call('smembers', 's')) as string[]).length, 2);
    assert.equal(await call('srem', 's', ['x']), 1);
    assert.equal(await call('del', ['k', 'n', 's']), 3);
    assert.equal(guest.hostBytes.bytes, 0);
    await at.close();
  });
}

test('replies of every type, flattened as in Spin', options, async () => {
  const at = await app();
  const guest = at.request();
  const connection = await open(guest);
  const run = (command: string, ...args: (string | bigint)[]) => execute(guest, connection, command, ...args);
  assert.deepEqual(await run('set', 'k', 'v'), ok([status('OK')]));
  assert.deepEqual(await run('MGET', 'k', 'none'), ok([binary('v'), nil]));
  assert.deepEqual(await run('SET', 'min', -9223372036854775808n), ok([status('OK')]));
  assert.deepEqual(await run('INCRBY', 'min', 0n), ok([int(-9223372036854775808n)]));
  assert.deepEqual(
    await run('EVAL', "return {1, {'two', {3}}, {}, false}", '0'),
    ok([int(1n), binary('two'), int(3n), nil]),
  );
  assert.deepEqual(
    await run('GET'),
    other("An error was signalled by the server - ResponseError: wrong number of arguments for 'get' command"),
  );
  assert.deepEqual(
    await run('HELLO', '3'),
    other('Could not convert Redis response - TypeError: Redis Map type is not supported'),
  );
  assert.deepEqual(await run('EVAL', 'redis.setresp(3); return {double = 1.5}', '0'), ok([binary('1.5')]));
  assert.deepEqual(await run('GET', 'none'), ok([nil]));
  assert.deepEqual(await run('SMEMBERS', 'none'), ok([]));
  assert.deepEqual(
    await run('DEBUG', 'PROTOCOL', 'true'),
    other(
      'An error was signalled by the server - ResponseError: DEBUG command not allowed. If the enable-debug-command option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.',
    ),
  );
  await at.close();
});

test('a transaction is one connection, and does not reach into the next request', options, async () => {
  const at = await app();
  const first = at.request();
  const connection = await open(first);
  await execute(first, connection, 'MULTI');
  assert.deepEqual(await execute(first, connection, 'SET', 'in', 'transaction'), ok([status('QUEUED')]));
  assert.deepEqual(await execute(first, connection, 'INCR', 'in'), ok([status('QUEUED')]));
  assert.deepEqual(
    await execute(first, connection, 'EXEC'),
    other('An error was signalled by the server - ResponseError: value is not an integer or out of range'),
  );
  await execute(first, connection, 'MULTI');
  first.finish();
  const second = at.request();
  assert.deepEqual(await execute(second, await open(second), 'GET', 'in'), ok([binary('transaction')]));
  await at.close();
});

const states: Readonly<Record<string, readonly string[]>> = {
  SELECT: ['9'],
  SUBSCRIBE: ['a', 'b', 'c'],
  MONITOR: [],
  MULTI: [],
  WATCH: ['k'],
  CLIENT: ['REPLY', 'OFF'],
  HELLO: ['3'],
  QUIT: [],
  RESET: [],
};

test('commands that change a connection, of one request, hurt no other', options, async () => {
  const at = await app();
  const plain = at.request();
  await plain.ok(`${one} set`, running().url, 'who', bytes('database 0'));
  plain.finish();
  for (const [command, args] of Object.entries(states)) {
    const rude = at.request();
    const connection = await open(rude);
    // One that is answered with nothing waits for the end of its request.
    const waiting = execute(rude, connection, command, ...args).catch(() => undefined);
    await Promise.race([waiting, new Promise((resolve) => setTimeout(resolve, 50))]);
    rude.finish();
    await waiting;
    for (let count = 0; count < 3; count++) {
      const next = at.request();
      const found = await within(execute(next, await open(next), 'GET', 'who'), `GET after ${command}`);
      assert.deepEqual(found, ok([binary('database 0')]), command);
      next.finish();
    }
  }
  await at.close();
});

test('a blocking command waits for its own request only, and ends with it', options, async () => {
  const at = await app();
  const patient = at.request();
  const blocked = execute(patient, await open(patient), 'BLPOP', 'nothing', '0');
  const rejected = assert.rejects(within(blocked, 'the end of the request'), { message: 'the request is over' });
  const next = at.request();
  assert.equal(await next.ok(`${one} incr`, running().url, 'beside'), 1n);
  patient.finish();
  await rejected;
  await at.close();
});

test('connections that are clean are used again, by the component that made them', options, async () => {
  const at = await app();
  const made = new Set<string | undefined>();
  for (let count = 0; count < 5; count++) {
    const guest = at.request();
    const info = await execute(guest, await open(guest), 'INFO', 'stats');
    const text = (info as { val: [{ val: Buffer }] }).val[0].val.toString();
    made.add(/total_connections_received:(\d+)/.exec(text)?.[1]);
    guest.finish();
    await new Promise((resolve) => setImmediate(resolve));
  }
  assert.equal(made.size, 1);
  await at.close();
});

test('what is no address, or not allowed, is invalid-address, and the log says what to write', options, async () => {
  const { port } = running();
  const at = await app(['redis://127.0.0.1:1', 'http://127.0.0.1:*', `*://localhost:${port}`]);
  const guest = at.request();
  const bad = [`redis://127.0.0.1:${port}`, '', 'none', 'redis://', `rediss://127.0.0.1:1`, 'http://127.0.0.1:80'];
  const more = [`127.0.0.1:${port}`, `redis://localhost@127.0.0.1:${port}`, `redis://localhost:${port}/x`];
  for (const address of [
    ...bad,
    ...more,
    'redis://%',
    'redis://[::1',
    `localhost:${port}`,
    `http://localhost:${port}`,
  ]) {
    for (const version of connected) {
      const opened = await guest.call(`${version} [static]connection.open`, address);
      assert.deepEqual(opened, err({ tag: 'invalid-address' }), `${version} ${address}`);
    }
    assert.deepEqual(await guest.call(`${one} get`, address, 'k'), err('error'), address);
  }
  assert.deepEqual(at.lines[0]?.fields.event, 'network-denied');
  const denied = at.lines.map(({ message }) => message);
  const entry = `redis://127.0.0.1:${port}`;
  assert.ok(
    denied.includes(
      `It may not connect to ${entry}. To allow it, add to [component.guest]: allowed_outbound_hosts = ["${entry}"]`,
    ),
    denied.join('\n'),
  );
  assert.equal(denied.length, 3);
  await open(guest, two, `redis://localhost:${port}`);
  await at.close();
});

test('a server that is not there', options, async () => {
  const at = await app(['redis://127.0.0.1:1', 'redis://no.such.name.invalid:1']);
  const guest = at.request();
  for (const version of connected) {
    const opened = await guest.call(`${version} [static]connection.open`, 'redis://127.0.0.1:1');
    assert.deepEqual(opened, other('Connection refused (os error 111)'));
  }
  assert.deepEqual(await guest.call(`${one} get`, 'redis://127.0.0.1:1', 'k'), err('error'));
  await at.close();
});

test('a sandbox has so many connections, and gets room when it drops one', options, async () => {
  const at = await app();
  const guest = at.request();
  const all: unknown[] = [];
  for (let count = 0; count < 128; count++) all.push(await open(guest));
  const full = await guest.call(`${two} [static]connection.open`, running().url);
  assert.deepEqual(full, err({ tag: 'too-many-connections' }));
  guest.drop(two, 'connection', all.pop());
  await open(guest, three);
  await at.close();
});

const counted = {
  max_connections: { maxConnections: { postgres: undefined, mysql: undefined, redis: 1, mqtt: undefined } },
  max_total_connections: {
    outboundNetworking: { blockNetworks: [], maxSocketConnections: undefined, maxTotalConnections: 1 },
  },
};

for (const [key, config] of Object.entries(counted)) {
  test(`${key}: the next request waits until a connection is given back, or it ends`, options, async () => {
    const at = await app(undefined, config);
    const [first, second, third] = [at.request(), at.request(), at.request()];
    const connection = await open(first);
    const waiting = open(second, three);
    const hopeless = open(third);
    third.abort();
    await assert.rejects(hopeless, { message: 'the request is over' });
    first.drop(two, 'connection', connection);
    await within(waiting, 'a connection');
    await at.close();
  });
}

test('a server that dies and comes back serves again, the same handle, too', options, async () => {
  const own = await startRedis();
  const at = await app([`redis://127.0.0.1:${own.port}`]);
  const guest = at.request();
  const connection = await open(guest, two, own.url);
  assert.deepEqual(await execute(guest, connection, 'SET', 'k', 'v'), ok([status('OK')]));
  await own.stop();
  // It may be that nobody knows yet that the server is gone.
  assert.equal(((await execute(guest, connection, 'GET', 'k')) as { tag: string }).tag, 'err');
  assert.deepEqual(await execute(guest, connection, 'GET', 'k'), other('Connection refused (os error 111)'));
  await own.start();
  assert.deepEqual(await execute(guest, connection, 'GET', 'k'), ok([nil]));
  await at.close();
  await own.close();
});

test('a server that hangs costs the requests that wait for it', options, async () => {
  const own = await startRedis();
  const at = await app([`redis://127.0.0.1:${own.port}`]);
  const guest = at.request();
  const connection = await open(guest, two, own.url);
  own.freeze();
  const waiting = execute(guest, connection, 'GET', 'k');
  setTimeout(() => guest.finish(), 20);
  await assert.rejects(within(waiting, 'the end of the request'), { message: 'the request is over' });
  own.thaw();
  const next = at.request();
  assert.deepEqual(await execute(next, await open(next, two, own.url), 'GET', 'k'), ok([nil]));
  await at.close();
  await own.close();
});

test('user, password and database of an address', options, async () => {
  const at = await app();
  const { port } = running();
  const guest = at.request();
  const connection = await open(guest);
  await execute(guest, connection, 'ACL', 'SETUSER', 'ann', 'on', '>p@ss', '~*', '+@all');
  const ann = await open(guest, two, `redis://ann:p%40ss@127.0.0.1:${port}/3`);
  assert.deepEqual(await execute(guest, ann, 'ACL', 'WHOAMI'), ok([binary('ann')]));
  await execute(guest, ann, 'SET', 'at', 'three');
  assert.deepEqual(await execute(guest, connection, 'GET', 'at'), ok([nil]));
  assert.deepEqual(
    await guest.call(`${two} [static]connection.open`, `redis://ann:wrong@127.0.0.1:${port}`),
    other('Password authentication failed- AuthenticationFailed'),
  );
  assert.deepEqual(
    await guest.call(`${two} [static]connection.open`, `redis://127.0.0.1:${port}/99`),
    other('Redis server refused to switch database- ResponseError'),
  );
  await at.close();
});

test(
  'rediss: a certificate that nobody vouches for is refused, unless the address says #insecure',
  options,
  async () => {
    const server = createTlsServer({ cert: certificate, key }, (socket) => {
      socket.on('error', () => undefined).on('data', () => socket.write('+PONG\r\n'));
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    const at = await app([`rediss://127.0.0.1:${port}`]);
    const guest = at.request();
    const refused = await guest.call(`${two} [static]connection.open`, `rediss://127.0.0.1:${port}`);
    assert.match((refused as { val: { val: string } }).val.val, /self-signed certificate/);
    const connection = await open(guest, two, `rediss://127.0.0.1:${port}#insecure`);
    assert.deepEqual(await execute(guest, connection, 'PING'), ok([status('PONG')]));
    await at.close();
    server.close();
  },
);

test('a value is counted while it comes, and no longer than until the guest has it', options, async () => {
  const at = await app();
  const writer = at.request();
  await writer.ok(`${one} set`, running().url, 'large', Buffer.alloc(5_000_000, 'x'));
  const rich = at.request(6_000_000);
  assert.equal(((await rich.ok(`${one} get`, running().url, 'large')) as Uint8Array).byteLength, 5_000_000);
  assert.equal(rich.hostBytes.bytes, 0);
  const poor = at.request(4_000_000);
  await assert.rejects(poor.call(`${one} get`, running().url, 'large'), { limit: { name: 'held', value: 4_000_000 } });
  assert.equal(poor.hostBytes.bytes, 0);
  await at.close();
});
