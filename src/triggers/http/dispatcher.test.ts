// A request gets to the component of its route, with the headers that are the host's to say.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError, Trap } from '../../errors.ts';
import { bytesBody } from '../../host/bytes-body.ts';
import type { HttpRequest } from '../../host/http-message.ts';
import { appOf, dispatcherOf, get, testLog, textOf, to } from './app.test-kit.ts';
import { createHttpDispatcher, type HttpHandler } from './dispatcher.ts';

const client = { clientAddress: '192.0.2.1:5000' };

/** A dispatcher whose guests answer with their id, and the requests that they got. */
function recording(app = appOf({ '/hello': to('hello'), '/users/:user_id/...': to('users'), '/...': to('rest') })) {
  const got: { id: string; request: HttpRequest }[] = [];
  const handlerFor =
    (id: string): HttpHandler =>
    async (request) => {
      got.push({ id, request });
      return { status: 200, headers: [], body: bytesBody(Buffer.from(id)) };
    };
  return { got, dispatcher: createHttpDispatcher({ app, handlerFor, log: testLog() }) };
}

const headersOf = (request: HttpRequest): Record<string, string> => Object.fromEntries(request.headers);

test('a request reaches the component of its route, query and all', async () => {
  const { got, dispatcher } = recording();
  const response = await dispatcher.handle(get('/hello?x=/users/1'), client);
  assert.equal(await textOf(response.body), 'hello');
  assert.equal(got[0]?.request.target, '/hello?x=/users/1');
  await dispatcher.handle(get('/hello/'), client);
  await dispatcher.handle(get('/other'), client);
  assert.deepEqual(
    got.map(({ id }) => id),
    ['hello', 'hello', 'rest'],
  );
});

test("Spin's headers are there once each, with the values of the route", async () => {
  const { got, dispatcher } = recording();
  await dispatcher.handle(get('/users/42/orders/?a=b', { headers: [['accept', '*/*']] }), client);
  assert.deepEqual(headersOf(got[0]!.request), {
    accept: '*/*',
    'spin-path-info': '/orders/',
    'spin-full-url': 'http://localhost:3000/users/42/orders/?a=b',
    'spin-matched-route': '/users/:user_id/...',
    'spin-base-path': '/',
    'spin-raw-component-route': '/users/:user_id/...',
    'spin-component-route': '/users/:user_id',
    'spin-client-addr': '192.0.2.1:5000',
    'spin-path-match-user-id': '42',
  });
  assert.equal(got[0]!.request.headers.length, 9);
});

test('clients cannot set them, nor any other header that starts the same way', async () => {
  const { got, dispatcher } = recording();
  const headers = [
    ['spin-client-addr', '10.0.0.1:1'],
    ['spin-path-match-admin', 'yes'],
    ['spin-full-url', 'http://evil/'],
    ['spinner', 'stays'],
    ['connection', 'close'],
    ['content-type', 'stays'],
  ] as const;
  await dispatcher.handle(get('/hello', { headers }), client);
  const seen = headersOf(got[0]!.request);
  assert.equal(seen['spin-client-addr'], '192.0.2.1:5000');
  assert.equal(seen['spin-path-match-admin'], undefined);
  assert.equal(seen['spin-full-url'], 'http://localhost:3000/hello');
  assert.equal(seen.connection, undefined);
  assert.equal(seen.spinner, 'stays');
  assert.equal(seen['content-type'], 'stays');
});

test('a host header stays, unless it names a component', async () => {
  const { got, dispatcher } = recording();
  for (const [host, stays] of [
    ['example.org', true],
    ['test.spin.internal', false],
    ['test.spin.internal:1234', false],
    ['a.b.spin.internal', true],
    ['spin.internal', true],
  ] as const) {
    await dispatcher.handle(get('/hello', { headers: [['host', host]] }), client);
    assert.equal(headersOf(got.at(-1)!.request).host, stays ? host : undefined, host);
  }
});

