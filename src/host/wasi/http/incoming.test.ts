// A request reaches the guest as it came, and the answer is there as soon as the guest sets it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import type { ByteSource, HttpRequest } from '../../http-message.ts';
import { HttpError } from '../../http-message.ts';
import { beginExchange } from './incoming.ts';
import { bytes, TestGuest, text } from './owner.test-kit.ts';

const request: HttpRequest = {
  method: 'POST',
  scheme: 'http',
  authority: 'example.com:3000',
  target: '/path?query=1',
  headers: [
    ['host', 'example.com:3000'],
    ['x', '\xff'],
  ],
  body: undefined,
};

interface Answer {
  body: unknown;
  stream: unknown;
}

/** What a guest does to answer; the steps after `set` are left to the test. */
function answer(
  guest: TestGuest,
  exchange: ReturnType<typeof beginExchange>,
  headers: [string, string][] = [],
): Answer {
  const fields = unwrap(
    guest.call(
      '[static]fields.from-list',
      headers.map(([name, value]) => [name, bytes(value)]),
    ),
  );
  const response = guest.call('[constructor]outgoing-response', fields);
  assert.deepEqual(guest.call('[method]outgoing-response.set-status-code', response, 201), ok());
  const body = unwrap(guest.call('[method]outgoing-response.body', response));
  const stream = unwrap(guest.call('[method]outgoing-body.write', body));
  guest.call('[static]response-outparam.set', exchange.outparamResource, ok(response));
  return { body, stream };
}

function unwrap(result: unknown): unknown {
  const { tag, val } = result as Result<unknown, unknown>;
  assert.equal(tag, 'ok', JSON.stringify(val));
  return val;
}

async function collect(body: ByteSource | undefined): Promise<string> {
  let all = '';
  for (let chunk = await body?.read(); chunk !== undefined; chunk = await body?.read()) all += text(chunk);
  return all;
}

/** A body of these chunks, which records what became of it. */
function bodyOf(chunks: string[], trailers?: [string, string][]): ByteSource & { cancelled: boolean; left: string[] } {
  const left = [...chunks];
  return {
    left,
    cancelled: false,
    read() {
      const chunk = left.shift();
      return Promise.resolve(chunk === undefined ? undefined : bytes(chunk));
    },
    cancel() {
      this.cancelled = true;
    },
    trailers: () => trailers,
  };
}

test('a guest sees the request as it came', () => {
  const guest = new TestGuest();
  const { requestResource } = beginExchange(guest, request);
  assert.deepEqual(guest.call('[method]incoming-request.method', requestResource), { tag: 'post' });
  assert.deepEqual(guest.call('[method]incoming-request.scheme', requestResource), { tag: 'HTTP' });
  assert.equal(guest.call('[method]incoming-request.authority', requestResource), 'example.com:3000');
  assert.equal(guest.call('[method]incoming-request.path-with-query', requestResource), '/path?query=1');
  const headers = guest.call('[method]incoming-request.headers', requestResource);
  assert.deepEqual(guest.call('[method]fields.entries', headers), [['x', Buffer.from([0xff])]]);
});

test('the answer is there when the guest sets it, its body flows after the guest has ended', async () => {
  const guest = new TestGuest();
  const exchange = beginExchange(guest, request);
  const { body, stream } = answer(guest, exchange, [['X-Custom', 'y']]);
  const response = await exchange.response;
  assert.equal(response.status, 201);
  assert.deepEqual(response.headers, [['x-custom', 'y']]);
  assert.equal(response.body?.length, undefined);
  assert.deepEqual(guest.call('[method]output-stream.blocking-write-and-flush', stream, bytes('hello')), ok());
  guest.drop('output-stream', stream);
  assert.deepEqual(guest.call('[static]outgoing-body.finish', body, undefined), ok());
  exchange.end();
  guest.finish();
  assert.equal(response.body?.length, 5);
  assert.equal(await collect(response.body), 'hello');
});

test('an answer without a body has none', async () => {
  const guest = new TestGuest();
  const exchange = beginExchange(guest, request);
  const response = guest.call('[constructor]outgoing-response', guest.call('[constructor]fields'));
  assert.equal(guest.call('[method]outgoing-response.status-code', response), 200);
  guest.call('[static]response-outparam.set', exchange.outparamResource, ok(response));
  exchange.end();
  assert.deepEqual(await exchange.response, { status: 200, headers: [], body: undefined });
});

test('trailers follow the body', async () => {
  const guest = new TestGuest();
  const exchange = beginExchange(guest, request);
  const { body, stream } = answer(guest, exchange);
  guest.drop('output-stream', stream);
  const trailers = unwrap(guest.call('[static]fields.from-list', [['x-sum', bytes('1')]]));
  assert.deepEqual(guest.call('[static]outgoing-body.finish', body, trailers), ok());
  const response = await exchange.response;
  assert.equal(await collect(response.body), '');
  assert.deepEqual(await response.body?.trailers?.(), [['x-sum', '1']]);
});

