// The release candidates of WASI do what 0.2 does, under their own names, shapes and errors.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostRegistry } from '../../../component/link/host-registry.ts';
import type { HostInterface } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { HttpError, type HttpRequest } from '../../http-message.ts';
import { Exchange } from '../http/incoming.ts';
import type { HostObject } from '../io/host-object.ts';
import { Pipe } from '../io/pipe.ts';
import { GuestInputStream, GuestOutputStream } from '../io/resources.ts';
import { bytesInputStream } from '../io/source-stream.ts';
import { candidateInterfaces, wasiInterfaces } from '../service.ts';
import { allowing, localhost, localPolicy } from '../sockets/network.test-kit.ts';
import { caller, testState } from '../wasi.test-kit.ts';
import { interfaces20231018 } from './2023-10-18.ts';
import { interfaces20231110 } from './2023-11-10.ts';

const http = 'wasi:http/types';
const bytes = (text: string): Uint8Array => Buffer.from(text);
const request: HttpRequest = {
  method: 'GET',
  scheme: 'http',
  authority: 'host',
  target: '/',
  headers: [],
  body: undefined,
};

test('each version is found only under its own name, and has resources of its own', () => {
  const registry = new HostRegistry([...wasiInterfaces, ...candidateInterfaces]);
  const versions = ['0.2.0', '0.2.0-rc-2023-11-10', '0.2.0-rc-2023-10-18'];
  const fields = versions.map((version) => registry.find(`${http}@${version}`)?.resources.fields);
  assert.equal(new Set(fields).size, 3);
  assert.ok(fields.every((one) => one?.name === 'fields'));
  assert.equal(registry.find(`${http}@0.2.0-rc-2023-12-05`), undefined);
});

test('2023-10-18: a response is made by its constructor, from headers that stay with the guest', async () => {
  const call = caller(interfaces20231018, testState());
  const exchange = new Exchange(request);
  const headers = call(http, '[constructor]fields', [['x-one', bytes('1')]]);
  const response = call(http, '[constructor]outgoing-response', 201, headers);
  call(http, '[method]fields.append', headers, 'x-two', bytes('2'));
  const body = call(http, '[method]outgoing-response.write', response) as { val: object };
  call(http, '[static]response-outparam.set', exchange, { tag: 'ok', val: response });
  call(http, '[static]outgoing-body.finish', body.val, undefined);
  const { status, headers: sent } = await exchange.response;
  assert.equal(status, 201);
  assert.deepEqual(sent, [['x-one', '1']]);
});

test('2023-10-18: what had no error then is a trap', () => {
  const call = caller(interfaces20231018, testState());
  const headers = call(http, '[constructor]fields', []);
  assert.throws(() => call(http, '[constructor]fields', [['bad name', bytes('')]]), Trap);
  assert.throws(() => call(http, '[method]fields.append', headers, 'host', bytes('x')), Trap);
  assert.throws(() => call(http, '[constructor]outgoing-response', 7, headers), Trap);
  const method = { tag: 'other', val: 'not a method' };
  assert.throws(() => call(http, '[constructor]outgoing-request', method, '/', undefined, 'host', headers), Trap);
});

test('2023-10-18: a request goes out with its timeouts in milliseconds, and its failure comes as one of four', async () => {
  const seen: unknown[] = [];
  const state = testState({
    sendRequest: async (sent, options) => {
      seen.push(sent.target, options.connectTimeoutMs);
      throw new Error('down');
    },
  });
  const call = caller(interfaces20231018, state);
  const headers = call(http, '[constructor]fields', []);
  const get = { tag: 'get' };
  const made = call(http, '[constructor]outgoing-request', get, '/x', { tag: 'HTTP' }, 'host:80', headers);
  const sent = call('wasi:http/outgoing-handler', 'handle', made, { connectTimeoutMs: 250 }) as { val: object };
  const pollable = call(http, '[method]future-incoming-response.subscribe', sent.val);
  await call('wasi:io/poll', 'poll-one', pollable);
  assert.deepEqual(call(http, '[method]future-incoming-response.get', sent.val), {
    tag: 'ok',
    val: { tag: 'err', val: { tag: 'unexpected-error', val: 'internal-error: down' } },
  });
  assert.deepEqual(seen, ['/x', 250]);
});

