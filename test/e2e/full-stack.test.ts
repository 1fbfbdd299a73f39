// The walk-through of docs/full-stack.md, run as it stands: every command, and what it prints. The data go into a temporary
// folder.
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { interrupt, type StartedServer, serve, transcripts } from '../support/transcripts.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'mayfly-full-stack-'));
const env = {
  ...process.env,
  NO_COLOR: '1',
  SPIN_HTTP_LISTEN_ADDR: '127.0.0.1:0',
  PATH: [dirname(process.execPath), process.env.PATH].join(delimiter),
};
/** Stands for the command that `npm link` brings. */
const mayfly = 'node bin/mayfly.mjs';
let server: StartedServer | undefined;
let address = '';

after(async () => {
  await stop();
  rmSync(folder, { recursive: true, force: true });
});

async function stop(): Promise<void> {
  if (server) await interrupt(server.child);
}

/** Starts it in place of the one before, and waits until it has printed these lines. */
async function start(command: string, lines: readonly string[]): Promise<void> {
  await stop();
  const started = serve(`exec ${command.replace(/^mayfly/, mayfly)} --state-dir ${folder}`, '.', env);
  server = started;
  address = (await started.serving).address;
  for (const since = Date.now(); !pattern(lines).test(started.output().trimEnd()); await delay(20)) {
    assert.ok(Date.now() - since < 10_000, `${command}: waited for ${lines.join('\n')}, got ${started.output()}`);
  }
}

async function shell(command: string): Promise<string> {
  const real = command.replaceAll('127.0.0.1:3000', address);
  return (await run('sh', ['-c', real], { env, timeout: 30_000 })).stdout;
}

/** What a page says is printed, as a pattern: `…` stands for anything, and the port is another one. */
function pattern(lines: readonly string[]): RegExp {
  const text = lines.join('\n').replaceAll('127.0.0.1:3000', address);
  return new RegExp(`^${RegExp.escape(text).replaceAll('…', '[^]*')}$`);
}

test('the app type-checks', { timeout: 120_000 }, async () => {
  await run(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'examples/notes']);
});

test('every command of the walk-through prints what the page says', { timeout: 300_000 }, async () => {
  const steps = transcripts('docs/full-stack.md').flat();
  assert.ok(steps.filter(({ command }) => command.startsWith('mayfly up')).length > 1);
  for (const { command, output } of steps) {
    if (command.startsWith('mayfly up')) await start(command, output);
    else assert.match((await shell(command)).trimEnd(), pattern(output), command);
  }
});

test('a statement that a client sends stays data; what is no note is refused', { timeout: 30_000 }, async () => {
  const url = `http://${address}/api/notes`;
  const text = "'); DROP TABLE notes; --";
  const added = await fetch(url, { method: 'POST', body: JSON.stringify({ text }) });
  assert.deepEqual([added.status, ((await added.json()) as { text: string }).text], [201, text]);
  for (const body of ['{"text": 1}', '{"text": " "}', 'null', '']) {
    assert.equal((await fetch(url, { method: 'POST', body })).status, 400, body);
  }
  assert.equal((await fetch(`${url}/one`, { method: 'DELETE' })).status, 400);
  assert.equal((await fetch(`${url}/7777`, { method: 'DELETE' })).status, 404);
  assert.equal((await fetch(`${url}/1`, { method: 'PATCH' })).status, 404);
  const outside = await fetch(`http://${address}/..%2fspin.toml`);
  assert.equal(outside.status, 404);
});
