// A request to a component of the same app ends as one over a connection would, in every way that it can end.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type ByteSource, HttpError, type HttpRequest, type HttpResponse } from '../http-message.ts';
import { inProcess } from './in-process.ts';

const request: HttpRequest = {
  method: 'GET',
  scheme: 'http',
  authority: 'back.spin.internal',
  target: '/',
  headers: [],
  body: undefined,
};

const isCode = (code: string) => (error: unknown) => error instanceof HttpError && error.code === code;

/** A body that gives nothing until the end of the test, and whether it was cancelled. */
function silentBody(): ByteSource & { cancelled: boolean } {
  return {
    cancelled: false,
    read: () => new Promise(() => {}),
    cancel() {
      this.cancelled = true;
    },
  };
}

const answer = (body: ByteSource | undefined, status = 200): HttpResponse => ({ status, headers: [], body });

test('a component that gives no answer in time is given up', async () => {
  let signal: AbortSignal | undefined;
  const late = Promise.withResolvers<HttpResponse>();
  const route = (_: HttpRequest, given: AbortSignal | undefined): Promise<HttpResponse> => {
    signal = given;
    return late.promise;
  };
  await assert.rejects(inProcess(route, request, { firstByteTimeoutMs: 20 }), isCode('connection-read-timeout'));
  assert.equal(signal?.aborted, true);
  const body = silentBody();
  late.resolve(answer(body));
  await new Promise(setImmediate);
  assert.equal(body.cancelled, true);
});

test('the one who asked need not wait for a component that does not hear of it', async () => {
  const abort = new AbortController();
  const pending = inProcess(() => new Promise(() => {}), request, { signal: abort.signal });
  abort.abort();
  await assert.rejects(pending, isCode('connection-terminated'));
  await assert.rejects(
    inProcess(async () => answer(undefined), request, { signal: AbortSignal.abort() }),
    isCode('connection-terminated'),
  );
});

test('a body that stops coming is an error, and ends the component that sends it', async () => {
  let signal: AbortSignal | undefined;
  const body = silentBody();
  const route = async (_: HttpRequest, given: AbortSignal | undefined): Promise<HttpResponse> => {
    signal = given;
    return answer(body);
  };
  const response = await inProcess(route, request, { betweenBytesTimeoutMs: 20 });
  await assert.rejects(async () => response.body?.read(), isCode('connection-read-timeout'));
  assert.equal(body.cancelled, true);
  assert.equal(signal?.aborted, true);
});

test('a body that breaks in the middle is an error for the one who reads it', async () => {
  const lost = new HttpError('HTTP-response-incomplete', 'lost');
  const chunks: (Uint8Array | Error)[] = [Buffer.from('ab'), lost];
  const read = (): Uint8Array => {
    const chunk = chunks.shift();
    if (chunk instanceof Error) throw chunk;
    return chunk as Uint8Array;
  };
  const { body } = await inProcess(async () => answer({ read, cancel() {} }), request, {});
  assert.equal((await body?.read())?.length, 2);
  assert.throws(() => body?.read(), isCode('HTTP-response-incomplete'));
});

test('a body that was read to its end leaves its component alone; one that was not ends it', async () => {
  for (const [isRead, aborted] of [
    [true, false],
    [false, true],
  ] as const) {
    let signal: AbortSignal | undefined;
    const chunks: (Uint8Array | Promise<Uint8Array | undefined> | undefined)[] = [
      Buffer.from('ab'),
      Promise.resolve(undefined),
    ];
    const route = async (_: HttpRequest, given: AbortSignal | undefined): Promise<HttpResponse> => {
      signal = given;
      return answer({ read: () => chunks.shift(), cancel() {} });
    };
    const { body } = await inProcess(route, request, {});
    while (isRead && (await body?.read()) !== undefined);
    body?.cancel();
    assert.equal(signal?.aborted, aborted);
  }
});

test('after HEAD, 204 and 304 there is no body, as on a connection', async () => {
  for (const [method, status] of [
    ['HEAD', 200],
    ['GET', 204],
    ['GET', 304],
  ] as const) {
    const body = silentBody();
    const response = await inProcess(async () => answer(body, status), { ...request, method }, {});
    assert.equal(response.body, undefined);
    assert.equal(body.cancelled, true);
  }
});
