// wasi:http 0.3 carries requests and responses whole, and a body that breaks is told to both sides.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AnsweredEarly, type ByteSource, HttpError, type HttpRequest, type SendRequest } from '../../http-message.ts';
import { releaseAll } from '../io/host-object.ts';
import { brokenFuture, future, readBytes, startStream, TestStream, writeBytes } from '../streams-0.3.test-kit.ts';
import { caller, testState } from '../wasi.test-kit.ts';
import { httpInterfaces03 } from './bindings-0.3.ts';
import { HandlerExchange } from './handler-0.3.ts';

const types = 'wasi:http/types';
const noTrailers = { tag: 'ok', val: undefined } as const;
const bytes = (text: string): Uint8Array => Buffer.from(text, 'latin1');

interface Result<T = unknown> {
  readonly tag: 'ok' | 'err';
  readonly val: T;
}

class Guest {
  readonly state;
  readonly #call;

  constructor(
    sendRequest?: SendRequest,
    httpLimits?: { headerBytes: number; headerCount: number; bufferedBytes: number },
  ) {
    this.state = testState({ sendRequest, httpLimits });
    this.#call = caller(httpInterfaces03, this.state);
  }

  call<T = object>(name: string, ...args: unknown[]): T {
    return this.#call(types, name, ...args) as T;
  }

  fields(entries: Record<string, string> = {}): object {
    const list = Object.entries(entries).map(([name, value]) => [name, bytes(value)]);
    return this.call<Result<object>>('[static]fields.from-list', list).val;
  }

  request(headers: Record<string, string>, stream?: TestStream<number>, trailers: object = future(noTrailers)) {
    const made = this.call<[object, Promise<Result>]>(
      '[static]request.new',
      this.fields(headers),
      stream,
      trailers,
      undefined,
    );
    this.call('[method]request.set-authority', made[0], 'host');
    return made;
  }

  response(headers: Record<string, string>, stream?: TestStream<number>, trailers: object = future(noTrailers)) {
    return this.call<[object, Promise<Result>]>('[static]response.new', this.fields(headers), stream, trailers);
  }

  send(request: object): Promise<Result<object>> & { cancel(): void } {
    return this.#call('wasi:http/client', 'send', request) as Promise<Result<object>> & { cancel(): void };
  }
}

async function drain(body: ByteSource | undefined): Promise<string> {
  let text = '';
  for (let chunk = await body?.read(); chunk !== undefined; chunk = await body?.read()) text += Buffer.from(chunk);
  return text;
}

function sourceOf(text: string, trailers?: [string, string][]): ByteSource & { cancelled: number } {
  let rest: Uint8Array | undefined = bytes(text);
  return {
    cancelled: 0,
    read() {
      const chunk = rest;
      rest = undefined;
      return Promise.resolve(chunk);
    },
    cancel() {
      this.cancelled++;
      rest = undefined;
    },
    trailers: () => trailers,
  };
}

const incoming = (body: ByteSource | undefined): HttpRequest => ({
  method: 'POST',
  scheme: 'http',
  authority: 'host:80',
  target: '/x?y',
  headers: [
    ['x-a', '1'],
    ['host', 'host:80'],
  ],
  body,
});

test('a request that comes in has its parts, and its body and trailers once', async () => {
  const guest = new Guest();
  const { params } = new HandlerExchange(guest.state, incoming(sourceOf('body', [['x-end', '1']])));
  const [request] = params;
  assert.deepEqual(guest.call('[method]request.get-method', request), { tag: 'post' });
  assert.equal(guest.call('[method]request.get-path-with-query', request), '/x?y');
  assert.deepEqual(guest.call('[method]request.get-scheme', request), { tag: 'HTTP' });
  const headers = guest.call('[method]request.get-headers', request);
  assert.deepEqual(guest.call('[method]fields.copy-all', headers), [
    ['x-a', Buffer.from('1')],
    ['host', Buffer.from('host:80')],
  ]);
  assert.deepEqual(guest.call('[method]fields.append', headers, 'x', bytes('y')), {
    tag: 'err',
    val: { tag: 'immutable' },
  });
  const [stream, trailers] = guest.call<[object, Promise<Result<object>>]>(
    '[static]request.consume-body',
    request,
    brokenFuture(),
  );
  assert.equal(await readBytes(startStream(stream)), 'body');
  const { val: fields } = await trailers;
  assert.equal(guest.call('[method]fields.has', fields, 'X-End'), true);
});

