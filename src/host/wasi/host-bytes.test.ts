// What the services beside wasi:http keep for a guest counts in its account: read-ahead, listings, datagrams, lines.
import assert from 'node:assert/strict';
import dgram from 'node:dgram';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { after, test } from 'node:test';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import { HostMemory } from '../../component/types/host-memory.ts';
import { Trap } from '../../errors.ts';
import { lineOutput } from './cli/line-output.ts';
import { DirectoryEntryStream } from './filesystem/descriptor.ts';
import type { Directory } from './filesystem/directory.ts';
import { FileInputStream, FileOutputStream, FileStreamFailure } from './filesystem/file-streams.ts';
import { makeFiles } from './filesystem/files.test-kit.ts';
import { OpenFile } from './filesystem/open-file.ts';
import { toGuest } from './io/byte-streams-0.3.ts';
import { Pipe } from './io/pipe.ts';
import { bytesInputStream, sourceInputStream } from './io/source-stream.ts';
import { StreamFailure } from './io/streams.ts';
import { DATA, RESULT, ROOT, TestGuest } from './preview1/preview1.test-kit.ts';
import { allowing, localhost, SocketGuest, serve } from './sockets/network.test-kit.ts';
import { Network } from './sockets/network.ts';
import { TestStream } from './streams-0.3.test-kit.ts';
import { testSandbox, testState } from './wasi.test-kit.ts';

const budgetOf = (limit: number): HostByteBudget => new HostByteBudget(limit, new HostMemory(1e9));
const overLimit = (error: unknown): boolean => error instanceof Trap && /^Limit reached: held/.test(error.message);
const folder = makeFiles({ small: 'abc' });

function open(name: string, flags = 'r'): OpenFile {
  return new OpenFile(fs.openSync(path.join(folder, name), flags), () => {});
}

test('a file that is read ahead: what was not taken counts, and without room the stream fails', async () => {
  fs.writeFileSync(path.join(folder, 'large'), new Uint8Array(1_000_000));
  const budget = budgetOf(150_000);
  const stream = new FileInputStream(open('large'), 0, () => {}, budget);
  stream.read(1);
  assert.equal(budget.bytes, 4096);
  while ((stream.read(65_536)?.length ?? 0) > 0);
  await stream.ready();
  assert.equal(budget.bytes, 131_072);
  const other = new FileInputStream(open('large'), 0, () => {}, budget);
  assert.equal(other.ready(), undefined);
  assert.throws(
    () => other.read(1),
    (error: unknown) => error instanceof FileStreamFailure && error.code === 'insufficient-memory',
  );
  stream.close();
  other.close();
  assert.equal(budget.bytes, 0);
});

test('a file that is written: what is on its way counts', async () => {
  const budget = budgetOf(60_000);
  const stream = new FileOutputStream(open('written', 'w'), 0, () => {}, budget);
  stream.write(new Uint8Array(60_000));
  assert.equal(budget.bytes, 60_000);
  await stream.ready();
  assert.equal(budget.bytes, 0);
  assert.throws(() => stream.write(new Uint8Array(60_001)), overLimit);
  stream.close();
});

test('a pipe counts the buffers that it holds, not only the bytes that are in them', async () => {
  const budget = budgetOf(5000);
  const pipe = new Pipe({ budget });
  pipe.write(Uint8Array.of(1));
  pipe.write(Uint8Array.of(2));
  assert.equal(budget.bytes, 1 + 4096);
  assert.throws(() => pipe.write(new Uint8Array(2000)), overLimit);
  const source = pipe.source();
  assert.deepEqual(await source.read(), Uint8Array.of(1));
  assert.equal(budget.bytes, 4096);
  assert.deepEqual(await source.read(), Uint8Array.of(2));
  assert.equal(budget.bytes, 0);
  pipe.write(new Uint8Array(2000));
  assert.equal(budget.bytes, 2000);
  source.cancel();
  assert.equal(budget.bytes, 0);
});

test('a body that is read ahead counts until the guest has it; without room the stream fails and the body ends', () => {
  const budget = budgetOf(1000);
  let cancelled = 0;
  const sizes = [1000, 1001];
  const source = { read: () => new Uint8Array(sizes.shift() ?? 0), cancel: () => void cancelled++ };
  const stream = sourceInputStream(source, budget);
  assert.equal(stream.ready(), undefined);
  assert.equal(budget.bytes, 1000);
  stream.read(400);
  stream.read(600);
  assert.equal(budget.bytes, 0);
  assert.throws(() => stream.read(1), StreamFailure);
  assert.equal(cancelled, 1);
});

