// Sockets and name lookups reach what `allowed_outbound_hosts` names, and nothing else.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseAllowedHosts } from '../../network/allowed-hosts.ts';
import { BlockedNetworks } from '../../network/blocked-networks.ts';
import { ConnectionPermits } from '../../network/connection-permits.ts';
import { testSandbox } from '../wasi.test-kit.ts';
import { resolveAddresses } from './name-lookup.ts';
import { allowing, localhost, SocketGuest, serve } from './network.test-kit.ts';
import { Network } from './network.ts';
import { outboundPolicy, policyOf, type SocketPolicy } from './policy.ts';

const denied = { tag: 'err', val: 'access-denied' };

function connectResult(guest: SocketGuest, port: number): unknown {
  const socket = guest.get('create-tcp-socket', 'ipv4');
  return guest.call('tcp-socket.start-connect', socket, guest.network, localhost(port));
}

test('a connection needs an entry for its address and port, with the scheme tcp or *', async () => {
  const port = await serve(() => undefined);
  for (const [allowed, ...hosts] of [
    [false],
    [true, `*://127.0.0.1:${port}`],
    [true, `tcp://127.0.0.1:${port}`],
    [true, '*://127.0.0.0/24:*'],
    [true, `*://*:${port}`],
    [false, `*://127.0.0.1:${port + 1}`],
    [false, `*://128.0.0.1:${port}`],
    [false, '*://10.0.0.0/8:*'],
    [false, `http://127.0.0.1:${port}`],
    [false, `udp://127.0.0.1:${port}`],
    [false, 'http://self'],
  ] as [boolean, ...string[]][]) {
    const result = connectResult(new SocketGuest(allowing(...hosts)), port);
    if (allowed) assert.deepEqual(result, { tag: 'ok', val: undefined }, hosts.join());
    else assert.deepEqual(result, denied, hosts.join());
  }
});

test('nothing in allowed_outbound_hosts opens the way in', () => {
  const guest = new SocketGuest(allowing('*://*:*'));
  const socket = guest.get('create-tcp-socket', 'ipv4');
  assert.deepEqual(guest.call('tcp-socket.start-bind', socket, guest.network, localhost(0)), denied);
});

test('the log gets one line for a sandbox, with the entry that would allow it', () => {
  const lines: string[] = [];
  const log = { ...testSandbox().log, warn: (_: unknown, text?: string) => lines.push(text ?? '') };
  const network = new Network(allowing(), testSandbox({ log: log as never }));
  for (let count = 0; count < 10; count++) assert.throws(() => network.check('tcp-connect', localhost(5000)));
  assert.equal(lines.length, 1);
  assert.match(lines[0]!, /\[component\.test\]: allowed_outbound_hosts = \["tcp:\/\/127\.0\.0\.1:5000"\]/);
});

test('blocked networks stay closed whatever is allowed, as IPv4 in IPv6, too', () => {
  const limits = { blocked: new BlockedNetworks(['127.0.0.0/8']), permits: new ConnectionPermits() };
  const network = new Network(outboundPolicy(parseAllowedHosts(['*://*:*']), limits), testSandbox());
  assert.equal(network.allows('tcp-connect', localhost(80)), false);
  const mapped = { port: 80, flowInfo: 0, address: [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1], scopeId: 0 };
  assert.equal(network.allows('tcp-connect', { tag: 'ipv6', val: mapped }), false);
  assert.equal(network.allows('tcp-connect', { tag: 'ipv4', val: { port: 80, address: [128, 0, 0, 1] } }), true);
  assert.deepEqual(network.learn('localhost', ['127.0.0.1', '128.0.0.1']), ['128.0.0.1']);
});

test('sockets of all sandboxes count under the limit of the app', () => {
  const limits = { blocked: new BlockedNetworks([]), permits: new ConnectionPermits({ socket: 3 }) };
  const [one, two] = [0, 1].map(() => new Network(outboundPolicy([], limits), testSandbox()));
  one!.count();
  one!.count();
  two!.count();
  assert.throws(() => two!.count(), { code: 'new-socket-limit' });
  one!.giveBack();
  two!.count();
  assert.equal(limits.permits.taken('total'), 3);
});

test('a name is looked up only when it is allowed, and leads to its addresses afterwards', async () => {
  const port = await serve(() => undefined);
  const guest = new SocketGuest(allowing(`tcp://localhost:${port}`));
  assert.deepEqual(connectResult(guest, port), denied);
  assert.equal(guest.code('resolve-addresses', 'example.com'), 'access-denied');
  const stream = guest.get('resolve-addresses', 'LocalHost.');
  await guest.wait('resolve-address-stream', stream);
  const found: unknown[] = [];
  for (;;) {
    const address = guest.get<unknown>('resolve-address-stream.resolve-next-address', stream);
    if (address === undefined) break;
    found.push(address);
  }
  assert.ok(found.length > 0);
  assert.deepEqual(connectResult(guest, port), { tag: 'ok', val: undefined });
  assert.deepEqual(connectResult(guest, port + 1), denied);
  assert.deepEqual(connectResult(new SocketGuest(allowing(`tcp://localhost:${port}`)), port), denied);
});

test('addresses need no lookup and no permission', async () => {
  const guest = new SocketGuest(allowing());
  const literals = { '127.0.0.1': 'ipv4', '::1': 'ipv6', '[::1]': 'ipv6', '0x7f.1': 'ipv4' };
  for (const [text, family] of Object.entries(literals)) {
    assert.equal((await resolveAddresses(guest.state.network, text))[0]?.tag, family, text);
  }
});

test('what is no name is an invalid argument', () => {
  const guest = new SocketGuest(allowing('*://*:*'));
  for (const name of ['', ' ', '.', 'a b', 'a/b', 'user@host', 'host:80', 'x'.repeat(300), 'a\0b', '[::1', '%']) {
    assert.equal(guest.code('resolve-addresses', name), 'invalid-argument', JSON.stringify(name));
  }
});

test('lookups are bounded', () => {
  const guest = new SocketGuest(allowing('*://*:*'));
  while (guest.state.network.open < 64) guest.get('create-tcp-socket', 'ipv4');
  const stream = guest.get('resolve-addresses', 'localhost');
  return guest.wait('resolve-address-stream', stream).then(() => {
    assert.equal(guest.code('resolve-address-stream.resolve-next-address', stream), 'new-socket-limit');
  });
});

test('without an entry there is no network', () => {
  const none: SocketPolicy = policyOf([]);
  assert.equal(none.allowsName('localhost'), false);
});