test('well-known endpoints come before routes', async () => {
  const { got, dispatcher } = recording();
  const ask = async (name: string) => dispatcher.handle(get(`/.well-known/spin/${name}`), client);
  const health = await ask('health?x');
  assert.equal(health.status, 200);
  assert.equal(await textOf(health.body), 'OK');
  const info = await ask('info');
  assert.equal(info.status, 200);
  assert.deepEqual(info.headers, [['content-type', 'application/json']]);
  assert.deepEqual(JSON.parse(await textOf(info.body)), { name: 'test-app', version: '1.2.3' });
  assert.equal((await ask('other')).status, 404);
  assert.equal(got.length, 0);
});

test('no route: 404 and nothing else', async () => {
  const { dispatcher } = recording(appOf({ '/only': to('only') }));
  assert.deepEqual(await dispatcher.handle(get('/'), client), { status: 404, headers: [], body: undefined });
  assert.equal((await dispatcher.handle(get('*'), client)).status, 404);
});

test('a body that no guest gets is cancelled', async () => {
  const action = { kind: 'static-response', status: 200, headers: {}, body: 'x' } as const;
  const broken = { ...action, status: 99 };
  const { got, dispatcher } = recording(appOf({ '/static': action, '/broken': broken, '/hello': to('hello') }));
  for (const [target, status, cancels] of [
    ['/nowhere', 404, 1],
    ['/static', 200, 1],
    ['/broken', 500, 1],
    ['/.well-known/spin/health', 200, 1],
    ['/.well-known/spin/other', 404, 1],
    ['/hello', 200, 0],
  ] as const) {
    let cancelled = 0;
    const body = { read: () => undefined, cancel: () => void cancelled++ };
    const response = await dispatcher.handle(get(target, { method: 'POST', body }), client);
    assert.deepEqual([response.status, cancelled], [status, cancels], target);
  }
  assert.equal(got.length, 1);
});

test('static responses', async () => {
  const action = { kind: 'static-response', status: 302, headers: { Location: '/hello' }, body: 'moved' } as const;
  const { dispatcher } = recording(
    appOf({ '/old': action, '/none': { ...action, status: 200, headers: {}, body: undefined } }),
  );
  const response = await dispatcher.handle(get('/old'), client);
  assert.equal(response.status, 302);
  assert.deepEqual(response.headers, [['location', '/hello']]);
  assert.equal(await textOf(response.body), 'moved');
  assert.deepEqual(await dispatcher.handle(get('/none'), client), { status: 200, headers: [], body: undefined });
});

test('a guest that fails: the status of its error, an empty body, and the reason in the log only', async () => {
  const cases: [Error, number][] = [
    [new Trap('wasm trap: unreachable at secret_function'), 500],
    [new MayflyError('guest-wall-limit', 'too slow'), 504],
    [new MayflyError('overloaded', 'queue full'), 503],
    [new MayflyError('internal', 'x'), 500],
  ];
  for (const [error, status] of cases) {
    const log = testLog();
    let cancelled = false;
    const body = { read: () => undefined, cancel: () => (cancelled = true) };
    const dispatcher = dispatcherOf(() => Promise.reject(error), log);
    const response = await dispatcher.handle(get('/x', { body }), client);
    assert.equal(response.status, status);
    assert.equal(response.body, undefined);
    assert.equal(response.headers.length, status === 503 ? 1 : 0);
    assert.equal(log.lines.length, 1);
    assert.match(log.lines[0]!, /GET \/x failed$/);
    assert.equal(cancelled, true);
  }
});

test('a handler that throws at once counts the same', async () => {
  const dispatcher = dispatcherOf(() => {
    throw new Error('not even a promise');
  });
  assert.equal((await dispatcher.handle(get('/'), client)).status, 500);
});

