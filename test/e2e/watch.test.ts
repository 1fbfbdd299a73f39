// `mayfly watch` as people use it: a change is live soon, no request is dropped, and what is broken changes nothing.
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { guestPath } from '../guests/build.ts';
import { type Running, start } from './cli-process.ts';

const base = mkdtempSync(join(tmpdir(), 'mayfly-watch-'));
after(() => rmSync(base, { recursive: true }));
const timeout = 60_000;

interface Project {
  readonly folder: string;
  /** Makes a guest the source of the component, which the build copies. */
  use(guest: string): Promise<void>;
  manifest(extra?: string): void;
}

function project(): Project {
  const folder = mkdtempSync(join(base, 'app-'));
  mkdirSync(join(folder, 'src'));
  return {
    folder,
    async use(guest) {
      copyFileSync(await guestPath(guest), join(folder, 'src', 'app.wasm'));
    },
    manifest(extra = '') {
      writeFileSync(
        join(folder, 'spin.toml'),
        `spin_manifest_version = 2
application.name = "watched"
[[trigger.http]]
route = "/..."
component = "app"
[component.app]
source = "build/app.wasm"
[component.app.build]
command = "mkdir -p build && test -s src/app.wasm && cp src/app.wasm build/app.wasm && date +%s%3N > built"
watch = ["src/**/*.wasm"]
${extra}`,
      );
    },
  };
}

async function watched(folder: string, ...args: string[]): Promise<Running & { url: string }> {
  const running = start(['watch', '--listen', '127.0.0.1:0', ...args], folder);
  after(() => running.kill('SIGKILL'));
  const [, url = ''] = await running.printed(/^Serving (\S+)$[\s\S]*^Available Routes:$/m, 20_000);
  return Object.assign(running, { url });
}

/** Asks without a pause until it is told to end; gives the answers in their order, without repetitions. */
function asking(url: string): { stop(): Promise<string[]>; until(answer: string): Promise<void> } {
  const answers: string[] = [];
  let isAsking = true;
  const ask = async (): Promise<void> => {
    const answer = await fetch(url).then(
      (response) => (response.ok ? response.text() : String(response.status)),
      (error: Error) => `failed: ${error.message}`,
    );
    if (answers.at(-1) !== answer) answers.push(answer);
  };
  after(() => {
    isAsking = false;
  });
  const all = (async () => {
    while (isAsking) await ask();
  })();
  return {
    async stop() {
      isAsking = false;
      await all;
      return answers;
    },
    async until(answer) {
      for (const started = Date.now(); answers.at(-1) !== answer; await new Promise((done) => setTimeout(done, 5))) {
        assert.ok(Date.now() - started < 10_000, `waited for ${answer}; there was ${answers.join(', ')}`);
      }
    },
  };
}

test('a change is built and live soon, and no request is dropped', { timeout }, async (t) => {
  const { folder, use, manifest } = project();
  await use('hello-c');
  manifest();
  const app = await watched(folder);
  const client = asking(app.url);
  await client.until('Hello from C\n');
  const answers = ['Hello from C\n', '1\n', 'Hello from C\n', '1\n'];
  const times: number[] = [];
  for (const [index, guest] of ['counter-c', 'hello-c', 'counter-c'].entries()) {
    await use(guest);
    const swaps = new RegExp(`(?:^The new version serves, (\\d+) ms later\\n[\\s\\S]*?){${index + 1}}`, 'm');
    const [, ms] = await app.printed(swaps, 20_000);
    times.push(Number(ms));
    await client.until(answers[index + 1] ?? '');
  }
  // How long it takes depends on what else the machine does; idle it is below 100 ms.
  t.diagnostic(`live ${times.join(', ')} ms after the build`);
  assert.deepEqual(await client.stop(), answers);
  app.kill('SIGINT');
  assert.equal((await app.ended).code, 0);
});

