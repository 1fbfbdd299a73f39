// TCP sockets of 0.2 connect, listen, carry bytes under backpressure, and end as the WIT documents it.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import net from 'node:net';
import { test } from 'node:test';
import { Trap } from '../../../errors.ts';
import { releaseAll } from '../io/host-object.ts';
import type { IpSocketAddress } from './ip-address.ts';
import { allowing, localhost, SocketGuest, serve } from './network.test-kit.ts';
import { MAX_SOCKETS } from './network.ts';

test('a connection carries bytes both ways, ends each way by itself, and knows its addresses', async () => {
  const port = await serve((socket) =>
    socket.on('data', (data) => socket.write(data)).on('end', () => socket.end('!')),
  );
  const guest = new SocketGuest();
  const { socket, input, output } = await guest.connect(port);
  assert.deepEqual(guest.get<IpSocketAddress>('tcp-socket.remote-address', socket), localhost(port));
  assert.notEqual(guest.get<IpSocketAddress>('tcp-socket.local-address', socket).val.port, 0);
  await guest.write(output, 'hello');
  output.drop();
  assert.equal(await guest.readAll(input), 'hello!');
  input.drop();
  guest.drop('tcp', 'tcp-socket', socket);
  assert.equal(guest.state.network.open, 0);
});

test('shutdown sends the end of the stream, and stops reading', async () => {
  const port = await serve((socket) => socket.on('data', () => undefined).on('end', () => socket.end('bye')));
  const guest = new SocketGuest();
  const { socket, input, output } = await guest.connect(port);
  guest.get('tcp-socket.shutdown', socket, 'send');
  assert.deepEqual(guest.io('output-stream.check-write', output), { tag: 'err', val: { tag: 'closed' } });
  assert.equal(await guest.readAll(input), 'bye');
  guest.get('tcp-socket.shutdown', socket, 'receive');
  assert.deepEqual(guest.io('input-stream.read', input, 10n), { tag: 'err', val: { tag: 'closed' } });
});

test('a slow reader holds the writer back', async () => {
  let paused: net.Socket | undefined;
  const port = await serve((socket) => {
    paused = socket.pause();
  });
  const guest = new SocketGuest();
  const { output } = await guest.connect(port);
  let written = 0;
  for (let idle = 0; idle < 20; ) {
    const { val } = guest.io('output-stream.check-write', output) as { val: bigint };
    if (val === 0n) {
      idle++;
      await new Promise((resolve) => setTimeout(resolve, 2));
      continue;
    }
    idle = 0;
    guest.io('output-stream.write', output, new Uint8Array(Number(val)));
    written += Number(val);
    assert.ok(written < 50_000_000, 'writing goes on without a reader');
  }
  let read = 0;
  const ended = once(paused!, 'end');
  paused?.on('data', (data) => {
    read += data.length;
  });
  paused?.resume();
  await guest.io('output-stream.blocking-flush', output);
  output.drop();
  await ended;
  assert.equal(read, written);
});

test('a reader that does not read holds the peer back', async () => {
  let sent = 0;
  const port = await serve((socket) => {
    const more = (): void => {
      while (sent < 100_000_000 && socket.write(new Uint8Array(65_536))) sent += 65_536;
    };
    socket.on('drain', more);
    more();
  });
  const guest = new SocketGuest();
  await guest.connect(port);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(sent < 50_000_000, `${sent} bytes were taken from the peer`);
});

test('a listener accepts, and what it accepts is connected', async () => {
  const guest = new SocketGuest();
  const { socket, port } = await guest.listen();
  assert.equal(guest.call('tcp-socket.is-listening', socket), true);
  assert.equal(guest.code('tcp-socket.accept', socket), 'would-block');
  const client = net.connect(port, '127.0.0.1');
  await guest.wait('tcp-socket', socket);
  const [accepted, input, output] = guest.get<[object, never, never]>('tcp-socket.accept', socket);
  client.end('ping');
  assert.equal(await guest.readAll(input), 'ping');
  await guest.write(output, 'pong');
  assert.equal(String((await once(client, 'data'))[0]), 'pong');
  assert.equal(guest.get<IpSocketAddress>('tcp-socket.local-address', accepted).val.port, port);
  client.destroy();
});

