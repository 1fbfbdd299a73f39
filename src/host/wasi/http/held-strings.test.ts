// Strings that a guest gives to the host count like all else that the host keeps for it, whatever the version of WASI.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { HostMemory } from '../../../component/types/host-memory.ts';
import { err } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { HttpError, type HttpResponse, type SendRequest } from '../../http-message.ts';
import { interfaces20231018 } from '../release-candidates/2023-10-18.ts';
import { interfaces20231110 } from '../release-candidates/2023-11-10.ts';
import { RC_2026_03_15, sameIn } from '../release-candidates/versions.ts';
import type { WasiState } from '../state.ts';
import { TestStream } from '../streams-0.3.test-kit.ts';
import { caller, testSandbox, testState } from '../wasi.test-kit.ts';
import { httpInterfaces } from './bindings-0.2.ts';
import { httpInterfaces03 } from './bindings-0.3.ts';
import { HandlerExchange } from './handler-0.3.ts';
import { beginExchange } from './incoming.ts';

const LIMIT = 10_000;
const overLimit = (error: unknown): boolean =>
  error instanceof Trap && error.message === `Limit reached: held (${LIMIT} bytes)`;

function guest(sendRequest?: SendRequest): WasiState {
  const hostBytes = new HostByteBudget(LIMIT, new HostMemory(1e9));
  return testState({ sendRequest }, testSandbox({ hostBytes }));
}

type Call = (name: string, ...args: unknown[]) => unknown;

function types(interfaces: Parameters<typeof caller>[0], state: WasiState): Call {
  const call = caller(interfaces, state, /.*/);
  return (name, ...args) => call('wasi:http/types', name, ...args);
}

const never = { read: () => new Promise<never>(() => {}), close() {} };
const versions = {
  '0.2': { interfaces: httpInterfaces, resource: 'outgoing-request' },
  '0.2.0-rc-2023-11-10': { interfaces: interfaces20231110, resource: 'outgoing-request' },
  '0.3': { interfaces: httpInterfaces03, resource: 'request' },
  '0.3.0-rc-2026-03-15': { interfaces: httpInterfaces03.map((one) => sameIn(one, RC_2026_03_15)), resource: 'request' },
} as const;

function newRequest(call: Call, resource: string): unknown {
  const fields = call('[constructor]fields');
  if (resource === 'outgoing-request') return call('[constructor]outgoing-request', fields);
  return (call('[static]request.new', fields, undefined, never, undefined) as unknown[])[0];
}

/** Strings of exactly so many bytes that each setter takes. */
const parts: Readonly<Record<string, (bytes: number) => unknown>> = {
  'path-with-query': (bytes) => '/'.padEnd(bytes, 'p'),
  authority: (bytes) => 'a'.repeat(bytes),
  method: (bytes) => ({ tag: 'other', val: 'M'.repeat(bytes) }),
  scheme: (bytes) => ({ tag: 'other', val: 's'.repeat(bytes) }),
};

for (const [version, { interfaces, resource }] of Object.entries(versions)) {
  for (const [part, text] of Object.entries(parts)) {
    test(`${version}, ${part}: up to the limit over all requests, not a byte beyond, and again when one is dropped`, () => {
      const state = guest();
      const call = types(interfaces, state);
      const requests = [0, 1, 2, 3].map(() => newRequest(call, resource));
      const set = (index: number, bytes: number): unknown =>
        call(`[method]${resource}.set-${part}`, requests[index], text(bytes));
      for (let index = 0; index < 4; index++) assert.deepEqual(set(index, LIMIT / 4), { tag: 'ok', val: undefined });
      assert.equal(state.hostBytes.bytes, LIMIT);
      assert.throws(() => set(0, LIMIT / 4 + 1), overLimit);
      set(0, LIMIT / 4 - 1);
      set(1, LIMIT / 4 + 1);
      const drop = interfaces.find(({ name }) => name === 'wasi:http/types')?.resources[resource]?.drop;
      for (const request of requests) drop?.(state as never, request as never);
      assert.equal(state.hostBytes.bytes, 0);
    });
  }
}

test('0.2.0-rc-2023-10-18: what the constructor of a request is given counts', () => {
  const state = guest();
  const call = types(interfaces20231018, state);
  const fields = call('[constructor]fields', []);
  const make = (path: number, authority: number): unknown =>
    call(
      '[constructor]outgoing-request',
      { tag: 'get' },
      '/'.padEnd(path, 'p'),
      undefined,
      'a'.repeat(authority),
      fields,
    );
  make(LIMIT / 2, LIMIT / 2 - 1);
  assert.throws(() => make(1, 1), overLimit);
  assert.equal(state.hostBytes.bytes, LIMIT);
});

