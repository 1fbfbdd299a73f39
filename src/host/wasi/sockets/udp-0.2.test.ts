// UDP sockets of 0.2 send and receive datagrams within bounds, with the codes of the WIT.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import { after, test } from 'node:test';
import { Trap } from '../../../errors.ts';
import type { HostObject } from '../io/host-object.ts';
import type { IpSocketAddress } from './ip-address.ts';
import { allowing, localhost, SocketGuest } from './network.test-kit.ts';

type Pair = [input: HostObject, output: HostObject];
interface Incoming {
  readonly data: Uint8Array;
  readonly remoteAddress: IpSocketAddress;
}

function bound(guest: SocketGuest, address = localhost(0)): { socket: HostObject; port: number } {
  const socket = guest.get('create-udp-socket', address.tag);
  guest.get('udp-socket.start-bind', socket, guest.network, address);
  guest.get('udp-socket.finish-bind', socket);
  return { socket, port: guest.get<IpSocketAddress>('udp-socket.local-address', socket).val.port };
}

async function peer(): Promise<{ socket: dgram.Socket; port: number }> {
  const socket = dgram.createSocket('udp4');
  after(() => socket.close());
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { socket, port: socket.address().port };
}

function send(guest: SocketGuest, output: HostObject, text: string, remoteAddress?: IpSocketAddress): unknown {
  guest.get('outgoing-datagram-stream.check-send', output);
  return guest.call('outgoing-datagram-stream.send', output, [{ data: Buffer.from(text), remoteAddress }]);
}

async function receive(guest: SocketGuest, input: HostObject): Promise<Incoming[]> {
  await guest.wait('incoming-datagram-stream', input);
  return guest.get<Incoming[]>('incoming-datagram-stream.receive', input, 100n);
}

test('datagrams go out and come in with their addresses', async () => {
  const guest = new SocketGuest();
  const { socket, port } = bound(guest);
  const other = await peer();
  const [input, output] = guest.get<Pair>('udp-socket.stream', socket, undefined);
  assert.deepEqual(guest.get('incoming-datagram-stream.receive', input, 10n), []);
  assert.deepEqual(send(guest, output, 'ping', localhost(other.port)), { tag: 'ok', val: 1n });
  const [data, from] = await once(other.socket, 'message');
  assert.equal(String(data), 'ping');
  assert.equal(from.port, port);
  other.socket.send('pong', port, '127.0.0.1');
  const [datagram] = await receive(guest, input);
  assert.equal(String(datagram?.data), 'pong');
  assert.deepEqual(datagram?.remoteAddress, localhost(other.port));
});

test('a connected socket sends to one address and hears nobody else', async () => {
  const guest = new SocketGuest();
  const { socket, port } = bound(guest);
  const [friend, stranger] = [await peer(), await peer()];
  const [input, output] = guest.get<Pair>('udp-socket.stream', socket, localhost(friend.port));
  assert.deepEqual(guest.get('udp-socket.remote-address', socket), localhost(friend.port));
  assert.deepEqual(send(guest, output, 'hello'), { tag: 'ok', val: 1n });
  assert.equal(String((await once(friend.socket, 'message'))[0]), 'hello');
  assert.deepEqual(send(guest, output, 'no', localhost(stranger.port)), { tag: 'err', val: 'invalid-argument' });
  stranger.socket.send('stranger', port, '127.0.0.1');
  friend.socket.send('friend', port, '127.0.0.1');
  assert.deepEqual(
    (await receive(guest, input)).map(({ data }) => String(data)),
    ['friend'],
  );
  assert.throws(() => guest.call('udp-socket.stream', socket, undefined), Trap);
  input.drop();
  output.drop();
  const [, again] = guest.get<Pair>('udp-socket.stream', socket, undefined);
  assert.deepEqual(send(guest, again, 'x'), { tag: 'err', val: 'invalid-argument' });
  assert.equal(guest.code('udp-socket.remote-address', socket), 'invalid-state');
});

test('operations out of order get the codes of the WIT document', () => {
  const guest = new SocketGuest();
  const socket = guest.get('create-udp-socket', 'ipv4');
  assert.equal(guest.code('udp-socket.stream', socket, undefined), 'invalid-state');
  assert.equal(guest.code('udp-socket.finish-bind', socket), 'not-in-progress');
  assert.equal(guest.code('udp-socket.local-address', socket), 'invalid-state');
  const { port } = bound(guest);
  assert.equal(guest.code('udp-socket.start-bind', socket, guest.network, localhost(port)), 'address-in-use');
  guest.get('udp-socket.start-bind', socket, guest.network, localhost(0));
  assert.equal(guest.code('udp-socket.start-bind', socket, guest.network, localhost(0)), 'concurrency-conflict');
  guest.get('udp-socket.finish-bind', socket);
  assert.equal(guest.code('udp-socket.start-bind', socket, guest.network, localhost(0)), 'invalid-state');
});

test('sending needs a permit, a target and a size that fits', () => {
  const guest = new SocketGuest();
  const { socket } = bound(guest);
  const wrong = [
    { tag: 'ipv4', val: { port: 9, address: [0, 0, 0, 0] } },
    { tag: 'ipv6', val: { port: 9, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } },
  ] as const;
  for (const address of wrong) assert.equal(guest.code('udp-socket.stream', socket, address), 'invalid-argument');
  const [, output] = guest.get<Pair>('udp-socket.stream', socket, undefined);
  const datagram = { data: new Uint8Array(1), remoteAddress: localhost(9) };
  assert.throws(() => guest.call('outgoing-datagram-stream.send', output, [datagram]), Trap);
  const permit = guest.get<bigint>('outgoing-datagram-stream.check-send', output);
  const many = Array.from({ length: Number(permit) + 1 }, () => datagram);
  assert.throws(() => guest.call('outgoing-datagram-stream.send', output, many), Trap);
  assert.deepEqual(send(guest, output, 'x'.repeat(70_000), localhost(9)), { tag: 'err', val: 'datagram-too-large' });
  assert.deepEqual(send(guest, output, 'x', localhost(0)), { tag: 'err', val: 'invalid-argument' });
  for (const address of wrong) {
    assert.deepEqual(send(guest, output, 'x', address), { tag: 'err', val: 'invalid-argument' });
  }
});

