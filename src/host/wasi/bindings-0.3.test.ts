// What the bindings of 0.3 add to those of 0.2, without a component around them.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import { test } from 'node:test';
import { cliInterfaces03 } from './cli/bindings-0.3.ts';
import { clocksInterfaces03 } from './clocks/bindings-0.3.ts';
import { filesystemInterfaces03 } from './filesystem/bindings-0.3.ts';
import { makeFiles } from './filesystem/files.test-kit.ts';
import { openMounts } from './filesystem/mount-tree.ts';
import { type HostObject, releaseAll } from './io/host-object.ts';
import { Pipe } from './io/pipe.ts';
import { bytesInputStream } from './io/source-stream.ts';
import { randomInterfaces03 } from './random/bindings-0.3.ts';
import { MAX_RANDOM } from './random/random.ts';
import { socketsInterfaces03 } from './sockets/bindings-0.3.ts';
import type { IpSocketAddress } from './sockets/ip-address.ts';
import { allowing, localhost, localPolicy, serve } from './sockets/network.test-kit.ts';
import { readBytes, startStream, TestStream, writeBytes } from './streams-0.3.test-kit.ts';
import { type CallHost, caller as strictCaller, testState } from './wasi.test-kit.ts';

interface Result<T = unknown> {
  readonly tag: 'ok' | 'err';
  readonly val: T;
}
const done = { tag: 'ok', val: undefined };
const futures = /-via-stream$|tcp-socket\.send$/;
const caller = (interfaces: Parameters<typeof strictCaller>[0], state: unknown): CallHost =>
  strictCaller(interfaces, state, futures);

test('cli: standard streams, and what the end of them is', async () => {
  const out = new Pipe();
  const state = testState({ stdio: { stdin: () => bytesInputStream(Buffer.from('in')), stdout: () => out } });
  const call = caller(cliInterfaces03, state);
  const [stream, ended] = call('wasi:cli/stdin', 'read-via-stream') as [object, Promise<Result>];
  assert.equal(await readBytes(startStream(stream)), 'in');
  assert.deepEqual(await ended, done);
  const data = new TestStream<number>();
  const written = call('wasi:cli/stdout', 'write-via-stream', data) as Promise<Result>;
  await writeBytes(data, 'out');
  assert.deepEqual(await written, done);
  assert.equal(Buffer.from((await out.source().read())!).toString(), 'out');
  out.end();
  const more = new TestStream<number>();
  const refused = call('wasi:cli/stdout', 'write-via-stream', more) as Promise<Result>;
  await writeBytes(more, 'x');
  assert.deepEqual(await refused, { tag: 'err', val: 'pipe' });
});

test('cli: a guest that drops its stdin does not close it for the next one', async () => {
  const input = bytesInputStream(Buffer.from('abc'));
  const call = caller(cliInterfaces03, testState({ stdio: { stdin: () => input } }));
  const [first] = call('wasi:cli/stdin', 'read-via-stream') as [{ produce(writer: TestStream<number>): void }];
  const dropped = new TestStream<number>();
  dropped.close();
  first.produce(dropped);
  const [second] = call('wasi:cli/stdin', 'read-via-stream') as [object];
  assert.equal(await readBytes(startStream(second)), 'abc');
});

test('clocks: waits end in time, when cancelled, and with the request', async () => {
  const state = testState();
  const call = caller(clocksInterfaces03, state);
  const clock = 'wasi:clocks/monotonic-clock';
  assert.equal(call(clock, 'wait-until', 0n), undefined);
  await call(clock, 'wait-for', 1_000_000n);
  assert.equal(state.open.size, 0);
  const cancelled = call(clock, 'wait-for', 10n ** 18n) as Promise<void> & { cancel(): void };
  cancelled.cancel();
  await cancelled;
  const left = call(clock, 'wait-until', 2n ** 64n - 1n) as Promise<void>;
  releaseAll(state);
  await left;
  const { seconds } = call('wasi:clocks/system-clock', 'now') as { seconds: bigint };
  assert.ok(seconds > 1_700_000_000n);
});

test('random: as much as is wanted up to a limit, and one seed for a guest', () => {
  const state = testState();
  const call = caller(randomInterfaces03, state);
  assert.equal((call('wasi:random/random', 'get-random-bytes', 2n ** 40n) as Uint8Array).length, MAX_RANDOM);
  const seed = call('wasi:random/insecure-seed', 'get-insecure-seed');
  assert.deepEqual(call('wasi:random/insecure-seed', 'get-insecure-seed'), seed);
  assert.notDeepEqual(caller(randomInterfaces03, testState())('wasi:random/insecure-seed', 'get-insecure-seed'), seed);
});