test('a request on its way counts until its answer has come, and the answer until its body has', async () => {
  const sent: PromiseWithResolvers<HttpResponse>[] = [];
  const send = (): Promise<HttpResponse> => {
    sent.push(Promise.withResolvers());
    return sent.at(-1)!.promise;
  };
  const hostBytes = new HostByteBudget(200_000, new HostMemory(1e9));
  const state = testState({ sendRequest: send }, testSandbox({ hostBytes }));
  const call = types(httpInterfaces, state);
  const handle = caller(httpInterfaces, state);
  const ask = (): unknown => {
    const request = newRequest(call, 'outgoing-request');
    call('[method]outgoing-request.set-authority', request, 'h');
    call('[method]outgoing-request.set-path-with-query', request, '/'.padEnd(49_999, 'p'));
    return (handle('wasi:http/outgoing-handler', 'handle', request, undefined) as { val: unknown }).val;
  };
  const futures = [ask(), ask(), ask()];
  assert.equal(hostBytes.bytes, 150_000);
  const body = { read: () => undefined, cancel() {} };
  const headers = [['a', 'b'.repeat(995)]] as const;
  sent[0]?.reject(new HttpError('connection-refused', 'no'));
  sent[1]?.resolve({ status: 200, headers, body: undefined });
  sent[2]?.resolve({ status: 200, headers, body });
  await new Promise((resolve) => setImmediate(resolve));
  // The head of the third, what its body may read ahead, and twice the headers.
  assert.equal(hostBytes.bytes, 50_000 + 65_536 + 2 * 1000);
  const get = (future: unknown): { val: { val: unknown } } =>
    call('[method]future-incoming-response.get', future) as { val: { val: unknown } };
  const drop = (resource: string, object: unknown): void =>
    httpInterfaces[0]?.resources[resource]?.drop?.(state as never, object as never);
  const responses = futures.slice(1).map((future) => get(future).val.val);
  const kept = call('[method]incoming-response.headers', responses[0]);
  for (const response of responses) drop('incoming-response', response);
  assert.equal(hostBytes.bytes, 1000, 'the headers that the guest has a handle on');
  drop('fields', kept);
  assert.equal(hostBytes.bytes, 0);
});

test('an answer for which there is no room is an error, and its body is cancelled', async () => {
  let cancelled = 0;
  const body = { read: () => undefined, cancel: () => void cancelled++ };
  const send = async (): Promise<HttpResponse> => ({ status: 200, headers: [['a', 'b']], body });
  const state = guest(send);
  const call = types(httpInterfaces, state);
  const handle = caller(httpInterfaces, state);
  const sent = handle('wasi:http/outgoing-handler', 'handle', withTarget(call), undefined) as { val: unknown };
  await new Promise((resolve) => setImmediate(resolve));
  const outcome = call('[method]future-incoming-response.get', sent.val) as { val: { tag: string; val: unknown } };
  assert.equal(outcome.val.tag, 'err');
  assert.deepEqual(outcome.val.val, { tag: 'internal-error', val: `Limit reached: held (${LIMIT} bytes)` });
  assert.equal(cancelled, 1);
  assert.equal(state.hostBytes.bytes, 0);
  const in03 = types(httpInterfaces03, state);
  const request = newRequest(in03, 'request');
  in03('[method]request.set-authority', request, 'h');
  const received = (await caller(httpInterfaces03, state)('wasi:http/client', 'send', request)) as { tag: string };
  assert.equal(received.tag, 'err');
  assert.equal(cancelled, 2);
  assert.equal(state.hostBytes.bytes, 0);
});

function withTarget(call: Call): unknown {
  const request = newRequest(call, 'outgoing-request');
  call('[method]outgoing-request.set-authority', request, 'h');
  call('[method]outgoing-request.set-path-with-query', request, '/');
  return request;
}

const incoming = {
  method: 'GET',
  scheme: 'http',
  authority: 'a',
  target: '/',
  headers: [],
  body: undefined,
} as const;
const failure = (bytes: number) => err({ tag: 'internal-error', val: 'e'.repeat(bytes) } as const);

test('the text of an error that is the answer counts, in 0.2 and in 0.3', () => {
  const exact = beginExchange(guest(), incoming);
  exact.response.catch(() => undefined);
  exact.set(failure(LIMIT));
  const beyond = beginExchange(guest(), incoming);
  assert.throws(() => beyond.set(failure(LIMIT + 1)), overLimit);
  new HandlerExchange(guest(), incoming).returned(failure(LIMIT));
  assert.throws(() => new HandlerExchange(guest(), incoming).returned(failure(LIMIT + 1)), overLimit);
  const named = err({
    tag: 'HTTP-request-header-size',
    val: { fieldName: 'n'.repeat(LIMIT + 1), fieldSize: 1 },
  } as const);
  assert.throws(() => new HandlerExchange(guest(), incoming).returned(named), overLimit);
});

test('0.3: an error that a guest gives for a message is passed on without its text where there is no room', async () => {
  const state = guest();
  const call = types(httpInterfaces03, state);
  for (const [bytes, text] of [
    [LIMIT - 1, 'e'.repeat(LIMIT - 1)],
    [2, `Limit reached: held (${LIMIT} bytes)`],
    [1, 'e'],
  ] as const) {
    const [response, sent] = call('[static]response.new', call('[constructor]fields'), undefined, never) as [
      unknown,
      Promise<{ val: unknown }>,
    ];
    call('[static]response.consume-body', response, { read: async () => failure(bytes), close() {} });
    assert.deepEqual((await sent).val, { tag: 'internal-error', val: text });
  }
});

test('0.3: a piece of a body that waits for the guest counts', async () => {
  const state = guest();
  const exchange = new HandlerExchange(state, {
    ...incoming,
    body: bodyOf([LIMIT, LIMIT + 1]),
  });
  const call = types(httpInterfaces03, state);
  const result = { read: () => new Promise<never>(() => {}), close() {} };
  const [stream, trailers] = call('[static]request.consume-body', exchange.params[0], result) as [
    { produce(writer: unknown): void },
    Promise<{ tag: string; val: unknown }>,
  ];
  const pipe = new TestStream<number>();
  stream.produce(pipe);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(state.hostBytes.bytes, LIMIT);
  assert.equal((await pipe.read())?.length, LIMIT);
  assert.deepEqual((await trailers).val, { tag: 'internal-error', val: `Limit reached: held (${LIMIT} bytes)` });
  assert.equal(state.hostBytes.bytes, 0);
});

function bodyOf(sizes: number[]) {
  return { read: () => (sizes.length > 0 ? new Uint8Array(sizes.shift() as number) : undefined), cancel() {} };
}
