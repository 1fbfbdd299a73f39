// The transcripts of README.md, run as they stand: in a copy of no folder but this one, on a free port.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';
import { serve, transcripts } from '../support/transcripts.ts';

const run = promisify(execFile);
const folder = mkdtempSync(join(tmpdir(), 'mayfly-readme-'));
const running: ChildProcess[] = [];
const env = {
  ...process.env,
  NO_COLOR: '1',
  SPIN_HTTP_LISTEN_ADDR: '127.0.0.1:0',
  npm_config_prefix: folder,
  XDG_CACHE_HOME: devNull, // no folder: nothing is kept
  PATH: [join(folder, 'bin'), process.env.PATH].join(delimiter),
};

after(() => {
  for (const child of running)
    if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM');
  rmSync(folder, { recursive: true, force: true });
});

function startServer(command: string, cwd: string): Promise<{ address: string; output: string }> {
  const { child, serving } = serve(command, cwd, env);
  running.push(child);
  return serving;
}

async function shell(command: string, cwd: string): Promise<string> {
  return (await run('sh', ['-c', command], { cwd, env, maxBuffer: 10_000_000 })).stdout;
}

const [tryIt = [], write = []] = transcripts('README.md');

test('Try it: start, then curl as written', async () => {
  const [start, ...curls] = tryIt;
  assert.equal(start?.command, 'npm start');
  const { address, output } = await startServer('npm start', '.');
  for (const line of start?.output ?? []) {
    if (line.trim() !== '…') assert.ok(output.includes(line.replace('127.0.0.1:3000', address)), line);
  }
  for (const { command, output: expected } of curls) {
    const printed = await shell(command.replaceAll('127.0.0.1:3000', address), '.');
    assert.equal(printed.trimEnd(), expected.join('\n'), command);
  }
});

test('Write a handler: link, new, up', async () => {
  let cwd = folder;
  for (const { command } of write) {
    if (command.startsWith('cd ')) cwd = join(cwd, command.slice(3));
    else if (command === 'npm link') await shell('npm link --loglevel=error --ignore-scripts', process.cwd());
    else if (command === 'mayfly up') {
      const { address } = await startServer(command, cwd);
      assert.equal((await fetch(`http://${address}/`)).status, 200);
    } else await shell(command, cwd);
  }
});