test('connections are accepted in the order in which they came', async () => {
  const guest = new SocketGuest();
  const { socket, port } = await guest.listen();
  const clients: net.Socket[] = [];
  for (const name of ['first', 'second']) {
    const client = net.connect(port, '127.0.0.1');
    clients.push(client);
    await once(client, 'connect');
    client.end(name);
  }
  // A datagram of another socket later, both connections have arrived here.
  await new Promise((resolve) => setTimeout(resolve, 20));
  const names: string[] = [];
  for (const _ of clients) {
    await guest.wait('tcp-socket', socket);
    const [, input] = guest.get<[object, never, never]>('tcp-socket.accept', socket);
    names.push(await guest.readAll(input));
  }
  assert.deepEqual(names, ['first', 'second']);
  for (const client of clients) client.destroy();
});

test('operations out of order get the codes of the WIT document', async () => {
  const guest = new SocketGuest();
  const port = await serve(() => undefined);
  const socket = guest.get('create-tcp-socket', 'ipv4');
  assert.equal(guest.code('tcp-socket.finish-bind', socket), 'not-in-progress');
  assert.equal(guest.code('tcp-socket.finish-connect', socket), 'not-in-progress');
  assert.equal(guest.code('tcp-socket.finish-listen', socket), 'not-in-progress');
  assert.equal(guest.code('tcp-socket.start-listen', socket), 'invalid-state');
  assert.equal(guest.code('tcp-socket.accept', socket), 'invalid-state');
  assert.equal(guest.code('tcp-socket.local-address', socket), 'invalid-state');
  assert.equal(guest.code('tcp-socket.remote-address', socket), 'invalid-state');
  assert.equal(guest.code('tcp-socket.shutdown', socket, 'both'), 'invalid-state');
  guest.get('tcp-socket.start-bind', socket, guest.network, localhost(0));
  assert.equal(guest.code('tcp-socket.start-bind', socket, guest.network, localhost(0)), 'concurrency-conflict');
  assert.equal(guest.code('tcp-socket.start-connect', socket, guest.network, localhost(port)), 'concurrency-conflict');
  guest.get('tcp-socket.finish-bind', socket);
  assert.equal(guest.code('tcp-socket.start-bind', socket, guest.network, localhost(0)), 'invalid-state');
  guest.get('tcp-socket.start-connect', socket, guest.network, localhost(port));
  assert.equal(guest.code('tcp-socket.finish-connect', socket), 'would-block');
  await guest.wait('tcp-socket', socket);
  guest.get('tcp-socket.finish-connect', socket);
  assert.equal(guest.code('tcp-socket.start-connect', socket, guest.network, localhost(port)), 'invalid-state');
  assert.equal(guest.code('tcp-socket.start-listen', socket), 'invalid-state');
});

test('addresses that cannot be meant are refused before anything else', () => {
  const guest = new SocketGuest(allowing('*://*:*'));
  const v4 = (address: number[], port = 80) => ({ tag: 'ipv4', val: { port, address } });
  const v6 = (address: number[], port = 80) => ({ tag: 'ipv6', val: { port, flowInfo: 0, address, scopeId: 0 } });
  const refused = (family: string, address: object): void => {
    const socket = guest.get('create-tcp-socket', family);
    assert.equal(guest.code('tcp-socket.start-connect', socket, guest.network, address), 'invalid-argument');
    guest.drop('tcp', 'tcp-socket', socket);
  };
  for (const address of [
    [0, 0, 0, 0],
    [224, 0, 0, 1],
    [239, 9, 9, 9],
    [255, 255, 255, 255],
  ])
    refused('ipv4', v4(address));
  refused('ipv4', v4([127, 0, 0, 1], 0));
  refused('ipv4', v6([0, 0, 0, 0, 0, 0, 0, 1]));
  refused('ipv6', v4([127, 0, 0, 1]));
  for (const address of [
    [0, 0, 0, 0, 0, 0, 0, 0],
    [0xff02, 0, 0, 0, 0, 0, 0, 1],
    [0, 0, 0, 0, 0, 0xffff, 0x7f00, 1],
    [0, 0, 0, 0, 0, 0, 0x7f00, 1],
  ]) {
    refused('ipv6', v6(address));
  }
});

test('what the system says comes as a code', async () => {
  const guest = new SocketGuest();
  const { socket, port } = await guest.listen();
  const second = guest.get('create-tcp-socket', 'ipv4');
  assert.equal(guest.code('tcp-socket.start-bind', second, guest.network, localhost(port)), 'address-in-use');
  guest.drop('tcp', 'tcp-socket', socket);
  const third = guest.get('create-tcp-socket', 'ipv4');
  guest.get('tcp-socket.start-connect', third, guest.network, localhost(port));
  await guest.wait('tcp-socket', third);
  assert.equal(guest.code('tcp-socket.finish-connect', third), 'connection-refused');
  assert.equal(guest.code('tcp-socket.local-address', third), 'connection-refused');
});