test('a flood is lost beyond a few datagrams, and holds no memory', async () => {
  const guest = new SocketGuest();
  const { socket, port } = bound(guest);
  const [input] = guest.get<Pair>('udp-socket.stream', socket, undefined);
  const other = await peer();
  for (let count = 0; count < 500; count++) other.socket.send(Buffer.alloc(1000), port, '127.0.0.1');
  await new Promise((resolve) => setTimeout(resolve, 100));
  let received = 0;
  for (;;) {
    const got = guest.get<Incoming[]>('incoming-datagram-stream.receive', input, 100n);
    assert.ok(got.length <= 16);
    if (got.length === 0) break;
    received += got.length;
  }
  assert.ok(received > 0 && received <= 64, `${received} datagrams were kept`);
});

test('options keep what was set, before and after binding', () => {
  const guest = new SocketGuest();
  for (const socket of [guest.get('create-udp-socket', 'ipv4'), bound(guest).socket]) {
    assert.equal(guest.code('udp-socket.set-unicast-hop-limit', socket, 0), 'invalid-argument');
    assert.equal(guest.code('udp-socket.set-receive-buffer-size', socket, 0n), 'invalid-argument');
    guest.get('udp-socket.set-unicast-hop-limit', socket, 42);
    guest.get('udp-socket.set-receive-buffer-size', socket, 100_000n);
    guest.get('udp-socket.set-send-buffer-size', socket, 2n ** 64n - 1n);
    assert.equal(guest.get('udp-socket.unicast-hop-limit', socket), 42);
    assert.equal(guest.get('udp-socket.receive-buffer-size', socket), 100_000n);
  }
  const socket = guest.get('create-udp-socket', 'ipv4');
  assert.equal(guest.get('udp-socket.unicast-hop-limit', socket), 64);
  assert.equal(guest.get('udp-socket.receive-buffer-size', socket), 65_536n);
  assert.equal(guest.get('udp-socket.send-buffer-size', socket), 65_536n);
  guest.get('udp-socket.set-unicast-hop-limit', socket, 7);
  guest.get('udp-socket.start-bind', socket, guest.network, localhost(0));
  assert.equal(guest.get('udp-socket.unicast-hop-limit', socket), 7);
});

test('permissions: where to send is checked for each datagram, what comes from elsewhere is dropped', async () => {
  const [friend, stranger] = [await peer(), await peer()];
  const guest = new SocketGuest(allowing(`udp://127.0.0.1:${friend.port}`));
  const local = { tag: 'ipv4', val: { port: 0, address: [0, 0, 0, 0] } } as const;
  const { socket, port } = bound(guest, local);
  const [input, output] = guest.get<Pair>('udp-socket.stream', socket, undefined);
  assert.deepEqual(send(guest, output, 'x', localhost(stranger.port)), { tag: 'err', val: 'access-denied' });
  stranger.socket.send('stranger', port, '127.0.0.1');
  friend.socket.send('friend', port, '127.0.0.1');
  assert.deepEqual(
    (await receive(guest, input)).map(({ data }) => String(data)),
    ['friend'],
  );
  const second = guest.get('create-udp-socket', 'ipv4');
  assert.equal(guest.code('udp-socket.start-bind', second, guest.network, localhost(5353)), 'access-denied');
});

test('sockets of IPv6 send and receive by IPv6, where the machine has it', async (t) => {
  const other = dgram.createSocket('udp6');
  after(() => other.close());
  try {
    other.bind(0, '::1');
    await once(other, 'listening');
  } catch {
    t.skip('no IPv6');
    return;
  }
  const guest = new SocketGuest();
  const local = { tag: 'ipv6', val: { port: 0, flowInfo: 0, address: [0, 0, 0, 0, 0, 0, 0, 1], scopeId: 0 } } as const;
  const { socket, port } = bound(guest, local);
  const [input, output] = guest.get<Pair>('udp-socket.stream', socket, undefined);
  const to = { tag: 'ipv6', val: { ...local.val, port: other.address().port } } as const;
  send(guest, output, 'ping', to);
  const [data, from] = await once(other, 'message', { signal: AbortSignal.timeout(10_000) });
  assert.deepEqual([String(data), from.address, from.port], ['ping', '::1', port]);
  other.send('pong', port, '::1');
  const [datagram] = await receive(guest, input);
  assert.deepEqual(datagram?.remoteAddress, to);
});

test('16 datagrams may be on their way, and as many fewer as are', async () => {
  const guest = new SocketGuest();
  const { socket } = bound(guest);
  const other = await peer();
  const [, output] = guest.get<Pair>('udp-socket.stream', socket, undefined);
  const permit = (): bigint => guest.get<bigint>('outgoing-datagram-stream.check-send', output);
  const send = (count: number): unknown => {
    const datagram = { data: new Uint8Array(1), remoteAddress: localhost(other.port) };
    return guest.get('outgoing-datagram-stream.send', output, Array(count).fill(datagram));
  };
  assert.equal(permit(), 16n);
  assert.equal(send(10), 10n);
  assert.equal(permit(), 6n);
  assert.equal(send(6), 6n);
  assert.equal(permit(), 0n);
  await guest.wait('outgoing-datagram-stream', output);
  assert.ok(permit() > 0n);
});
