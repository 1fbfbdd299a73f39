// A guest's request goes where its permissions allow it; the others are denied, logged and counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLog } from '../../telemetry/log.test-kit.ts';
import { receivedPropagation } from '../../telemetry/trace-context.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '../http-message.ts';
import { parseAllowedHosts } from '../network/allowed-hosts.ts';
import { Refusals } from '../network/refusals.ts';
import type { HttpClient } from './client.ts';
import { createSendRequest, type SelfOrigin } from './send.ts';

const response: HttpResponse = { status: 200, headers: [], body: undefined };

/** Where each request went: out, to a component, or to the app itself. */
function sender(allowedHosts: string[], withSelf = true, refusals?: Refusals) {
  const ways: string[] = [];
  const seen: HttpRequest[] = [];
  const { log, messages } = testLog();
  const take = (way: string, request: HttpRequest): Promise<HttpResponse> => {
    ways.push(way);
    seen.push(request);
    return Promise.resolve(response);
  };
  const client: HttpClient = { send: (request) => take('out', request), close() {} };
  const origin: SelfOrigin = {
    scheme: 'http',
    authority: '127.0.0.1:3000',
    handle: (request) => take('self', request),
  };
  const send = createSendRequest({
    componentId: 'front',
    allowedHosts: parseAllowedHosts(allowedHosts),
    dispatch: (id, request) => take(id, request),
    log,
    client,
    self: withSelf ? () => origin : undefined,
  });
  const to = (url: string, parts: Partial<HttpRequest> = {}): Promise<HttpResponse> => {
    const [, scheme, authority] = /^(https?):\/\/(.*)$/.exec(url)!;
    const target = '/path';
    const request = { method: 'GET', authority: authority!, target, headers: [], body: undefined, ...parts };
    return send({ ...request, scheme: scheme as 'http' | 'https' }, { refusals });
  };
  return { to, ways, messages, seen, send };
}

const isDenied = (error: unknown): boolean => error instanceof HttpError && error.code === 'HTTP-request-denied';

test('what is allowed goes out, the rest is denied', async () => {
  const { to, ways } = sender(['https://example.com', 'http://127.0.0.1:8080']);
  await to('https://example.com');
  await to('https://EXAMPLE.com:443');
  await to('http://127.0.0.1:8080');
  assert.deepEqual(ways, ['out', 'out', 'out']);
  for (const url of ['http://example.com', 'https://example.com:8443', 'https://other.org', 'http://127.0.0.1']) {
    await assert.rejects(to(url), isDenied, url);
  }
  assert.equal(ways.length, 3);
});

test('a denial names the exact line that would allow it', async () => {
  const cases = [
    ['https://example.com', 'https://example.com'],
    ['https://example.com:443', 'https://example.com'],
    ['https://Example.com:8443', 'https://example.com:8443'],
    ['http://[::1]:8080', 'http://[::1]:8080'],
    ['http://back.spin.internal', 'http://back.spin.internal'],
    ['http://self.alt', 'http://self'],
    ['http://:80', 'http://self'],
    ['https://:443', 'http://self'],
    ['https://back.spin.internal', 'https://back.spin.internal'],
  ] as const;
  for (const [url, origin] of cases) {
    const { to, messages } = sender([]);
    await assert.rejects(to(url), isDenied, url);
    const [line = ''] = messages('warn');
    assert.match(line, /^It may not send requests to /);
    assert.ok(line.endsWith(`add to [component.front]: allowed_outbound_hosts = ["${origin}"]`), line);
    const allowed = sender([origin]);
    await allowed.to(url);
    assert.equal(allowed.ways.length, 1, url);
  }
});

test('a guest that is refused again and again gets three lines in the log, of whatever kind, and each is told', async () => {
  const refusals = new Refusals();
  const { to, messages } = sender(['http://back.spin.internal'], true, refusals);
  await assert.rejects(to('http://a.example'), isDenied);
  await assert.rejects(to('http://self.alt'), isDenied);
  await assert.rejects(to('http://back.spin.internal', { hops: 33 }), { code: 'loop-detected' });
  assert.deepEqual([messages('warn').length, refusals.untold], [3, 0]);
  assert.match(messages('warn')[2] ?? '', /hops \(32\)/);
  for (let i = 0; i < 100; i++) await assert.rejects(to(`http://${i}.example`), isDenied);
  await assert.rejects(to('http://self.alt'), isDenied);
  await assert.rejects(to('http://back.spin.internal', { hops: 33 }), { code: 'loop-detected' });
  assert.deepEqual([messages('warn').length, refusals.untold], [3, 102]);
});

test('a request may be passed on 32 times, and no more', async () => {
  const { to, ways } = sender(['http://back.spin.internal']);
  await to('http://back.spin.internal', { hops: 32 });
  await assert.rejects(to('http://back.spin.internal', { hops: 33 }), { code: 'loop-detected' });
  assert.deepEqual(ways, ['back']);
});