const files = 'wasi:filesystem/types';

function filesGuest(writable = true): { call: CallHost; root: HostObject; folder: string; state: object } {
  const folder = makeFiles({ 'a.txt': 'hello', sub: { 'b.txt': 'b' } });
  const mounts = [{ kind: 'directory', source: folder, destination: '/' }] as const;
  const state = testState({ preopens: openMounts(mounts).preopens, writableFiles: writable });
  const call = caller(filesystemInterfaces03, state);
  const [[root]] = call('wasi:filesystem/preopens', 'get-directories') as [[HostObject]];
  return { call, root, folder, state };
}

const follow = { symlinkFollow: true };
const noOpen = { create: false, directory: false, exclusive: false, truncate: false };
const noFlags = {
  read: false,
  write: false,
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: false,
};

async function open(
  call: CallHost,
  root: HostObject,
  path: string,
  flags: object,
  how = {},
): Promise<Result<HostObject>> {
  const all = [root, follow, path, { ...noOpen, ...how }, { ...noFlags, ...flags }];
  return (await call(files, '[method]descriptor.open-at', ...all)) as Result<HostObject>;
}

test('filesystem: content is read and written through streams, their failures come through futures', async () => {
  const { call, root, folder } = filesGuest();
  const { val: file } = await open(call, root, 'a.txt', { read: true, write: true });
  const read = (offset: bigint): [object, Promise<Result>] =>
    call(files, '[method]descriptor.read-via-stream', file, offset) as [object, Promise<Result>];
  const [stream, ended] = read(1n);
  assert.equal(await readBytes(startStream(stream)), 'ello');
  assert.deepEqual(await ended, done);
  const [nothing, invalid] = read(2n ** 64n - 1n);
  assert.equal(await readBytes(startStream(nothing)), '');
  assert.deepEqual(await invalid, { tag: 'err', val: { tag: 'invalid' } });
  const data = new TestStream<number>();
  const written = call(files, '[method]descriptor.write-via-stream', file, data, 1n) as Promise<Result>;
  await writeBytes(data, 'a'.repeat(200_000));
  assert.deepEqual(await written, done);
  assert.equal(fs.readFileSync(`${folder}/a.txt`, 'utf8'), `h${'a'.repeat(200_000)}`);
  const { val: readOnly } = await open(call, root, 'a.txt', { read: true });
  const refused = new TestStream<number>();
  const result = call(files, '[method]descriptor.append-via-stream', readOnly, refused) as Promise<Result>;
  assert.deepEqual(await result, { tag: 'err', val: { tag: 'bad-descriptor' } });
  assert.equal(refused.dropped, true);
});

test('filesystem: directories are streams of entries, types are variants, errors too', async () => {
  const { call, root } = filesGuest(false);
  const [stream, ended] = call(files, '[method]descriptor.read-directory', root) as [object, Promise<Result>];
  const entries = startStream<{ name: string; type: { tag: string } }>(stream);
  const found: string[] = [];
  for (let batch = await entries.read(); batch !== undefined; batch = await entries.read()) {
    for (const { name, type } of Array.from(batch)) found.push(`${name}:${type.tag}`);
  }
  assert.deepEqual(found.sort(), ['a.txt:regular-file', 'sub:directory']);
  assert.deepEqual(await ended, done);
  const stat = (await call(files, '[method]descriptor.stat', root)) as Result<{ type: object }>;
  assert.deepEqual(stat.val.type, { tag: 'directory' });
  assert.deepEqual(await open(call, root, 'a.txt', { write: true }), { tag: 'err', val: { tag: 'read-only' } });
  assert.deepEqual(await open(call, root, '../x', { read: true }), { tag: 'err', val: { tag: 'not-permitted' } });
});

test('filesystem: streams that are dropped early let go of their file', async () => {
  const { call, root, state } = filesGuest();
  const { val: file } = await open(call, root, 'a.txt', { read: true });
  for (let count = 0; count < 1000; count++) {
    const [stream, ended] = call(files, '[method]descriptor.read-via-stream', file, 0n) as [object, Promise<Result>];
    startStream<number>(stream).close();
    await ended;
  }
  assert.equal((state as { openFiles: number }).openFiles, 2);
});