test('a body that the guest did not finish breaks, after what was written', async () => {
  for (const end of ['return', 'trap', 'drop', 'finish state']) {
    const guest = new TestGuest();
    const exchange = beginExchange(guest, request);
    const { body, stream } = answer(guest, exchange);
    guest.call('[method]output-stream.blocking-write-and-flush', stream, bytes('part'));
    if (end === 'drop') {
      guest.drop('output-stream', stream);
      guest.drop('outgoing-body', body);
    } else if (end === 'finish state') guest.finish();
    else exchange.end(end === 'trap' ? new Trap('unreachable') : undefined);
    const response = await exchange.response;
    assert.equal(text((await response.body?.read())!), 'part', end);
    await assert.rejects(async () => response.body?.read(), HttpError, end);
  }
});

test('no answer is an error, whether the guest returned or trapped', async () => {
  const guest = new TestGuest();
  const silent = beginExchange(guest, request);
  const before = assert.rejects(silent.response, /without calling response-outparam.set/);
  silent.end();
  await before;
  const trapped = beginExchange(guest, request);
  const trap = new Trap('unreachable');
  trapped.end(trap);
  await assert.rejects(trapped.response, (error) => error === trap);
});

test('an error code that the guest sets arrives as one, and only the first answer counts', async () => {
  const guest = new TestGuest();
  const exchange = beginExchange(guest, request);
  guest.call('[static]response-outparam.set', exchange.outparamResource, err({ tag: 'internal-error', val: 'why' }));
  const response = guest.call('[constructor]outgoing-response', guest.call('[constructor]fields'));
  guest.call('[static]response-outparam.set', exchange.outparamResource, ok(response));
  await assert.rejects(exchange.response, (error) => error instanceof HttpError && error.code === 'internal-error');
});

test('content-length is kept: too much fails the write, too little fails the finish, and neither passes as whole', async () => {
  for (const [content, size] of [
    ['more than 11 bytes', 18n],
    ['msg', 3n],
  ] as const) {
    const guest = new TestGuest();
    const exchange = beginExchange(guest, request);
    const { body, stream } = answer(guest, exchange, [['content-length', '11']]);
    const written = guest.call<Result<undefined, { tag: string; val: unknown }>>(
      '[method]output-stream.blocking-write-and-flush',
      stream,
      bytes(content),
    );
    if (written.tag === 'err') {
      assert.equal(written.val.tag, 'last-operation-failed');
      assert.deepEqual(guest.call('http-error-code', written.val.val), { tag: 'HTTP-response-body-size', val: size });
    } else assert.equal(content, 'msg');
    guest.drop('output-stream', stream);
    const finished = guest.call('[static]outgoing-body.finish', body, undefined);
    assert.deepEqual(finished, err({ tag: 'HTTP-response-body-size', val: size }));
    await assert.rejects(collect((await exchange.response).body), HttpError);
  }
});

test('a body is given out once, and not at all under a content-length that is nonsense', () => {
  const guest = new TestGuest();
  const make = (length: string): unknown => {
    const fields = unwrap(guest.call('[static]fields.from-list', [['content-length', bytes(length)]]));
    return guest.call('[constructor]outgoing-response', fields);
  };
  const response = make('5');
  const body = unwrap(guest.call('[method]outgoing-response.body', response));
  assert.deepEqual(guest.call('[method]outgoing-response.body', response), err(undefined));
  unwrap(guest.call('[method]outgoing-body.write', body));
  assert.deepEqual(guest.call('[method]outgoing-body.write', body), err(undefined));
  for (const bad of ['', '-1', '1.5', '0x5', ' 5', '99999999999999999999']) {
    assert.deepEqual(guest.call('[method]outgoing-response.body', make(bad)), err(undefined), bad);
  }
});

test('children go before their parents', () => {
  const guest = new TestGuest();
  const exchange = beginExchange(guest, { ...request, body: bodyOf(['x']) });
  const { body } = answer(guest, exchange);
  assert.throws(() => guest.drop('outgoing-body', body), Trap);
  assert.throws(() => guest.call('[static]outgoing-body.finish', body, undefined), Trap);
  const incoming = unwrap(guest.call('[method]incoming-request.consume', exchange.requestResource));
  const stream = unwrap(guest.call('[method]incoming-body.stream', incoming));
  assert.throws(() => guest.drop('incoming-body', incoming), Trap);
  assert.throws(() => guest.call('[static]incoming-body.finish', incoming), Trap);
  guest.drop('input-stream', stream);
  const future = guest.call('[static]incoming-body.finish', incoming);
  const pollable = guest.call('[method]future-trailers.subscribe', future);
  assert.throws(() => guest.drop('future-trailers', future), Trap);
  guest.drop('pollable', pollable);
  guest.drop('future-trailers', future);
});