test('a guest sees who was asked for, cannot say it, and what it passes on has the host of its own authority', async () => {
  const sent: HttpRequest[] = [];
  const guest = new Guest(async (request) => {
    sent.push(request);
    return { status: 200, headers: [['host', 'upstream']], body: undefined };
  });
  const headers = [
    ['host', 'public.example'],
    ['connection', 'close'],
    ['keep-alive', '9'],
    ['transfer-encoding', 'chunked'],
    ['upgrade', 'h2c'],
    ['x', 'y'],
  ] as const;
  const { params } = new HandlerExchange(guest.state, { ...incoming(undefined), headers });
  const seen = guest.call('[method]request.get-headers', params[0]);
  const host = ['host', Buffer.from('public.example')];
  assert.deepEqual(guest.call('[method]fields.copy-all', seen), [host, ['x', Buffer.from('y')]]);
  const copy = guest.call('[method]fields.clone', seen);
  const forbidden = { tag: 'err', val: { tag: 'forbidden' } };
  assert.deepEqual(guest.call('[method]fields.set', copy, 'Host', [bytes('other')]), forbidden);
  assert.deepEqual(guest.call('[method]fields.append', copy, 'host', bytes('other')), forbidden);
  const [request] = guest.call<[object]>('[static]request.new', copy, undefined, future(noTrailers), undefined);
  guest.call('[method]request.set-authority', request, 'upstream');
  const { val: response } = await guest.send(request);
  assert.deepEqual([sent[0]?.authority, sent[0]?.headers], ['upstream', [['x', 'y']]]);
  const answered = guest.call('[method]response.get-headers', response);
  assert.deepEqual(guest.call('[method]fields.copy-all', answered), []);
});

test('a response goes out with body and trailers, and the guest hears that it did', async () => {
  const guest = new Guest();
  const exchange = new HandlerExchange(guest.state, incoming(undefined));
  const stream = new TestStream<number>();
  const [response, sent] = guest.response(
    { 'content-length': '5' },
    stream,
    future({ tag: 'ok', val: guest.fields({ 'x-end': '1' }) }),
  );
  for (const bad of [0, 99, 600, 999, 1000, 65535]) {
    assert.deepEqual(guest.call('[method]response.set-status-code', response, bad), { tag: 'err', val: undefined });
  }
  guest.call('[method]response.set-status-code', response, 201);
  exchange.returned({ tag: 'ok', val: response });
  const { status, body } = await exchange.response;
  assert.equal(status, 201);
  const written = writeBytes(stream, 'hello');
  assert.equal(await drain(body), 'hello');
  await written;
  assert.deepEqual(await body?.trailers?.(), [['x-end', '1']]);
  assert.deepEqual(await sent, { tag: 'ok', val: undefined });
  exchange.end({ error: undefined });
});

for (const [what, text] of [
  ['shorter', 'hell'],
  ['longer', 'hello!'],
] as const) {
  test(`a body that is ${what} than announced breaks, and the guest hears why`, async () => {
    const guest = new Guest();
    const exchange = new HandlerExchange(guest.state, incoming(undefined));
    const stream = new TestStream<number>();
    const [response, sent] = guest.response({ 'content-length': '5' }, stream);
    exchange.returned({ tag: 'ok', val: response });
    const { body } = await exchange.response;
    void writeBytes(stream, text);
    await assert.rejects(drain(body), { code: 'HTTP-response-body-size' });
    assert.deepEqual(await sent, { tag: 'err', val: { tag: 'HTTP-response-body-size', val: BigInt(text.length) } });
    assert.equal(stream.dropped, true);
  });
}

