// `npm start` and the signals of a supervisor: the script's command as it stands in package.json, for an app that takes
// its time.
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { eventually, within } from '../../src/triggers/http/wait.test-kit.ts';
import { assemble } from '../support/wat.ts';
import { root } from './cli-process.ts';

const folder = mkdtempSync(join(tmpdir(), 'mayfly-npm-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: { start: string } };

const LIMIT = { timeout: 60_000 };
const SLEEP_MS = 1500;
const answer = 'content-type: text/plain\n\nwhole';

/** A CGI program: sleeps, then answers. */
const sleeper = `(module
  (import "wasi_snapshot_preview1" "fd_write" (func $write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "poll_oneoff" (func $poll (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)
  (data (i32.const 512) "${answer.replaceAll('\n', '\\n')}")
  (func (export "_start")
    (i32.store (i32.const 16) (i32.const 1))
    (i64.store (i32.const 24) (i64.const ${SLEEP_MS * 1_000_000}))
    (drop (call $poll (i32.const 0) (i32.const 64) (i32.const 1) (i32.const 128)))
    (i32.store (i32.const 256) (i32.const 512))
    (i32.store (i32.const 260) (i32.const ${answer.length}))
    (drop (call $write (i32.const 1) (i32.const 256) (i32.const 1) (i32.const 264)))))`;

const manifest = (build: string): string => `spin_manifest_version = 2
[application]
name = "sleeper"
[[trigger.http]]
route = "/..."
component = "sleeper"
[component.sleeper]
source = "sleeper.wasm"
[component.sleeper.build]
command = ${JSON.stringify(build)}
`;

/** The launcher runs under the first `node` of PATH: ours, or another one that has to find ours. */
const paths: Readonly<Record<string, string>> = {
  'Node 26': [dirname(process.execPath), process.env.PATH].join(delimiter),
  'the node of the system': (process.env.PATH ?? '')
    .split(delimiter)
    .filter((part) => !part.includes('node_modules') && part !== dirname(process.execPath))
    .join(delimiter),
};

interface Started {
  readonly npm: ChildProcess;
  readonly output: () => string;
  readonly ended: Promise<[code: number | null, signal: string | null]>;
}

let count = 0;

async function start(path: string, build = 'true'): Promise<Started> {
  const app = join(folder, `app${count++}`);
  mkdirSync(app);
  writeFileSync(join(app, 'sleeper.wasm'), await assemble(sleeper));
  writeFileSync(join(app, 'spin.toml'), manifest(build));
  const command = scripts.start.replace('bin/mayfly.mjs', join(root, 'bin/mayfly.mjs')).replace('examples/tour', app);
  assert.ok(command.includes(app) && command.includes(root), command);
  writeFileSync(
    join(app, 'package.json'),
    JSON.stringify({ name: 'mayfly', version: '1.0.0', scripts: { start: command } }),
  );
  const env = { ...process.env, PATH: path, SPIN_HTTP_LISTEN_ADDR: '127.0.0.1:0', npm_config_update_notifier: 'false' };
  const npm = spawn('npm', ['start', '--silent'], { cwd: app, env, stdio: ['ignore', 'pipe', 'pipe'] });
  after(() => npm.kill('SIGKILL'));
  let text = '';
  for (const stream of [npm.stdout, npm.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
  }
  const ended = new Promise<[number | null, string | null]>((resolve) => npm.on('exit', (...how) => resolve(how)));
  return { npm, output: () => text, ended };
}

async function portOf(started: Started): Promise<number> {
  const found = (): number => Number(/Serving http:\/\/127\.0\.0\.1:(\d+)/.exec(started.output())?.[1] ?? 0);
  await eventually(() => found() > 0, 'npm start serves', 40_000).catch((error) => {
    throw new Error(`${error.message}: ${started.output()}`);
  });
  return found();
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('connect', () => resolve(false)).on('error', () => resolve(true));
    socket.on('connect', () => socket.destroy());
  });
}

const hasNpm = [...(process.env.PATH ?? '').split(delimiter)].some((part) => existsSync(join(part, 'npm')));
const skip = hasNpm && process.platform !== 'win32' ? false : 'npm and a POSIX shell are not there';

for (const [name, path] of Object.entries(paths)) {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`under ${name}, ${signal} to npm alone lets the request in flight finish and frees the port`, {
      ...LIMIT,
      skip,
    }, async () => {
      const started = await start(path);
      const port = await portOf(started);
      const inFlight = fetch(`http://127.0.0.1:${port}/`).then(async (response) => [
        response.status,
        await response.text(),
      ]);
      await new Promise((resolve) => setTimeout(resolve, 300));
      started.npm.kill(signal);
      await eventually(() => /Stopping/.test(started.output()), 'the server hears of the signal');
      assert.deepEqual(await within(inFlight, 'the request in flight'), [200, 'whole']);
      await within(started.ended, 'the end of npm');
      assert.ok(await isFree(port), 'somebody still listens on the port');
    });
  }
}

for (const signal of ['SIGHUP', 'SIGKILL'] as const) {
  test(`npm that dies of ${signal} leaves no server behind`, { ...LIMIT, skip }, async () => {
    const started = await start(paths['Node 26']!);
    const port = await portOf(started);
    const inFlight = fetch(`http://127.0.0.1:${port}/`).then(async (response) => [
      response.status,
      await response.text(),
    ]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    started.npm.kill(signal);
    assert.deepEqual(await within(inFlight, 'the request in flight'), [200, 'whole']);
    let free = false;
    const asking = setInterval(() => void isFree(port).then((is) => (free = is)), 50);
    await eventually(() => free, 'the port is free').finally(() => clearInterval(asking));
  });
}

test('a signal during the build ends all that the build has started, and nothing is served', {
  ...LIMIT,
  skip,
}, async () => {
  const note = join(folder, 'pids');
  const started = await start(paths['Node 26']!, `sleep 300 & echo $! > ${note}; wait; echo served > ${note}`);
  await eventually(() => existsSync(note) && readFileSync(note, 'utf8').endsWith('\n'), 'the build runs', 40_000);
  const pid = Number(readFileSync(note, 'utf8'));
  started.npm.kill('SIGTERM');
  await within(started.ended, 'the end of npm');
  await eventually(() => !isAlive(pid), 'what the build has started ends');
  assert.doesNotMatch(started.output(), /Serving/);
  assert.match(started.output(), /ended by SIGTERM/);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