test('a status that is no final one becomes 500, its body is cancelled', async () => {
  for (const status of [100, 101, 199, 600, 999]) {
    let cancelled = false;
    const body = { read: () => undefined, cancel: () => (cancelled = true) };
    const dispatcher = dispatcherOf(async () => ({ status, headers: [], body }));
    assert.equal((await dispatcher.handle(get('/'), client)).status, 500);
    assert.equal(cancelled, true);
  }
});

test('a client that went away is no error of the guest', async () => {
  const log = testLog();
  const dispatcher = dispatcherOf(() => Promise.reject(new Error('aborted')), log);
  await dispatcher.handle(get('/'), { ...client, signal: AbortSignal.abort() });
  assert.deepEqual(log.lines, []);
});

test('service chaining reaches components without a route, under a route of its own', async () => {
  const { got, dispatcher } = recording(appOf({ '/hello': to('hello') }, ['hidden']));
  const response = await dispatcher.dispatch('hidden', get('/deep/path?q', { authority: 'hidden.spin.internal' }));
  assert.equal(await textOf(response.body), 'hidden');
  const seen = headersOf(got[0]!.request);
  assert.equal(seen['spin-path-info'], '/deep/path');
  assert.equal(seen['spin-raw-component-route'], '/...');
  assert.equal(seen['spin-matched-route'], '/...');
  assert.equal(seen['spin-component-route'], '');
  assert.equal(seen['spin-client-addr'], '0.0.0.0:0');
  await dispatcher.dispatch('hidden', get('/.well-known/spin/health'));
  assert.equal(got.length, 2);
  await assert.rejects(dispatcher.dispatch('nobody', get('/')), /no component "nobody"/);
});

test('a server header only when asked for', async () => {
  const app = appOf({ '/...': to('main') });
  const handlerFor = (): HttpHandler => async () => ({ status: 200, headers: [['x', 'y']], body: undefined });
  const dispatcher = createHttpDispatcher({ app, handlerFor, log: testLog(), serverHeader: 'mayfly' });
  assert.deepEqual((await dispatcher.handle(get('/'), client)).headers, [
    ['x', 'y'],
    ['server', 'mayfly'],
  ]);
});

test('a method without a route is told those that have one, and no guest is called', async () => {
  const app = appOf({ '/items': to('items') });
  const triggers = app.triggers.map((trigger) => ({ ...trigger, only: { methods: ['GET', 'POST'] } }));
  const { got, dispatcher } = recording({ ...app, triggers });
  const { status, headers } = await dispatcher.handle(get('/items', { method: 'DELETE' }), client);
  assert.deepEqual([status, headers], [405, [['allow', 'GET, HEAD, POST']]]);
  assert.equal((await dispatcher.handle(get('/other', { method: 'DELETE' }), client)).status, 404);
  assert.equal((await dispatcher.handle(get('/.well-known/spin/health', { method: 'DELETE' }), client)).status, 200);
  assert.equal(got.length, 0);
  await dispatcher.handle(get('/items', { method: 'HEAD' }), client);
  assert.equal(got.length, 1);
});

test('health?ready says whether the app can serve, and health alone that it lives', async () => {
  let trouble: string | undefined = 'the app is draining\n\x1b[31m';
  const app = appOf({ '/...': to('a') });
  const dispatcher = createHttpDispatcher({ app, handlerFor: () => undefined, log: testLog(), trouble: () => trouble });
  const ask = async (query: string): Promise<[number, string]> => {
    const { status, body } = await dispatcher.handle(get(`/.well-known/spin/health${query}`), client);
    return [status, await textOf(body)];
  };
  for (const query of ['', '?', '?readyz', '?x=ready']) assert.deepEqual(await ask(query), [200, 'OK'], query);
  const [status, text] = await ask('?ready');
  assert.equal(status, 503);
  assert.match(text, /^Not ready: the app is draining.*\n$/);
  assert.ok(!text.includes('\x1b'), 'controls are shown as signs');
  assert.equal((await ask('?a=b&ready=1'))[0], 503);
  trouble = undefined;
  assert.deepEqual(await ask('?ready'), [200, 'OK']);
});