test('trailers that are an error, or never come, break the message', async () => {
  for (const trailers of [future({ tag: 'err', val: { tag: 'loop-detected' } }), brokenFuture()]) {
    const guest = new Guest();
    const exchange = new HandlerExchange(guest.state, incoming(undefined));
    const stream = new TestStream<number>();
    const [response, sent] = guest.response({}, stream, trailers);
    exchange.returned({ tag: 'ok', val: response });
    const { body } = await exchange.response;
    void writeBytes(stream, 'x');
    await assert.rejects(drain(body), 'the end of the body was told before it was known to be whole');
    await assert.rejects(async () => body?.trailers?.());
    assert.equal((await sent).tag, 'err');
  }
});

test('a handler that returns an error, or nothing, gives no response; only the first answer counts', async () => {
  const guest = new Guest();
  const failing = new HandlerExchange(guest.state, incoming(undefined));
  failing.returned({ tag: 'err', val: { tag: 'loop-detected' } });
  failing.returned({ tag: 'ok', val: guest.response({})[0] });
  await assert.rejects(failing.response, { code: 'loop-detected' });
  const body = sourceOf('unread');
  const silent = new HandlerExchange(guest.state, incoming(body));
  silent.end({ error: undefined });
  await assert.rejects(silent.response, { code: 'HTTP-response-incomplete' });
  assert.equal(body.cancelled, 1);
});

test('a request goes out as the guest built it; its body is pulled', async () => {
  const seen: unknown[] = [];
  const guest = new Guest(async (request) => {
    seen.push(request.method, request.scheme, request.authority, request.target, await drain(request.body));
    await request.body?.trailers?.();
    return { status: 200, headers: [], body: sourceOf('answer') };
  });
  const stream = new TestStream<number>();
  const [request, sent] = guest.request({}, stream);
  guest.call('[method]request.set-method', request, { tag: 'other', val: 'PUT' });
  assert.deepEqual(guest.call('[method]request.get-method', request), { tag: 'put' });
  guest.call('[method]request.set-authority', request, 'host:81');
  guest.call('[method]request.set-path-with-query', request, 'a?b');
  const answered = guest.send(request);
  await writeBytes(stream, 'body');
  const { val: response } = await answered;
  assert.deepEqual(seen, ['PUT', 'https', 'host:81', '/a?b', 'body']);
  assert.deepEqual(await sent, { tag: 'ok', val: undefined });
  const [answer, trailers] = guest.call<[object, Promise<Result>]>(
    '[static]response.consume-body',
    response,
    brokenFuture(),
  );
  assert.equal(await readBytes(startStream(answer)), 'answer');
  assert.deepEqual(await trailers, { tag: 'ok', val: undefined });
});

test('an authority that cannot be sent to is an error, and never becomes another one', async () => {
  let count = 0;
  const guest = new Guest(async () => ({ status: 200 + count++, headers: [], body: undefined }));
  const invalid = { tag: 'err', val: { tag: 'HTTP-request-URI-invalid', val: undefined } };
  const answer = async (authority: string | undefined): Promise<Result<object>> => {
    const [request] = guest.request({});
    guest.call('[method]request.set-authority', request, authority);
    return guest.send(request);
  };
  for (const authority of [
    undefined,
    '',
    'u:p@h',
    'u@:80',
    'a b',
    'h:99999',
    'ü',
    '[fe80::1%25eth0]',
    'h/x',
    ':',
    '@h',
  ]) {
    assert.deepEqual(await answer(authority), invalid, String(authority));
  }
  assert.equal(count, 0);
  for (const authority of [':80', ':443', 'self.alt', '[::1]:80']) assert.equal((await answer(authority)).tag, 'ok');
  const [request] = guest.request({});
  assert.equal(guest.call<Result>('[method]request.set-authority', request, 'a b').tag, 'err');
  assert.equal(guest.call<Result>('[method]request.set-authority', request, 'good').tag, 'ok');
  assert.equal((await guest.send(request)).tag, 'ok', 'what was set last counts');
});

test('a method, scheme or path that was refused is not replaced by the one before', async () => {
  const guest = new Guest(async () => ({ status: 200, headers: [], body: undefined }));
  const cases: [string, unknown, string][] = [
    ['method', { tag: 'other', val: 'A B' }, 'HTTP-request-method-invalid'],
    ['scheme', { tag: 'other', val: 'a b' }, 'HTTP-protocol-error'],
    ['path-with-query', '/a b', 'HTTP-request-URI-invalid'],
  ];
  for (const [part, value, tag] of cases) {
    const [request] = guest.request({});
    assert.equal(guest.call<Result>(`[method]request.set-${part}`, request, value).tag, 'err');
    assert.deepEqual(await guest.send(request), { tag: 'err', val: { tag, val: undefined } });
  }
});

