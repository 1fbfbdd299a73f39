// Slow: the templates of other toolchains, and those of other triggers, are built as their README says and called. Where a
// toolchain is missing, its template is skipped.
import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createClient } from '@redis/client';
import { connectAsync } from 'mqtt';
import { mosquittoMissing, startMosquitto } from '../support/servers/brokers.ts';
import { redisMissing, startRedis } from '../support/servers/redis.ts';
import { credentials, startSqs } from '../support/servers/sqs.ts';
import { until } from '../support/servers/until.ts';
import { goVersion, javaVersion, jdkVersion, rustVersion, zigVersion } from '../support/toolchains.ts';
import { type Environment, mayfly, serve, start } from './cli-process.ts';
import { appsFolder, asked, build, type MadeApp, made, npmInstall } from './template-app.ts';

const base = appsFolder();
/** Rust compiles its SDK, on machines of every speed. */
const timeout = 300_000;

const withoutRust =
  rustVersion() === undefined && 'Rust for wasm32-wasip2 is not installed (rustup target add wasm32-wasip2)';
const withoutGo = goVersion() === undefined && 'there is no Go of 1.21 or newer';
const withoutJava = javaVersion() === undefined && 'Maven and a JDK are not installed';
const withoutJdk = jdkVersion() === undefined && 'a JDK is not installed';
const withoutZig = zigVersion() === undefined && 'there is no Zig 0.15 (pip install ziglang==0.15.2)';

/** Rust compiles what its templates share once. */
function sharingTarget(app: MadeApp): MadeApp {
  const target = join(base, 'rust-target');
  mkdirSync(target, { recursive: true });
  symlinkSync(target, join(app.folder, 'target'));
  return app;
}

interface Template {
  readonly id: string;
  readonly skip?: string | false;
  readonly prepare: (app: MadeApp) => void;
}

const templates: readonly Template[] = [
  { id: 'http-rust', skip: withoutRust, prepare: (app) => build(sharingTarget(app)) },
  { id: 'http-go', skip: withoutGo, prepare: build },
  { id: 'http-cpp', prepare: build },
  { id: 'http-java', skip: withoutJava, prepare: build },
  { id: 'http-zig', skip: withoutZig, prepare: build },
  {
    id: 'http-as',
    prepare: (app) => {
      npmInstall(app.folder);
      build(app);
    },
  },
  {
    id: 'http-kotlin',
    skip: withoutJdk,
    prepare: (app) => {
      npmInstall(app.folder);
      build(app);
    },
  },
  { id: 'http-lua', prepare: ({ folder }) => npmInstall(folder) },
  { id: 'http-php', prepare: ({ folder }) => npmInstall(folder) },
  { id: 'http-rb', prepare: ({ folder }) => npmInstall(folder) },
];

for (const { id, skip = false, prepare } of templates) {
  test(`${id} answers`, { timeout, skip }, async () => {
    const app = made(base, id);
    prepare(app);
    const { status, headers, text } = await asked(app.folder, '/hello?x=1');
    assert.deepEqual([status, text], [200, `Hello from ${app.name}: GET /hello\n`]);
    assert.equal(headers.get('content-type'), 'text/plain; charset=utf-8');
  });
}

test('static serves files, below a route of its own', { timeout }, async () => {
  const app = made(base, 'static', ['http-path=/site/...']);
  mkdirSync(join(app.folder, 'public/sub'));
  writeFileSync(join(app.folder, 'public/sub/index.html'), 'sub');
  writeFileSync(join(app.folder, 'public/a ä.css'), 'a {}');
  writeFileSync(join(app.folder, 'secret'), 'secret');
  build(app);
  const running = await serve([], app.folder);
  const ask = (path: string, init: RequestInit = {}) => fetch(`${running.url}${path}`, { redirect: 'manual', ...init });
  assert.match(await (await ask('/site/')).text(), /Hello from my-static/);
  assert.equal(await (await ask('/site/sub/')).text(), 'sub');
  assert.equal((await ask('/site/sub')).headers.get('location'), '/site/sub/');
  const css = await ask('/site/a%20%C3%A4.css');
  assert.deepEqual([css.headers.get('content-type'), await css.text()], ['text/css; charset=utf-8', 'a {}']);
  const head = await ask('/site/', { method: 'HEAD' });
  assert.deepEqual([head.status, await head.text()], [200, '']);
  assert.ok(Number(head.headers.get('content-length')) > 0);
  assert.equal((await ask('/site/', { method: 'POST' })).status, 405);
  for (const path of ['/site/none', '/site/%2e%2e%2fsecret', '/site/..%2f..%2f..%2fetc/passwd', '/site/a%00']) {
    const { status } = await ask(path);
    assert.equal(status, 404, path);
  }
  writeFileSync(join(app.folder, 'public/404.html'), 'none');
  const none = await ask('/site/none');
  assert.deepEqual([none.status, await none.text()], [404, 'none']);
  running.kill('SIGINT');
  await running.ended;
});