test('2023-10-18: each error of today is one of the four of then', async () => {
  for (const [code, tag] of [
    ['HTTP-request-URI-invalid', 'invalid-url'],
    ['HTTP-request-URI-too-long', 'invalid-url'],
    ['DNS-timeout', 'timeout-error'],
    ['connection-read-timeout', 'timeout-error'],
    ['HTTP-response-timeout', 'timeout-error'],
    ['HTTP-protocol-error', 'protocol-error'],
    ['TLS-protocol-error', 'unexpected-error'],
    ['HTTP-request-denied', 'unexpected-error'],
    ['connection-refused', 'unexpected-error'],
  ] as const) {
    const sendRequest = () => Promise.reject(new HttpError(code, 'message of the host'));
    const call = caller(interfaces20231018, testState({ sendRequest }));
    const headers = call(http, '[constructor]fields', []);
    const made = call(http, '[constructor]outgoing-request', { tag: 'get' }, '/', { tag: 'HTTP' }, 'host', headers);
    const sent = call('wasi:http/outgoing-handler', 'handle', made, undefined) as { val: object };
    await new Promise(setImmediate);
    const outcome = call(http, '[method]future-incoming-response.get', sent.val);
    assert.deepEqual(outcome, { tag: 'ok', val: { tag: 'err', val: { tag, val: code } } });
  }
});

test('2023-10-18: a request that cannot be sent is refused at once, with its error', () => {
  const call = caller(interfaces20231018, testState());
  const headers = call(http, '[constructor]fields', []);
  for (const [path, scheme, tag] of [
    [undefined, { tag: 'HTTP' }, 'invalid-url'],
    ['/', { tag: 'other', val: 'ws' }, 'protocol-error'],
  ] as const) {
    const made = call(http, '[constructor]outgoing-request', { tag: 'get' }, path, scheme, 'host', headers);
    const sent = call('wasi:http/outgoing-handler', 'handle', made, undefined) as { tag: string; val: { tag: string } };
    assert.deepEqual([sent.tag, sent.val.tag], ['err', tag]);
  }
});

test('2023-10-18: an error that is the answer says which it was', async () => {
  const call = caller(interfaces20231018, testState());
  const exchange = new Exchange(request);
  call(http, '[static]response-outparam.set', exchange, { tag: 'err', val: { tag: 'invalid-url', val: 'of a guest' } });
  await assert.rejects(exchange.response, { message: 'internal-error: invalid url: of a guest' });
});

test('2023-10-18: splice and forward take their source away', async () => {
  const state = testState();
  const call = caller(interfaces20231018, state);
  const io = (name: string, ...args: unknown[]): unknown =>
    call('wasi:io/streams', `[method]output-stream.${name}`, ...args);
  const pipe = new Pipe();
  const output = new GuestOutputStream(state, pipe);
  const source = (text: string): GuestInputStream => new GuestInputStream(state, bytesInputStream(bytes(text)));
  const first = source('hello');
  assert.deepEqual(io('splice', output, first, 3n), { tag: 'ok', val: 3n });
  assert.equal(first.released, true);
  assert.deepEqual(await io('blocking-splice', output, source('lo '), 10n), { tag: 'ok', val: 3n });
  assert.deepEqual(await io('forward', output, source('world')), { tag: 'ok', val: 5n });
  output.drop();
  const chunks: Uint8Array[] = [];
  const read = pipe.source();
  for (let chunk = await read.read(); chunk; chunk = await read.read()) chunks.push(chunk);
  assert.equal(Buffer.concat(chunks).toString(), 'hello world');
});

test('2023-10-18: clocks, polls and files', async () => {
  const state = testState();
  const call = caller(interfaces20231018, state);
  const clock = 'wasi:clocks/monotonic-clock';
  const past = call(clock, 'subscribe', 0n, true);
  const soon = call(clock, 'subscribe', 1_000_000n, false);
  assert.deepEqual(await call('wasi:io/poll', 'poll-list', [past]), Uint32Array.of(0));
  await call('wasi:io/poll', 'poll-one', soon);
  const files = 'wasi:filesystem/types';
  assert.deepEqual(call(files, '[method]descriptor.lock-shared', {}), { tag: 'err', val: 'unsupported' });
});