const sockets = 'wasi:sockets/types';

async function connected(call: CallHost, port: number): Promise<HostObject> {
  const { val: socket } = call(sockets, '[static]tcp-socket.create', 'ipv4') as Result<HostObject>;
  assert.deepEqual(await call(sockets, '[method]tcp-socket.connect', socket, localhost(port)), done);
  return socket;
}

test('sockets: send and receive, once each', async () => {
  const port = await serve((socket) =>
    socket.on('data', (data) => socket.write(data)).on('end', () => socket.end('!')),
  );
  const call = caller(socketsInterfaces03, testState({ socketPolicy: localPolicy }));
  const socket = await connected(call, port);
  const data = new TestStream<number>();
  const sent = call(sockets, '[method]tcp-socket.send', socket, data) as Promise<Result>;
  const [stream, received] = call(sockets, '[method]tcp-socket.receive', socket) as [object, Promise<Result>];
  const reading = readBytes(startStream(stream));
  await writeBytes(data, 'x'.repeat(300_000));
  assert.deepEqual(await sent, done);
  assert.equal(await reading, `${'x'.repeat(300_000)}!`);
  assert.deepEqual(await received, done);
  const again = new TestStream<number>();
  assert.deepEqual(await call(sockets, '[method]tcp-socket.send', socket, again), {
    tag: 'err',
    val: { tag: 'invalid-state' },
  });
  assert.equal(again.dropped, true);
});

test('sockets: a listener gives what it accepts, until it is dropped', async () => {
  const state = testState({ socketPolicy: localPolicy });
  const call = caller(socketsInterfaces03, state);
  const { val: listener } = call(sockets, '[static]tcp-socket.create', 'ipv4') as Result<HostObject>;
  call(sockets, '[method]tcp-socket.bind', listener, localhost(0));
  const address = call(sockets, '[method]tcp-socket.get-local-address', listener) as Result<IpSocketAddress>;
  const { val: produced } = call(sockets, '[method]tcp-socket.listen', listener) as Result<object>;
  const accepting = startStream<HostObject>(produced);
  const client = await connected(call, address.val.val.port);
  const [server] = Array.from((await accepting.read()) ?? []);
  const [, first] = call(sockets, '[method]tcp-socket.receive', server) as [object, Promise<Result>];
  const [, second] = call(sockets, '[method]tcp-socket.receive', server) as [object, Promise<Result>];
  assert.deepEqual(await second, { tag: 'err', val: { tag: 'invalid-state' } });
  void first;
  const end = accepting.read();
  listener.drop();
  assert.equal(await end, undefined);
  client.drop();
  releaseAll(state);
  assert.equal(state.network.open, 0);
});

test('sockets: permissions and codes are those of 0.3', async () => {
  const state = testState({ socketPolicy: allowing() });
  const call = caller(socketsInterfaces03, state);
  const { val: socket } = call(sockets, '[static]tcp-socket.create', 'ipv4') as Result<HostObject>;
  const denied = { tag: 'err', val: { tag: 'access-denied' } };
  assert.deepEqual(await call(sockets, '[method]tcp-socket.connect', socket, localhost(80)), denied);
  assert.deepEqual(call(sockets, '[method]tcp-socket.listen', socket), denied);
  assert.deepEqual(await call('wasi:sockets/ip-name-lookup', 'resolve-addresses', 'example.com'), denied);
  while (state.network.open < 64) call(sockets, '[static]tcp-socket.create', 'ipv4');
  const full = { tag: 'err', val: { tag: 'out-of-memory' } };
  assert.deepEqual(call(sockets, '[static]udp-socket.create', 'ipv4'), full);
});

test('sockets: a UDP socket that waits for a datagram ends with the request', async () => {
  const state = testState({ socketPolicy: localPolicy });
  const call = caller(socketsInterfaces03, state);
  const { val: socket } = call(sockets, '[static]udp-socket.create', 'ipv4') as Result<HostObject>;
  assert.deepEqual(await call(sockets, '[method]udp-socket.receive', socket), {
    tag: 'err',
    val: { tag: 'invalid-state' },
  });
  call(sockets, '[method]udp-socket.bind', socket, localhost(0));
  const waiting = call(sockets, '[method]udp-socket.receive', socket) as Promise<Result>;
  releaseAll(state);
  assert.equal((await waiting).tag, 'err');
});