test('redirect answers with its status', { timeout }, async () => {
  const app = made(base, 'redirect', ['redirect-to=https://example.com/x', 'redirect-status=308']);
  const running = await serve([], app.folder);
  const response = await fetch(`${running.url}/old`, { redirect: 'manual' });
  assert.deepEqual([response.status, response.headers.get('location')], [308, 'https://example.com/x']);
  running.kill('SIGINT');
  await running.ended;
});

/** Starts an app, makes its event happen until it prints, and stops it. */
async function prints(app: MadeApp, words: string, happen: () => unknown, env: Environment = {}): Promise<void> {
  const running = start(['up'], app.folder, env);
  try {
    await until(async () => {
      await happen();
      return `${running.stdout}${running.stderr}`.includes(words);
    }, `"${words}"`);
  } finally {
    running.kill('SIGINT');
  }
  const { code, stderr } = await running.ended;
  assert.equal(code, 0, stderr);
}

const inTypeScript = (trigger: string): Template => ({ id: `${trigger}-ts`, prepare: () => undefined });
const inRust = (trigger: string): Template => ({
  id: `${trigger}-rust`,
  skip: withoutRust,
  prepare: (app) => build(sharingTarget(app)),
});
const inBoth = (trigger: string): readonly Template[] => [inTypeScript(trigger), inRust(trigger)];

for (const { id, skip = false, prepare } of inBoth('cron')) {
  test(`${id} runs at its time`, { timeout, skip }, async () => {
    const app = made(base, id, ['cron-expression=* * * * * *']);
    prepare(app);
    // A date, or the seconds since 1970.
    await prints(app, id === 'cron-ts' ? 'my-cron-ts: 20' : 'my-cron-rust: 1', () => undefined);
  });
}

test('command-rust runs once, with its arguments', { timeout, skip: withoutRust }, () => {
  const app = made(base, 'command-rust');
  inRust('command').prepare(app);
  const { code, stdout, stderr } = mayfly(['up', '--', 'a', 'b'], app.folder);
  assert.deepEqual([code, stdout], [0, 'Hello from my-command-rust: a b\n'], stderr);
});

for (const { id, skip, prepare } of inBoth('redis')) {
  test(`${id} gets messages`, { timeout, skip: redisMissing() || skip || false }, async (t) => {
    const server = await startRedis();
    const client = createClient({ url: server.url });
    t.after(async () => {
      client.destroy();
      await server.close();
    });
    await client.connect();
    const app = made(base, id, [`redis-address=${server.url}`]);
    prepare(app);
    const words = id === 'redis-ts' ? `my-${id}: my-channel: hello` : `my-${id}: hello`;
    await prints(app, words, () => client.publish('my-channel', 'hello'));
  });
}

for (const { id, skip, prepare } of inBoth('mqtt')) {
  test(`${id} gets messages`, { timeout, skip: mosquittoMissing() || skip || false }, async (t) => {
    const broker = await startMosquitto();
    const client = await connectAsync(broker.url);
    t.after(async () => {
      await client.endAsync();
      await broker.close();
    });
    const app = made(base, id, [`mqtt-address=${broker.url}`]);
    prepare(app);
    await prints(app, `my-${id}: my/topic/a: hello`, () => client.publishAsync('my/topic/a', 'hello'));
  });
}

for (const { id, skip = false, prepare } of inBoth('sqs')) {
  test(`${id} gets messages, and they are deleted`, { timeout, skip }, async (t) => {
    const server = await startSqs(t);
    server.send('hello');
    const app = made(base, id, [`queue-url=${server.url}`]);
    prepare(app);
    const env = {
      AWS_ACCESS_KEY_ID: credentials.id,
      AWS_SECRET_ACCESS_KEY: credentials.secret,
      AWS_SESSION_TOKEN: credentials.token,
      AWS_REGION: credentials.region,
    };
    await prints(app, ': hello', () => undefined, env);
    assert.deepEqual(server.kept(), []);
  });
}
