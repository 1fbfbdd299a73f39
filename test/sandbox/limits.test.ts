// Each limit is enforced, and the log names it: what a guest may make the host hold, and how many requests run or wait.
// CPU and wall time are in runaway.test.ts, memory and tables in memory-limits.test.ts.
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, test } from 'node:test';
import {
  assertLogged,
  type GuestSettings,
  type SandboxApp,
  type SandboxServer,
  sandboxApp,
  sandboxServer,
} from '../support/sandbox-app.ts';

const opened: SandboxApp[] = [];
after(async () => {
  for (const app of opened) await app.close();
});

async function open(limits: string, guest: Partial<GuestSettings> = {}): Promise<SandboxApp> {
  const settings = limits && `[component.hoard.tool.mayfly.limits]\n${limits}`;
  const app = await sandboxApp({ hoard: { guest: 'hoard-c', settings, ...guest } }, { reset: 'copy' });
  opened.push(app);
  return app;
}

test('handles: pollables, fields, bodies, whatever they are', async () => {
  const app = await open('handles = 50');
  assert.deepEqual((await app.get('/hoard/pollables?count=30')).text, '30\n');
  for (const what of ['pollables', 'fields', 'bodies']) {
    assert.equal((await app.get(`/hoard/${what}?count=60`)).status, 500, what);
  }
  assertLogged(app, /trapped: Limit reached: handles \(50\)/);
  assert.equal((await app.get('/hoard/pollables?count=30')).text, '30\n');
});

test('by default a guest cannot make the host hold gigabytes', async () => {
  const app = await open('');
  const before = process.memoryUsage().rss;
  for (const what of ['fields', 'bodies']) {
    assert.equal((await app.get(`/hoard/${what}?count=50000&bytes=60000`)).status, 500, what);
  }
  assertLogged(app, /trapped: Limit reached: held \(16777216 bytes\)/);
  for (const what of ['poll', 'from-list']) await app.get(`/hoard/${what}?count=20000000`);
  assertLogged(app, /trapped: Limit reached: lifted bytes/);
  assert.ok(process.memoryUsage().rss - before < 400e6);
});

test('header_count and header_bytes of what a guest makes', async () => {
  const app = await open('header_count = 10\nheader_bytes = "2KiB"');
  assert.equal((await app.get('/hoard/entries?count=8')).status, 200);
  assert.equal((await app.get('/hoard/entries?count=11')).status, 500);
  assertLogged(app, /fields hold more than 10 entries \(limit header_count\)/);
  assert.equal((await app.get('/hoard/fields?count=1&bytes=3000')).status, 500);
  assertLogged(app, /fields hold more than 2048 bytes \(limit header_bytes\)/);
});

test('log: bytes and lines', async () => {
  const app = await open('log = "1KiB"');
  assert.equal((await app.get('/hoard/lines?count=5000')).status, 200);
  const lines = app
    .log()
    .split('\n')
    .filter((line) => line.includes('"msg":"line"'));
  assert.equal(lines.length, Math.ceil(1024 / 'line\n'.length));
  assertLogged(app, /log limit of 1024 bytes a request reached/);
});

/** Which of several requests that come at once is served first is not promised. */
async function atOnce(app: SandboxApp, paths: readonly string[]): Promise<[served: number, refused: string[]]> {
  const answers = await Promise.all(paths.map((path) => app.get(`${path}/wait?ms=300`)));
  const refused = answers.filter(({ status }) => status === 503);
  assert.ok(answers.every(({ status }) => status === 200 || status === 503));
  return [answers.length - refused.length, refused.map(({ headers }) => headers.get('retry-after') ?? '')];
}

test('concurrency, queue_length and queue_time: 503 with retry-after', async () => {
  const app = await open('concurrency = 2\nqueue_length = 1\nqueue_time = "40ms"');
  assert.deepEqual(await atOnce(app, ['/hoard', '/hoard', '/hoard', '/hoard']), [2, ['1', '1']]);
  assertLogged(app, /Limits reached: concurrency \(2\) and queue_length \(1\)/);
  assertLogged(app, /Limit reached: queue_time \(40 ms\)/);
  assert.equal((await app.get('/hoard/wait?ms=1')).status, 200);
});

test('a request that waits in the queue leaves it with its client', async () => {
  const app = await open('concurrency = 1\nqueue_length = 1');
  const running = app.get('/hoard/wait?ms=100');
  const client = new AbortController();
  const queued = app.get('/hoard/wait?ms=1', { signal: client.signal });
  client.abort();
  await assert.rejects(queued);
  const next = app.get('/hoard/wait?ms=1');
  assert.equal((await next).status, 200);
  assert.equal((await running).status, 200);
});

test('sandboxes of the process, over all components', async () => {
  const limits = '[application.tool.mayfly.limits]\nqueue_length = 0';
  const guests = { one: { guest: 'hoard-c' }, two: { guest: 'hoard-c' } };
  const app = await sandboxApp(guests, { reset: 'copy', maximumSandboxes: 2, appSettings: limits });
  opened.push(app);
  assert.deepEqual(await atOnce(app, ['/one', '/two', '/one']), [2, ['1']]);
  assertLogged(app, /Limits reached: sandboxes of the process \(2\) and queue_length \(0\)/);
  assert.equal((await app.get('/one/wait?ms=1')).status, 200);
});

test('components that call each other in a circle', async () => {
  const app = await open('', { allowedHosts: ['http://hoard.spin.internal'] });
  const { status, text } = await app.get('/hoard/ring');
  assert.deepEqual([status, text], [502, 'loop-detected']);
  assertLogged(app, /Limit reached: hops \(32\)/);
});

test('a component that another one called ends with its caller', async () => {
  const url = 'http://called.spin.internal/wait?ms=60000';
  const limits = '[component.called.tool.mayfly.limits]\nconcurrency = 1\nqueue_time = "5s"';
  const app = await sandboxApp(
    {
      hoard: { guest: 'hoard-c', allowedHosts: ['http://called.spin.internal'] },
      called: { guest: 'hoard-c', settings: limits },
    },
    { reset: 'copy' },
  );
  opened.push(app);
  const client = new AbortController();
  const calling = app.get(`/hoard/forward?url=${encodeURIComponent(url)}`, { signal: client.signal });
  const next = app.get('/called/wait?ms=1');
  setTimeout(() => client.abort(), 20);
  await assert.rejects(calling);
  assert.equal((await next).status, 200);
});

function statusOf(server: SandboxServer, headers: Readonly<Record<string, string>>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sending = request(`${server.url}/hoard/wait?ms=1`, { headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.statusCode));
    });
    sending.on('error', reject);
    sending.end();
  });
}

test('header_bytes and header_count of what clients send, and limits from the command line', async () => {
  const settings = '[component.hoard.tool.mayfly.limits]\nheader_bytes = "4KiB"\nheader_count = 10';
  const server = await sandboxServer({ hoard: { guest: 'hoard-c', settings } }, { reset: 'copy' });
  assert.equal(await statusOf(server, { x: 'y'.repeat(2000) }), 200);
  assert.equal(await statusOf(server, { x: 'y'.repeat(5000) }), 431);
  const many = Object.fromEntries(Array.from({ length: 12 }, (_, index) => [`x${index}`, 'y']));
  assert.equal(await statusOf(server, many), 431);
  await server.stop();
  const wider = await sandboxServer({ hoard: { guest: 'hoard-c' } }, { reset: 'copy', limits: { headerBytes: 2048 } });
  assert.equal(await statusOf(wider, { x: 'y'.repeat(3000) }), 431);
  await wider.stop();
});