test('a connection that is reset fails its reader, with a code that can be asked for', async () => {
  const port = await serve((socket) => socket.on('data', () => socket.resetAndDestroy()));
  const guest = new SocketGuest();
  const { input, output } = await guest.connect(port);
  await guest.write(output, 'x');
  const result = (await guest.io('input-stream.blocking-read', input, 10n)) as { val: { tag: string; val: Error } };
  assert.equal(result.val.tag, 'last-operation-failed');
  assert.equal(result.val.val.message, 'connection-reset');
});

test('options keep what was set, refuse zero, and are inherited by what is accepted', async () => {
  const guest = new SocketGuest();
  const { socket, port } = await guest.listen();
  const options: [string, unknown, unknown][] = [
    ['keep-alive-enabled', true, true],
    ['keep-alive-idle-time', 42_000_000_000n, 42_000_000_000n],
    ['keep-alive-interval', 1n, 1_000_000_000n],
    ['keep-alive-count', 4_000_000_000, 127],
    ['hop-limit', 42, 42],
    ['receive-buffer-size', 65_536n, 65_536n],
    ['send-buffer-size', 2n ** 64n - 1n, 2_147_483_647n],
  ];
  for (const [name, value, expected] of options) {
    if (typeof value !== 'boolean') {
      const zero = typeof value === 'bigint' ? 0n : 0;
      assert.equal(guest.code(`tcp-socket.set-${name}`, socket, zero), 'invalid-argument');
    }
    guest.get(`tcp-socket.set-${name}`, socket, value);
    assert.equal(guest.get(`tcp-socket.${name}`, socket), expected, name);
  }
  assert.equal(guest.code('tcp-socket.set-listen-backlog-size', socket, 0n), 'invalid-argument');
  const client = net.connect(port, '127.0.0.1').on('error', () => undefined);
  await guest.wait('tcp-socket', socket);
  const [accepted] = guest.get<[object]>('tcp-socket.accept', socket);
  for (const [name, , expected] of options) assert.equal(guest.get(`tcp-socket.${name}`, accepted), expected, name);
  guest.get('tcp-socket.set-hop-limit', accepted, 9);
  client.destroy();
});

test('IPv6 sockets work where the machine has IPv6', async (t) => {
  const guest = new SocketGuest();
  const local = { tag: 'ipv6', val: { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } } as const;
  const socket = guest.get('create-tcp-socket', 'ipv6');
  const bound = guest.call('tcp-socket.start-bind', socket, guest.network, local) as { tag: string };
  if (bound.tag === 'err') return t.skip('no IPv6 on this machine');
  assert.deepEqual(guest.get<IpSocketAddress>('tcp-socket.local-address', socket).val.address, local.val.address);
});

test('a socket with living streams cannot be dropped', async () => {
  const port = await serve(() => undefined);
  const guest = new SocketGuest();
  const { socket } = await guest.connect(port);
  assert.throws(() => guest.drop('tcp', 'tcp-socket', socket), Trap);
});

test('sockets are bounded; the end of the request closes them all', async () => {
  const seen: net.Socket[] = [];
  const port = await serve((socket) => seen.push(socket.resume()));
  const guest = new SocketGuest();
  await guest.connect(port);
  await guest.listen();
  const connecting = guest.get('create-tcp-socket', 'ipv4');
  guest.get('tcp-socket.start-connect', connecting, guest.network, localhost(port));
  while (guest.state.network.open < MAX_SOCKETS) guest.get('create-tcp-socket', 'ipv4');
  assert.equal(guest.code('create-tcp-socket', 'ipv4'), 'new-socket-limit');
  assert.equal(guest.code('create-udp-socket', 'ipv4'), 'new-socket-limit');
  releaseAll(guest.state);
  assert.equal(guest.state.network.open, 0);
  await once(seen[0]!, 'end');
});

test('connections that the guest does not accept are refused beyond a few', async () => {
  const guest = new SocketGuest();
  const { port } = await guest.listen();
  const clients = Array.from({ length: 40 }, () => net.connect(port, '127.0.0.1').on('error', () => undefined));
  await Promise.all(clients.map((client) => Promise.race([once(client, 'connect'), once(client, 'close')])));
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.ok(guest.state.network.open <= 17, `${guest.state.network.open} sockets are held`);
  for (const client of clients) client.destroy();
});