test("the trace of a guest's request goes on, inside the process and outside", async () => {
  const { to, seen } = sender(['http://example.com', 'http://back.spin.internal', 'http://self']);
  const parent = ['traceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`] as const;
  const propagation = receivedPropagation([parent]);
  for (const url of ['http://example.com', 'http://back.spin.internal', 'http://self.alt'])
    await to(url, { propagation });
  for (const { headers } of seen) assert.deepEqual(headers.at(-1), parent);
});

test('service chaining goes to the component without a socket, under the scheme of the rule and no other', async () => {
  const { to, ways, seen } = sender(['http://back.spin.internal']);
  await to('http://back.spin.internal');
  await to('http://BACK.spin.internal:80');
  await assert.rejects(to('https://back.spin.internal'), isDenied);
  assert.deepEqual(ways, ['back', 'back']);
  assert.equal(seen[0]?.target, '/path');
  const secure = sender(['https://back.spin.internal']);
  await secure.to('https://back.spin.internal');
  await assert.rejects(secure.to('http://back.spin.internal'), isDenied);
  assert.deepEqual(secure.ways, ['back']);
  assert.equal(secure.seen[0]?.scheme, 'http', 'the component sees the scheme that it is served under');
  await assert.rejects(to('http://other.spin.internal'), isDenied);
  const all = sender(['http://*.spin.internal']);
  await all.to('http://other.spin.internal');
  assert.deepEqual(all.ways, ['other']);
});

test('a name that only looks like a component goes out, if it may', async () => {
  const { to, ways } = sender(['*://*:*']);
  for (const url of ['http://a.b.spin.internal', 'http://spin.internal', 'http://back.spin.internal.example.com']) {
    await to(url);
  }
  assert.deepEqual(ways, ['out', 'out', 'out']);
});

test('self is the listener: neither the host header nor the authority of a client reaches it', async () => {
  const { to, ways, seen } = sender(['http://self']);
  await to('https://:443', { headers: [['host', 'evil.com']] });
  await to('http://:80');
  await to('http://self.alt', { headers: [['x', 'y']] });
  assert.deepEqual(ways, ['self', 'self', 'self']);
  for (const request of seen) {
    assert.equal(request.authority, '127.0.0.1:3000');
    assert.equal(request.scheme, 'http');
    assert.deepEqual(
      request.headers.filter(([name]) => name === 'host'),
      [['host', '127.0.0.1:3000']],
    );
  }
  await assert.rejects(to('http://self'), isDenied);
  await assert.rejects(to('http://evil.com'), isDenied);
  await assert.rejects(to('http://127.0.0.1:3000'), isDenied);
});

test('without a listener there is no self', async () => {
  const { to } = sender(['http://self'], false);
  const isInvalid = (error: unknown): boolean =>
    error instanceof HttpError && error.code === 'HTTP-request-URI-invalid';
  await assert.rejects(to('http://self.alt'), isInvalid);
});

test('an authority that is none is refused, and a request that fails leaves no body behind', async () => {
  const { to, ways } = sender(['*://*:*', 'http://self']);
  for (const authority of [
    '',
    ':',
    ':99999',
    '@',
    'u@',
    'u@:80',
    'u@h',
    'u:p@h:80',
    'a b',
    'a:99999',
    '::1',
    'a/b',
    'ex%zz',
  ]) {
    let cancelled = false;
    const body = { read: () => undefined, cancel: () => (cancelled = true) };
    await assert.rejects(to('http://x', { authority, body }), /is no host/, authority);
    assert.equal(cancelled, true);
  }
  assert.deepEqual(ways, []);
});

test('a request that stays in the process is framed as one that goes out', async () => {
  const { to, ways, seen } = sender(['http://back.spin.internal', 'http://self']);
  const wrong = (error: unknown): boolean => error instanceof HttpError && error.code === 'HTTP-request-body-size';
  for (const url of ['http://back.spin.internal', 'http://self.alt', 'http://:80']) {
    for (const method of ['GET', 'HEAD', 'POST']) {
      await assert.rejects(to(url, { method, headers: [['content-length', '5']] }), wrong, url);
    }
    const chunks = [Buffer.from('ab')];
    const body = { read: () => chunks.shift(), cancel() {} };
    await to(url, {
      method: 'POST',
      headers: [
        ['content-length', '5'],
        ['te', 'trailers'],
        ['x', 'y'],
      ],
      body,
    });
    const request = seen.at(-1);
    assert.deepEqual(
      request?.headers.filter(([name]) => name !== 'host'),
      [
        ['x', 'y'],
        ['content-length', '5'],
      ],
    );
    assert.equal((await request?.body?.read())?.length, 2);
    assert.throws(() => request?.body?.read(), wrong);
  }
  assert.deepEqual(ways, ['back', 'self', 'self']);
});

test('an answer that comes after the guest has given up is thrown away', async () => {
  const abort = new AbortController();
  let cancelled = false;
  const send = createSendRequest({
    componentId: 'front',
    allowedHosts: parseAllowedHosts(['http://back.spin.internal']),
    dispatch: async () => {
      abort.abort();
      return { status: 200, headers: [], body: { read: () => undefined, cancel: () => (cancelled = true) } };
    },
    log: testLog().log,
    client: { send: () => Promise.reject(new Error('not this way')), close() {} },
  });
  const request = { method: 'GET', scheme: 'http', authority: 'back.spin.internal', target: '/' } as const;
  await assert.rejects(send({ ...request, headers: [], body: undefined }, { signal: abort.signal }), /abandoned/);
  assert.equal(cancelled, true);
});