test('0.3: a piece that waits for its reader counts', async () => {
  const budget = budgetOf(1000);
  const { stream, ended } = toGuest(bytesInputStream(new Uint8Array(1000)), budget);
  const pipe = new TestStream<number>();
  stream.produce(pipe);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(budget.bytes, 1000);
  await pipe.read();
  assert.equal(await ended, undefined);
  assert.equal(budget.bytes, 0);
  const beyond = toGuest(bytesInputStream(new Uint8Array(1001)), budget);
  beyond.stream.produce(new TestStream<number>());
  assert.ok(overLimit(await beyond.ended));
  assert.equal(budget.bytes, 0);
});

test('a line without an end counts as what it is, not as the write that it came in', () => {
  const budget = budgetOf(3);
  const lines: string[] = [];
  const output = lineOutput((line) => lines.push(line), 1_000_000, budget);
  output.write(Buffer.from(`${'x\n'.repeat(5000)}abc`));
  assert.equal(budget.bytes, 3);
  assert.throws(() => output.write(Buffer.from('d')), overLimit);
  output.close();
  assert.equal(budget.bytes, 0);
});

test('preview1: entries that a listing keeps count, and are given back with it', () => {
  const files = Object.fromEntries(Array.from({ length: 100 }, (_, index) => [`f${index}`, '']));
  const guest = TestGuest.of(makeFiles(files));
  const { hostBytes } = guest.state;
  assert.equal(guest.call('fd_readdir', ROOT, DATA, 20_000, 0n, RESULT), 0);
  const all = hostBytes.bytes;
  assert.equal(guest.call('fd_readdir', ROOT, DATA, 20_000, 52n, RESULT), 0);
  assert.equal(hostBytes.bytes, all - 52 * 400);
  assert.equal(guest.call('fd_readdir', ROOT, DATA, 200, 0n, RESULT), 0);
  hostBytes.add(hostBytes.limit - hostBytes.bytes);
  assert.throws(() => guest.call('fd_readdir', ROOT, DATA, 20_000, 1n, RESULT), overLimit);
});

test('preview1: what is read for a guest that waits counts, and so do its waits', async () => {
  fs.writeFileSync(path.join(folder, 'read'), new Uint8Array(200_000));
  const guest = TestGuest.of(folder);
  const { hostBytes } = guest.state;
  const fd = guest.open('read');
  const before = hostBytes.bytes;
  guest.data.setUint32(DATA, DATA + 100, true);
  guest.data.setUint32(DATA + 4, 150_000, true);
  const reading = guest.call('fd_pread', fd, DATA, 1, 0n, RESULT);
  assert.ok(reading instanceof Promise);
  assert.equal(hostBytes.bytes, before + 150_000);
  assert.equal(await reading, 0);
  assert.equal(hostBytes.bytes, before);
  // Two clocks that stand at nothing but their time-outs of a millisecond and a year.
  guest.data.setBigUint64(DATA + 24, 1_000_000n, true);
  guest.data.setUint32(DATA + 16, 1, true);
  guest.data.setBigUint64(DATA + 48 + 24, 10n ** 16n, true);
  guest.data.setUint32(DATA + 48 + 16, 1, true);
  for (const at of [DATA, DATA + 48]) {
    guest.data.setBigUint64(at, 0n, true);
    guest.data.setBigUint64(at + 8, 0n, true);
  }
  const polling = guest.call('poll_oneoff', DATA, DATA + 1000, 2, RESULT);
  assert.equal(hostBytes.bytes, before + 2 * 1024);
  assert.equal(await polling, 0);
  assert.equal(hostBytes.bytes, before);
});

test('datagrams on their way out count', async () => {
  const guest = new SocketGuest();
  const { hostBytes } = guest.state;
  const socket = guest.get('create-udp-socket', 'ipv4');
  guest.get('udp-socket.start-bind', socket, guest.network, localhost(0));
  const [, output] = guest.get<[object, object]>('udp-socket.stream', socket, undefined);
  const send = (): unknown => {
    guest.get('outgoing-datagram-stream.check-send', output);
    const datagram = { data: new Uint8Array(1000), remoteAddress: localhost(9) };
    return guest.get('outgoing-datagram-stream.send', output, [datagram]);
  };
  send();
  assert.equal(hostBytes.bytes, 1512);
  hostBytes.add(hostBytes.limit - hostBytes.bytes - 1511);
  assert.throws(send, overLimit);
});