test('an error in place of trailers breaks the request, with a body and without', async () => {
  const lost = { tag: 'err' as const, val: { tag: 'internal-error' as const, val: 'lost' } };
  const reads: unknown[] = [];
  const guest = new Guest(async (request) => {
    await drain(request.body).catch((error: unknown) => reads.push(error));
    return new Promise((_, reject) => request.body && reject(reads[0]));
  });
  const stream = new TestStream<number>();
  const [request, sent] = guest.request({}, stream, future(lost as never));
  const answered = guest.send(request);
  await writeBytes(stream, 'body');
  assert.deepEqual(await answered, lost);
  assert.deepEqual(await sent, lost);
  assert.equal(reads.length, 1, 'whoever reads the body never sees its end');
  const [empty, gone] = guest.request({}, undefined, future(lost as never));
  assert.deepEqual(await guest.send(empty), lost);
  assert.deepEqual(await gone, lost);
});

test('an answer that comes before the body was read ends the writing of it', async () => {
  const guest = new Guest(async (request) => {
    request.body?.cancel(new AnsweredEarly());
    return { status: 413, headers: [], body: undefined };
  });
  const stream = new TestStream<number>();
  const [request, sent] = guest.request({}, stream);
  assert.equal((await guest.send(request)).tag, 'ok');
  assert.equal(stream.dropped, true);
  assert.equal((await sent).tag, 'err', 'it was not transmitted');
});

test('a request that cannot be sent fails, and so does its transmission', async () => {
  const denied = new Guest();
  const stream = new TestStream<number>();
  const [request, sent] = denied.request({}, stream);
  const code = { tag: 'HTTP-request-denied', val: undefined };
  assert.deepEqual(await denied.send(request), { tag: 'err', val: code });
  assert.deepEqual(await sent, { tag: 'err', val: code });
  assert.equal(stream.dropped, true);
});

test("a request is given up when its task is cancelled, and with the guest's own request", async () => {
  for (const give of ['cancel', 'end'] as const) {
    const guest = new Guest(
      (_, { signal }) =>
        new Promise((__, reject) => signal?.addEventListener('abort', () => reject(new Error('gone')))),
    );
    const sending = guest.send(guest.request({})[0]);
    await new Promise((resolve) => setImmediate(resolve));
    if (give === 'cancel') sending.cancel();
    else releaseAll(guest.state);
    assert.equal((await sending).tag, 'err');
  }
});

test('an answer that nobody consumes is cancelled; one that is passed on goes on', async () => {
  const bodies = [sourceOf('one'), sourceOf('two')];
  const guest = new Guest(async () => ({ status: 200, headers: [], body: bodies[sentCount++] }));
  let sentCount = 0;
  await guest.send(guest.request({})[0]);
  const { val: passedOn } = await guest.send(guest.request({})[0]);
  const exchange = new HandlerExchange(guest.state, incoming(undefined));
  exchange.returned({ tag: 'ok', val: passedOn });
  const { body } = await exchange.response;
  exchange.end({ error: undefined });
  releaseAll(guest.state);
  assert.equal(bodies[0]?.cancelled, 1);
  assert.equal(await drain(body), 'two');
});

test('a message that is dropped lets go of its stream', async () => {
  const guest = new Guest();
  const stream = new TestStream<number>();
  const [request, sent] = guest.request({}, stream);
  const drop = httpInterfaces03[0]?.resources.request?.drop;
  drop?.(guest.state as never, request as never);
  assert.equal(stream.dropped, true);
  assert.equal((await sent).tag, 'err');
});

test('a message whose body the host has taken is not ended when its handle goes', async () => {
  const guest = new Guest();
  const stream = new TestStream<number>();
  const [request] = guest.request({}, stream);
  (request as { contents: { source(): unknown } }).contents.source();
  httpInterfaces03[0]?.resources.request?.drop?.(guest.state as never, request as never);
  assert.equal(stream.dropped, false);
});

