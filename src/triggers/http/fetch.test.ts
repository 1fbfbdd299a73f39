// Requests and responses of the Fetch standard keep all of their parts, and stream no faster than they are read.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesBody } from '../../host/bytes-body.ts';
import type { ByteSource } from '../../host/http-message.ts';
import { dispatcherOf, textOf } from './app.test-kit.ts';
import type { HttpHandler } from './dispatcher.ts';
import { fetchFrom } from './fetch.ts';

const ask = (handler: HttpHandler, url: string, init?: RequestInit): Promise<Response> =>
  fetchFrom(dispatcherOf(handler), new Request(url, init));

test('request and response keep all their parts', async () => {
  const response = await ask(
    async (request) => {
      assert.equal(request.method, 'PUT');
      assert.equal(request.scheme, 'https');
      assert.equal(request.authority, 'example.org:8443');
      assert.equal(request.target, '/a/b?c=%20d');
      assert.equal(request.headers.find(([name]) => name === 'x-a')?.[1], 'é');
      assert.equal(request.headers.find(([name]) => name === 'spin-client-addr')?.[1], '0.0.0.0:0');
      const headers = [
        ['set-cookie', 'a=1'],
        ['set-cookie', 'b=2'],
        ['x', 'y'],
      ] as const;
      return { status: 201, headers, body: bytesBody(Buffer.from(await textOf(request.body))) };
    },
    'https://example.org:8443/a/b?c=%20d#fragment',
    { method: 'PUT', headers: { 'x-a': 'é' }, body: 'content' },
  );
  assert.equal(response.status, 201);
  assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
  assert.equal(response.headers.get('x'), 'y');
  assert.equal(await response.text(), 'content');
});

test('no body is no body, for HEAD and bodiless statuses it is cancelled', async () => {
  for (const [method, status] of [
    ['GET', 204],
    ['GET', 304],
    ['GET', 205],
    ['HEAD', 200],
  ] as const) {
    let cancelled = false;
    const body = { read: () => undefined, cancel: () => (cancelled = true) };
    const response = await ask(async () => ({ status, headers: [], body }), 'http://h/', { method });
    assert.equal(response.status, status);
    assert.equal(response.body, null);
    assert.equal(cancelled, true);
  }
  const response = await ask(
    async ({ body }) => ({ status: body ? 500 : 200, headers: [], body: undefined }),
    'http://h/',
  );
  assert.equal(response.status, 200);
});

test('bodies stream both ways, no faster than they are read', async () => {
  let made = 0;
  const upload = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (++made > 1000) controller.close();
      else controller.enqueue(new Uint8Array(1000));
    },
  });
  const init = { method: 'POST', body: upload, duplex: 'half' } as RequestInit;
  const response = await ask(async ({ body }) => ({ status: 200, headers: [], body }), 'http://h/', init);
  const reader = response.body!.getReader();
  let got = (await reader.read()).value!.length;
  assert.ok(made < 10, `${made} chunks made`);
  for (let next = await reader.read(); !next.done; next = await reader.read()) got += next.value.length;
  assert.equal(got, 1_000_000);
});

test('a body that breaks fails the reader, a reader that stops cancels the body', async () => {
  const broken: ByteSource = { read: () => Promise.reject(new Error('lost')), cancel() {} };
  const response = await ask(async () => ({ status: 200, headers: [], body: broken }), 'http://h/');
  await assert.rejects(response.text(), /lost/);
  let reason: unknown;
  const body: ByteSource = { read: () => new Uint8Array(1), cancel: (why) => (reason = why) };
  const second = await ask(async () => ({ status: 200, headers: [], body }), 'http://h/');
  await second.body!.cancel('enough');
  assert.equal(reason, 'enough');
});

test('trailers are read at the end of the body, which waits for them: a guest may wait until somebody has read them', async () => {
  const chunks = [Buffer.from('a'), undefined];
  const order: string[] = [];
  const body: ByteSource = {
    read: () => chunks.shift(),
    cancel() {},
    async trailers() {
      await new Promise(setImmediate);
      order.push('trailers');
      return undefined;
    },
  };
  const response = await ask(async () => ({ status: 200, headers: [], body }), 'http://h/');
  order.push(await response.text());
  assert.deepEqual(order, ['trailers', 'a']);
});

test('an aborted request rejects with the reason, and the guest hears of it', async () => {
  const abort = new AbortController();
  const heard = Promise.withResolvers<void>();
  const pending = ask(
    (_, { signal }) =>
      new Promise((_resolve, reject) => {
        signal!.addEventListener('abort', () => {
          heard.resolve();
          reject(new Error('cancelled'));
        });
        setImmediate(() => abort.abort(new Error('client left')));
      }),
    'http://h/',
    { signal: abort.signal },
  );
  await assert.rejects(pending, /client left/);
  await heard.promise;
});

test('an answer that comes once its request was aborted is cancelled', async () => {
  const abort = new AbortController();
  const reasons: unknown[] = [];
  const body = { read: () => undefined, cancel: (reason: unknown) => void reasons.push(reason) };
  const reason = new Error('client left');
  const pending = ask(
    async () => {
      abort.abort(reason);
      return { status: 200, headers: [], body };
    },
    'http://h/',
    { signal: abort.signal },
  );
  await assert.rejects(pending, reason);
  assert.deepEqual(reasons, [reason]);
  await assert.rejects(
    ask(() => assert.fail('a request that was aborted before is not served'), 'http://h/', { signal: abort.signal }),
    reason,
  );
});

test('the length of a body is what its header says, where that is a number', async () => {
  for (const [text, length] of [
    ['3', 3],
    ['123456789012345', 123_456_789_012_345],
    ['1234567890123456', undefined],
    ['x', undefined],
    ['3 ', 3],
    [undefined, undefined],
  ] as const) {
    const headers: Record<string, string> = text === undefined ? {} : { 'content-length': text };
    let seen: number | undefined;
    const request = new Request('http://h/', { method: 'POST', body: 'abc', headers });
    await fetchFrom(
      dispatcherOf(async ({ body }) => {
        seen = body?.length;
        return { status: 204, headers: [], body: undefined };
      }),
      request,
    );
    assert.equal(seen, length, String(text));
  }
});

test('empty pieces of a body are no end of it', async () => {
  const pieces = ['', 'a', '', '', 'b', ''];
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      const piece = pieces.shift();
      if (piece === undefined) controller.close();
      else controller.enqueue(Buffer.from(piece));
    },
  });
  const seen: number[] = [];
  const response = await ask(
    async (request) => {
      for (let chunk = await request.body?.read(); chunk; chunk = await request.body?.read()) seen.push(chunk.length);
      return { status: 204, headers: [], body: undefined };
    },
    'http://h/',
    { method: 'POST', body, duplex: 'half' } as RequestInit,
  );
  assert.deepEqual([response.status, seen], [204, [1, 1]]);
});

test('failures are statuses', async () => {
  const response = await ask(() => Promise.reject(new Error('no')), 'http://h/');
  assert.equal(response.status, 500);
  assert.equal(await response.text(), '');
});