test('2023-10-18: UDP sockets send and receive themselves', async () => {
  const state = testState({ socketPolicy: localPolicy });
  const call = caller(interfaces20231018, state);
  const udp = <T>(name: string, ...args: unknown[]): T =>
    call('wasi:sockets/udp', `[method]udp-socket.${name}`, ...args) as T;
  const open = (): HostObject => {
    const made = call('wasi:sockets/udp-create-socket', 'create-udp-socket', 'ipv4') as { val: HostObject };
    udp('start-bind', made.val, {}, localhost(0));
    udp('finish-bind', made.val);
    return made.val;
  };
  const [a, b] = [open(), open()];
  const { val: address } = udp<{ val: object }>('local-address', b);
  assert.deepEqual(udp('finish-connect', a), { tag: 'err', val: 'not-in-progress' });
  assert.deepEqual(udp('receive', b, 1n), { tag: 'err', val: 'would-block' });
  udp('start-connect', a, {}, address);
  assert.deepEqual(udp('send', a, []), { tag: 'err', val: 'concurrency-conflict' });
  udp('finish-connect', a);
  assert.deepEqual(udp('send', a, [{ data: bytes('hi'), remoteAddress: address }]), { tag: 'ok', val: 1n });
  await call('wasi:io/poll', 'poll-one', udp('subscribe', b));
  const { val } = udp<{ val: { data: Uint8Array }[] }>('receive', b, 10n);
  assert.equal(Buffer.from(val[0]!.data).toString(), 'hi');
  const drop = interfaces20231018.find(({ name }) => name === 'wasi:sockets/udp')?.resources['udp-socket']?.drop;
  for (const pollable of [...state.open].reverse()) if (pollable.constructor.name === 'GuestPollable') pollable.drop();
  for (const socket of [a, b]) drop?.(state as never, socket as never);
  assert.equal(state.network.open, 0);
});

test('2023-11-10: the differences to 0.2', () => {
  const call = caller(interfaces20231110, testState({ socketPolicy: allowing() }));
  const options = call(http, '[constructor]request-options');
  call(http, '[method]request-options.set-connect-timeout-ms', options, 5n);
  assert.equal(call(http, '[method]request-options.connect-timeout-ms', options), 5n);
  const tcp = 'wasi:sockets/tcp';
  assert.deepEqual(call(tcp, '[method]tcp-socket.ipv6-only', {}), { tag: 'ok', val: true });
  assert.deepEqual(call(tcp, '[method]tcp-socket.set-ipv6-only', {}, false), { tag: 'err', val: 'not-supported' });
  const names = interfaces20231110.map(({ name }) => name);
  assert.ok(!names.includes('wasi:clocks/timezone'));
});

test('what the candidates call otherwise, lack or have besides', () => {
  const namesOf = (interfaces: readonly HostInterface[], name: string): string[] =>
    Object.keys(interfaces.find((one) => one.name === name)?.functions ?? {});
  const options = (interfaces: readonly HostInterface[]): string[] =>
    namesOf(interfaces, http).filter((name) => name.includes('request-options'));
  assert.deepEqual(options(interfaces20231110), [
    '[constructor]request-options',
    ...['connect', 'first-byte', 'between-bytes'].flatMap((name) => [
      `[method]request-options.${name}-timeout-ms`,
      `[method]request-options.set-${name}-timeout-ms`,
    ]),
  ]);
  assert.deepEqual(options(interfaces20231018), []);
  const lost = (interfaces: readonly HostInterface[], name: string): string[] => {
    const there = namesOf(interfaces, name);
    return namesOf(wasiInterfaces, name).filter((one) => !there.includes(one) && !one.includes('request-options'));
  };
  assert.deepEqual(lost(interfaces20231110, http), [
    '[method]fields.has',
    '[method]response-outparam.send-informational',
  ]);
  assert.deepEqual(lost(interfaces20231110, 'wasi:cli/exit'), ['exit-with-code']);
  assert.deepEqual(lost(interfaces20231110, 'wasi:sockets/network'), ['network-error-code']);
  assert.deepEqual(lost(interfaces20231110, 'wasi:filesystem/types'), []);
  assert.equal(
    interfaces20231110.some(({ name }) => name === 'wasi:clocks/timezone'),
    false,
  );
  for (const kind of ['tcp', 'udp']) {
    const there = namesOf(interfaces20231110, `wasi:sockets/${kind}`);
    for (const name of ['ipv6-only', 'set-ipv6-only']) {
      assert.ok(there.includes(`[method]${kind}-socket.${name}`), `${kind} ${name}`);
    }
  }
});