test('fields over their limits are an error, and stay as they were', () => {
  const guest = new Guest(undefined, { headerBytes: 60, headerCount: 3, bufferedBytes: 1000 });
  const fields = guest.fields({ a: '1' });
  const tooMuch = { tag: 'err', val: { tag: 'size-exceeded' } };
  assert.deepEqual(guest.call('[method]fields.append', fields, 'b', bytes('x'.repeat(100))), tooMuch);
  assert.deepEqual(guest.call('[method]fields.set', fields, 'a', [bytes('x'.repeat(100))]), tooMuch);
  assert.deepEqual(guest.call('[method]fields.set', fields, 'c', ['1', '2', '3'].map(bytes)), tooMuch);
  assert.deepEqual(guest.call('[method]fields.copy-all', fields), [['a', Buffer.from('1')]]);
  const many = Array.from({ length: 4 }, (_, index) => [`n${index}`, bytes('')]);
  assert.deepEqual(guest.call('[static]fields.from-list', many), tooMuch);
  assert.deepEqual(guest.call('[method]fields.get-and-delete', fields, 'A'), { tag: 'ok', val: [Buffer.from('1')] });
});

test('options belong to their request and cannot be changed then', () => {
  const guest = new Guest();
  const options = guest.call('[constructor]request-options');
  guest.call('[method]request-options.set-connect-timeout', options, 5n);
  const [request] = guest.call<[object]>('[static]request.new', guest.fields(), undefined, future(noTrailers), options);
  const own = guest.call('[method]request.get-options', request);
  const set = (of: object) => guest.call('[method]request-options.set-connect-timeout', of, 6n);
  assert.deepEqual(set(own), { tag: 'err', val: { tag: 'immutable' } });
  const copy = guest.call('[method]request-options.clone', own);
  assert.deepEqual(set(copy), { tag: 'ok', val: undefined });
  assert.equal(guest.call('[method]request-options.get-connect-timeout', own), 5n);
});

test('statuses of a response: the first and the last that there are', () => {
  const guest = new Guest();
  const [response] = guest.response({});
  for (const [status, tag] of [
    [99, 'err'],
    [100, 'ok'],
    [599, 'ok'],
    [600, 'err'],
    [0, 'err'],
  ] as const) {
    const before = guest.call<number>('[method]response.get-status-code', response);
    assert.equal(guest.call<Result>('[method]response.set-status-code', response, status).tag, tag, String(status));
    const now = guest.call<number>('[method]response.get-status-code', response);
    assert.equal(now, tag === 'ok' ? status : before);
  }
});

test('a body that its reader leaves: the guest hears why, unless it had given all that it announced', async () => {
  const outcome = async (leave: (body: ByteSource) => Promise<void> | void) => {
    const guest = new Guest();
    const exchange = new HandlerExchange(guest.state, incoming(undefined));
    const stream = new TestStream<number>();
    const [response, sent] = guest.response({ 'content-length': '3' }, stream);
    exchange.returned({ tag: 'ok', val: response });
    const { body } = await exchange.response;
    if (body === undefined) throw new Error('there is no body');
    void stream.write(bytes('abc'));
    await leave(body);
    const told = await Promise.race([sent, new Promise((resolve) => setImmediate(resolve, 'nothing'))]);
    return [told, stream.dropped];
  };
  assert.deepEqual(await outcome((body) => body.cancel()), [
    { tag: 'err', val: { tag: 'connection-terminated' } },
    true,
  ]);
  const reason = new HttpError('connection-write-timeout', 'slow', undefined);
  const why = { tag: 'err', val: { tag: 'connection-write-timeout', val: undefined } };
  assert.deepEqual(await outcome((body) => body.cancel(reason)), [why, true]);
  const readAll = async (body: ByteSource): Promise<void> => {
    assert.equal(Buffer.from((await body.read()) ?? []).toString(), 'abc');
    assert.equal(await body.read(), undefined);
  };
  assert.deepEqual(
    await outcome(async (body) => {
      await readAll(body);
      body.cancel();
    }),
    ['nothing', false],
  );
  assert.deepEqual(
    await outcome(async (body) => {
      await readAll(body);
      body.cancel(reason);
    }),
    [why, true],
  );
});