test('datagrams that wait for the guest count, and are lost where there is no room', async () => {
  const guest = new SocketGuest();
  const { hostBytes } = guest.state;
  const socket = guest.get('create-udp-socket', 'ipv4');
  guest.get('udp-socket.start-bind', socket, guest.network, localhost(0));
  guest.get('udp-socket.finish-bind', socket);
  const [input] = guest.get<[object, object]>('udp-socket.stream', socket, undefined);
  const { port } = guest.get<{ val: { port: number } }>('udp-socket.local-address', socket).val;
  hostBytes.add(hostBytes.limit - 2 * 1512);
  const peer = dgram.createSocket('udp4');
  after(() => peer.close());
  peer.bind(0, '127.0.0.1');
  await once(peer, 'listening');
  for (let sent = 0; sent < 5; sent++)
    await new Promise((done) => peer.send(new Uint8Array(1000), port, '127.0.0.1', done));
  await guest.wait('incoming-datagram-stream', input);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(hostBytes.bytes, hostBytes.limit);
  assert.equal(guest.get<unknown[]>('incoming-datagram-stream.receive', input, 16n).length, 2);
  assert.equal(hostBytes.bytes, hostBytes.limit - 2 * 1512);
});

test('a connection counts until its last bytes have gone, after the guest has dropped it', async () => {
  const guest = new SocketGuest();
  const { hostBytes, network } = guest.state;
  const arrived = Promise.withResolvers<number>();
  const dropped = Promise.withResolvers<void>();
  const port = await serve((peer) => {
    let bytes = 0;
    const count = (data: Uint8Array): void => {
      bytes += data.length;
    };
    dropped.promise.then(() => peer.on('data', count).on('end', () => arrived.resolve(bytes)));
  });
  const { socket, input, output } = await guest.connect(port);
  assert.equal(hostBytes.bytes, 131_072);
  // More than the kernel takes: it stays with the host.
  let written = 0;
  for (let full = 0; full < 10; ) {
    const { val } = guest.io('output-stream.check-write', output) as { val: bigint };
    full = val === 0n ? full + 1 : 0;
    if (val > 0n) guest.io('output-stream.write', output, new Uint8Array(Number(val)));
    written += Number(val);
    await new Promise((resolve) => setTimeout(resolve, val === 0n ? 5 : 0));
  }
  input.drop();
  output.drop();
  guest.drop('tcp', 'tcp-socket', socket);
  assert.equal(hostBytes.bytes, 131_072);
  assert.equal(network.open, 1);
  dropped.resolve();
  assert.equal(await arrived.promise, written);
  while (network.open > 0) await new Promise((resolve) => setTimeout(resolve, 5));
  assert.equal(hostBytes.bytes, 0);
});

test('names that were looked up count', () => {
  const hostBytes = budgetOf(2 * 300);
  const network = new Network(allowing('tcp://*:*'), testSandbox({ hostBytes }));
  network.learn('n'.repeat(44), ['127.0.0.1', '127.0.0.2', '127.0.0.3']);
  assert.equal(hostBytes.bytes, 2 * 300);
});

test('a folder that is listed: 64 entries are read ahead, 400 bytes each, until its stream goes', () => {
  const budget = budgetOf(25_600);
  const state = testState({}, testSandbox({ hostBytes: budget }));
  const directory = { host: { self: folder }, node: undefined } as unknown as Directory;
  const stream = DirectoryEntryStream.open(state, directory);
  assert.equal(budget.bytes, 25_600);
  assert.throws(() => DirectoryEntryStream.open(state, directory), overLimit);
  assert.ok(stream.next());
  stream.drop();
  assert.equal(budget.bytes, 0);
  const gone = { host: { self: path.join(folder, 'gone') }, node: undefined } as unknown as Directory;
  assert.throws(() => DirectoryEntryStream.open(state, gone), { code: 'ENOENT' });
  assert.equal(budget.bytes, 0);
});
