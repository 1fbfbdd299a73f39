// Apps behind one server: loaded once when they are first called, however many call at once; let go when they are idle, and
// not before their last request is answered; one that cannot be loaded costs nobody but itself.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { until } from '../../test/support/servers/until.ts';
import type { HttpRequest, HttpResponse } from '../host/http-message.ts';
import { silentLog } from '../telemetry/log.ts';
import { type HostedApp, HostedApps, type HostedSource, type HostingOptions } from './hosted-apps.ts';

interface FakeApp {
  readonly source: HostedSource;
  readonly events: string[];
  /** How many sandboxes are busy. */
  busy: number;
  /** Requests wait for this before they are answered. */
  gate: Promise<void> | undefined;
}

function fake(name: string, open: () => Promise<void> = async () => undefined): FakeApp {
  const app: FakeApp = {
    events: [],
    busy: 0,
    gate: undefined,
    source: {
      version: name,
      async open(): Promise<HostedApp> {
        app.events.push('open');
        await open();
        const http = {
          log: silentLog,
          async handle(): Promise<HttpResponse> {
            await app.gate;
            return { status: 200, headers: [['x-app', name]], body: undefined };
          },
          dispatch: () => Promise.reject(new Error('not here')),
        };
        const pool = {
          get statistics() {
            return { busy: app.busy, queued: 0 };
          },
        };
        return { http, components: [{ pool }], close: async () => void app.events.push('close') };
      },
    },
  };
  return app;
}

function hosting(apps: Readonly<Record<string, FakeApp>>, options: Partial<HostingOptions> = {}): HostedApps {
  const hosted = new HostedApps({ log: silentLog, idleMs: 60_000, mostLoaded: 100, ...options });
  after(() => hosted.close());
  hosted.set(new Map(Object.entries(apps).map(([host, { source }]) => [host, source])));
  return hosted;
}

const request = (authority: string, target = '/'): HttpRequest => ({
  method: 'GET',
  scheme: 'http',
  authority,
  target,
  headers: [],
  body: undefined,
});
const client = { clientAddress: '127.0.0.1:1' };
const ask = (hosted: HostedApps, authority: string, target = '/'): Promise<HttpResponse> =>
  hosted.handle(request(authority, target), client);

test('the first requests of an app load it once; the host is told without case and port', async () => {
  const [a, b] = [fake('a', () => delay(20)), fake('b')];
  const hosted = hosting({ 'a.example.com': a, 'b.example.com': b });
  const answers = await Promise.all(
    ['a.example.com', 'A.example.com:8080', 'a.example.com:80'].map((one) => ask(hosted, one)),
  );
  assert.deepEqual(
    answers.map(({ headers }) => headers[0]?.[1]),
    ['a', 'a', 'a'],
  );
  assert.deepEqual([a.events, b.events], [['open'], []]);
  assert.deepEqual(hosted.counts, { apps: 2, loaded: 1, loads: 1 });
});

test('a host that nobody knows is 404, and the health of all is told without one', async () => {
  const hosted = hosting({ 'a.example.com': fake('a') });
  for (const host of ['', 'x.example.com', '__proto__', 'example.com', 'a.example.com.evil']) {
    assert.equal((await ask(hosted, host)).status, 404, host);
  }
  assert.equal((await ask(hosted, '10.0.0.1:8080', '/.well-known/spin/health')).status, 200);
  assert.equal(hosted.counts.loads, 0);
});

test('an idle app is let go, and loaded again; one whose sandbox is busy is not', async () => {
  const a = fake('a');
  const hosted = hosting({ a }, { idleMs: 40 });
  await ask(hosted, 'a');
  a.busy = 1;
  await delay(150);
  assert.deepEqual(a.events, ['open']);
  a.busy = 0;
  await until(() => a.events.length === 2, 'the app to be let go');
  assert.deepEqual(a.events, ['open', 'close']);
  assert.equal((await ask(hosted, 'a')).status, 200);
  assert.equal(hosted.counts.loads, 2);
});

test('a request that waits for its answer keeps the app', async () => {
  const a = fake('a');
  const hosted = hosting({ a }, { idleMs: 30 });
  const { promise, resolve } = Promise.withResolvers<void>();
  a.gate = promise;
  const answer = ask(hosted, 'a');
  await delay(120);
  assert.deepEqual(a.events, ['open']);
  resolve();
  assert.equal((await answer).status, 200);
});

test('beyond the bound the app that was called longest ago goes first', async () => {
  const apps = { a: fake('a'), b: fake('b'), c: fake('c') };
  const hosted = hosting(apps, { mostLoaded: 2 });
  for (const name of ['a', 'b', 'a', 'c']) {
    await ask(hosted, name);
    await delay(2);
  }
  await until(() => hosted.counts.loaded === 2, 'room');
  assert.deepEqual([apps.a.events, apps.b.events, apps.c.events], [['open'], ['open', 'close'], ['open']]);
});