test('a failed build, a broken manifest and a bad component leave the app as it is', { timeout }, async () => {
  const { folder, use, manifest } = project();
  await use('hello-c');
  manifest();
  const app = await watched(folder, '--quiet');
  const client = asking(app.url);
  await client.until('Hello from C\n');
  writeFileSync(join(folder, 'src', 'app.wasm'), '');
  await app.printed(/error\[build-failed\][\s\S]*The app serves on as before\n/, 20_000);
  writeFileSync(join(folder, 'spin.toml'), 'spin_manifest_version = ');
  await app.printed(/error\[manifest-syntax\][\s\S]*The app serves on as before\n/, 20_000);
  manifest();
  writeFileSync(join(folder, 'src', 'app.wasm'), 'no component');
  await app.printed(/error\[component-[\w-]+\][\s\S]*The app serves on as before\n/, 20_000);
  await use('counter-c');
  await client.until('1\n');
  assert.deepEqual(await client.stop(), ['Hello from C\n', '1\n']);
  manifest('[[trigger.http]]\nroute = "/new"\ncomponent = "app"');
  await app.printed(/^ {2}app: \S+\/new$/m, 20_000);
  app.kill('SIGTERM');
  assert.equal((await app.ended).code, 0);
});

test('without builds artifacts are watched, and an app that does not start is waited for', { timeout }, async () => {
  const { folder, use, manifest } = project();
  manifest();
  mkdirSync(join(folder, 'build'));
  const running = start(['w', '--skip-build', '-c', '-d', '20', '--listen', '127.0.0.1:0'], folder);
  after(() => running.kill('SIGKILL'));
  await running.printed(/manifest-source[\s\S]*Waiting for a change of the app/, 20_000);
  await use('hello-c');
  copyFileSync(join(folder, 'src', 'app.wasm'), join(folder, 'build', 'app.wasm'));
  const [, url = ''] = await running.printed(/^Serving (\S+)$/m, 20_000);
  assert.equal(await (await fetch(url)).text(), 'Hello from C\n');
  running.kill('SIGINT');
  assert.equal((await running.ended).code, 0);
});

test('ends with the error of a manifest that is broken from the start, and of an option', { timeout }, async () => {
  const { folder } = project();
  writeFileSync(join(folder, 'spin.toml'), 'spin_manifest_version = ');
  assert.equal((await start(['watch'], folder).ended).code, 1);
  const { code, stderr } = await start(['watch', '--lisen', 'x'], folder).ended;
  assert.equal(code, 2);
  assert.match(stderr, /Did you mean --listen/);
});

test('watch refuses --inspect, which its processes would not open, and apps with a command', { timeout }, async () => {
  const { folder, use, manifest } = project();
  await use('hello-c');
  manifest();
  const inspected = await start(['watch', '--inspect'], folder).ended;
  assert.equal(inspected.code, 2);
  assert.match(inspected.stderr, /Use 'mayfly up --inspect'/);
  manifest('[[trigger.command]]\ncomponent = "app"');
  const commanded = await start(['watch', '--listen', '127.0.0.1:0'], folder).ended;
  assert.equal(commanded.code, 2);
  assert.match(commanded.stderr, /Run it with 'mayfly up --build'/);
});

test('a manifest that gains a command is refused, and the app serves on', { timeout }, async () => {
  const { folder, use, manifest } = project();
  await use('hello-c');
  manifest();
  const app = await watched(folder);
  manifest('[[trigger.command]]\ncomponent = "app"\n');
  await app.printed(/serves no app with a command trigger[\s\S]*The app serves on as before/, 20_000);
  assert.equal(await (await fetch(app.url)).text(), 'Hello from C\n');
  app.kill('SIGINT');
  assert.equal((await app.ended).code, 0);
});

test('only the process that serves copies transient files, and SIGHUP ends watch and copies', { timeout }, async () => {
  const { folder, use, manifest } = project();
  await use('hello-c');
  mkdirSync(join(folder, 'assets'));
  manifest('[[component.app.files]]\nsource = "assets"\ndestination = "/"');
  const copies = join(folder, 'copies');
  const app = await watched(folder, '--allow-transient-write', '--temp', 'copies');
  assert.equal(readdirSync(copies).length, 1);
  app.kill('SIGHUP');
  assert.equal((await app.ended).code, 0);
  assert.deepEqual(readdirSync(copies), []);
});