test('status codes that HTTP does not have are refused, as in 0.3', () => {
  const guest = new TestGuest();
  const response = guest.call('[constructor]outgoing-response', guest.call('[constructor]fields'));
  for (const bad of [0, 99, 600, 999, 1000, 65535]) {
    assert.deepEqual(guest.call('[method]outgoing-response.set-status-code', response, bad), err(undefined));
  }
  assert.equal(guest.call('[method]outgoing-response.status-code', response), 200);
});

test('the body of a request is read once, then come its trailers', async () => {
  const guest = new TestGuest();
  const source = bodyOf(['ab', 'cd'], [['x-sum', '9']]);
  const { requestResource } = beginExchange(guest, { ...request, body: source });
  const body = unwrap(guest.call('[method]incoming-request.consume', requestResource));
  assert.deepEqual(guest.call('[method]incoming-request.consume', requestResource), err(undefined));
  const stream = unwrap(guest.call('[method]incoming-body.stream', body));
  assert.deepEqual(guest.call('[method]incoming-body.stream', body), err(undefined));
  const read = (): Promise<unknown> => Promise.resolve(guest.call('[method]input-stream.blocking-read', stream, 10n));
  assert.deepEqual(await read(), ok(bytes('ab')));
  assert.deepEqual(await read(), ok(bytes('cd')));
  assert.deepEqual(await read(), err({ tag: 'closed' }));
  guest.drop('input-stream', stream);
  const future = guest.call('[static]incoming-body.finish', body);
  const pollable = guest.call('[method]future-trailers.subscribe', future);
  await guest.call('[method]pollable.block', pollable);
  const got = unwrap(unwrap(guest.call('[method]future-trailers.get', future)));
  assert.deepEqual(guest.call('[method]fields.entries', got), [['x-sum', bytes('9')]]);
  assert.deepEqual(guest.call('[method]future-trailers.get', future), err(undefined));
  assert.equal(source.cancelled, false);
});

test('trailers can be had without reading the body, and a body without any has none', async () => {
  const guest = new TestGuest();
  const source = bodyOf(['ab', 'cd']);
  const { requestResource } = beginExchange(guest, { ...request, body: source });
  const body = unwrap(guest.call('[method]incoming-request.consume', requestResource));
  const future = guest.call('[static]incoming-body.finish', body);
  assert.equal(guest.call('[method]future-trailers.get', future), undefined);
  await guest.call('[method]pollable.block', guest.call('[method]future-trailers.subscribe', future));
  assert.deepEqual(guest.call('[method]future-trailers.get', future), ok(ok(undefined)));
  assert.deepEqual(source.left, []);
});

test('a request body that breaks tells its code, in the stream and in the trailers', async () => {
  const guest = new TestGuest();
  const source: ByteSource = {
    read: () => Promise.reject(new HttpError('connection-terminated', 'gone')),
    cancel() {},
  };
  const { requestResource } = beginExchange(guest, { ...request, body: source });
  const body = unwrap(guest.call('[method]incoming-request.consume', requestResource));
  const stream = unwrap(guest.call('[method]incoming-body.stream', body));
  const failed = (await guest.call('[method]input-stream.blocking-read', stream, 10n)) as {
    val: { tag: string; val: unknown };
  };
  assert.equal(failed.val.tag, 'last-operation-failed');
  assert.deepEqual(guest.call('http-error-code', failed.val.val), { tag: 'connection-terminated' });
  guest.drop('input-stream', stream);
  const future = guest.call('[static]incoming-body.finish', body);
  const got = guest.call<Result<Result<unknown, { tag: string }>, unknown>>('[method]future-trailers.get', future);
  assert.equal(got.tag === 'ok' && got.val.tag === 'err' && got.val.val.tag, 'connection-terminated');
});

test('whatever the guest did with the request body, its end cancels what is left', () => {
  for (const step of ['nothing', 'consume', 'stream', 'drop']) {
    const guest = new TestGuest();
    const source = bodyOf(['ab']);
    const exchange = beginExchange(guest, { ...request, body: source });
    if (step !== 'nothing') {
      const body = unwrap(guest.call('[method]incoming-request.consume', exchange.requestResource));
      if (step === 'stream') unwrap(guest.call('[method]incoming-body.stream', body));
      if (step === 'drop') guest.drop('incoming-body', body);
    }
    exchange.end();
    guest.finish();
    assert.equal(source.cancelled, true, step);
    assert.equal(guest.open.size, 0, step);
  }
});