test('an app that cannot be loaded is 503, is not tried at once again, and disturbs no other', async () => {
  const broken = fake('broken', () => Promise.reject(new Error('no such component')));
  const hosted = hosting({ broken, a: fake('a') });
  const answers = await Promise.all(Array.from({ length: 5 }, () => ask(hosted, 'broken')));
  for (const { status, headers } of answers) assert.deepEqual([status, headers], [503, [['retry-after', '1']]]);
  assert.equal((await ask(hosted, 'broken')).status, 503);
  assert.deepEqual(broken.events, ['open']);
  assert.equal((await ask(hosted, 'a')).status, 200);
});

test('a new list: what stays is not loaded anew, what is another app is, what is gone finishes its requests', async () => {
  const [stays, changes, goes, next] = [fake('stays'), fake('changes'), fake('goes'), fake('next')];
  const hosted = hosting({ stays, changes, goes });
  for (const name of ['stays', 'changes', 'goes']) await ask(hosted, name);
  const { promise, resolve } = Promise.withResolvers<void>();
  goes.gate = promise;
  const last = ask(hosted, 'goes');
  hosted.set(
    new Map([
      ['stays', { ...stays.source }],
      ['changes', next.source],
    ]),
  );
  assert.equal((await ask(hosted, 'goes')).status, 404);
  assert.equal((await ask(hosted, 'changes')).headers[0]?.[1], 'next');
  await until(() => changes.events.length === 2, 'the former app to close');
  await delay(120);
  assert.deepEqual(goes.events, ['open']);
  resolve();
  assert.equal((await last).status, 200);
  await until(() => goes.events.length === 2, 'the app that is gone to close');
  await ask(hosted, 'stays');
  assert.deepEqual(stays.events, ['open']);
});

test('two apps are loaded at once and no more, in the order in which they were called; one that fails makes room', async () => {
  const ends: PromiseWithResolvers<void>[] = [];
  const open = (): Promise<void> => {
    const one = Promise.withResolvers<void>();
    ends.push(one);
    return one.promise;
  };
  const names = ['a', 'b', 'c', 'd', 'e'];
  const apps = Object.fromEntries(names.map((name) => [name, fake(name, open)]));
  const hosted = hosting(apps);
  const opened = () => names.filter((name) => apps[name]?.events.includes('open')).join('');
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
  };
  const answers = ['a', 'b', 'c', 'd'].map((name) => ask(hosted, name));
  await settle();
  assert.equal(opened(), 'ab');
  // A newcomer, at the very moment in which a place gets free.
  void ends[0]?.promise.then(() => answers.push(ask(hosted, 'e')));
  ends[0]?.resolve();
  await settle();
  assert.equal(opened(), 'abc');
  ends[1]?.reject(new Error('no such component'));
  await settle();
  assert.equal(opened(), 'abcd');
  for (const end of ends) end.resolve();
  await settle();
  for (const end of ends) end.resolve();
  const statuses = await Promise.all(answers.map(async (answer) => (await answer).status));
  assert.deepEqual(statuses, [200, 503, 200, 200, 200]);
  assert.deepEqual(hosted.counts, { apps: 5, loaded: 4, loads: 4 });
});

test('an app whose sandboxes are waited for is not let go, and one that no request can reach is 503', async () => {
  const events: string[] = [];
  const app = (http: HostedApp['http'], queued: number): HostedSource => ({
    version: '1',
    open: async () => ({
      http,
      components: [0, queued].map((one) => ({ pool: { statistics: { busy: 0, queued: one } } })),
      close: async () => void events.push('close'),
    }),
  });
  const answering = {
    log: silentLog,
    handle: async () => ({ status: 204, headers: [], body: undefined }),
    dispatch: () => assert.fail(),
  };
  const hosted = new HostedApps({ log: silentLog, idleMs: 20, mostLoaded: 100 });
  after(() => hosted.close());
  hosted.set(
    new Map([
      ['waits', app(answering, 1)],
      ['none', app(undefined, 1)],
    ]),
  );
  assert.equal((await ask(hosted, 'waits')).status, 204);
  let cancelled = 0;
  const body = { read: () => undefined, cancel: () => void cancelled++ };
  assert.equal((await hosted.handle({ ...request('none'), body }, client)).status, 503);
  assert.equal((await hosted.handle({ ...request('nowhere'), body }, client)).status, 404);
  assert.equal(cancelled, 2, 'a body that nobody reads is cancelled');
  assert.equal((await hosted.dispatch()).status, 404);
  await delay(100);
  assert.deepEqual(events, []);
  await hosted.close();
  assert.deepEqual([events, hosted.counts.apps], [['close', 'close'], 0]);
});
