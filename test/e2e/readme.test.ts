// The transcripts of README.md, run as they stand: in a copy of no folder but this one, on a free port.
import assert from 'node:assert/strict';
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { after, test } from 'node:test';
import { promisify } from 'node:util';

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

interface Step {
  readonly command: string;
  readonly output: readonly string[];
}

/** The commands of each `console` block, with what is printed below each. */
function transcripts(): Step[][] {
  const blocks = readFileSync('README.md', 'utf8').matchAll(/```console\n(.*?)```/gs);
  return [...blocks].map(([, block]) => {
    const steps: { command: string; output: string[] }[] = [];
    for (const line of (block as string).trimEnd().split('\n')) {
      if (line.startsWith('$ ')) steps.push({ command: line.slice(2), output: [] });
      else steps.at(-1)?.output.push(line);
    }
    return steps;
  });
}

/** Starts a server and resolves to its address and what it printed. */
function serve(command: string, cwd: string): Promise<{ address: string; output: string }> {
  const child = spawn('sh', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
  running.push(child);
  let output = '';
  return new Promise((resolve, reject) => {
    child.on('exit', (code) => reject(new Error(`"${command}" ended with ${code}:\n${output}`)));
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /Serving http:\/\/(\S+)[\s\S]*Routes:\n.+\n/.exec(output)?.[1];
      if (address) resolve({ address, output });
    });
  });
}

async function shell(command: string, cwd: string): Promise<string> {
  return (await run('sh', ['-c', command], { cwd, env, maxBuffer: 10_000_000 })).stdout;
}

const [tryIt = [], write = []] = transcripts();

test('Try it: start, then curl as written', async () => {
  const [start, ...curls] = tryIt;
  assert.equal(start?.command, 'npm start');
  const { address, output } = await serve('npm start', '.');
  for (const line of start?.output ?? []) {
    if (line.trim() !== '…') assert.ok(output.includes(line.replace('127.0.0.1:3000', address)), line);
  }
  for (const { command, output: expected } of curls) {
    const printed = await shell(command.replaceAll('127.0.0.1:3000', address), '.');
    assert.equal(printed.trimEnd(), expected.join('\n'), command);
  }
});

test('Write a handler: link, new, build, up', async () => {
  let cwd = folder;
  for (const { command } of write) {
    if (command.startsWith('cd ')) cwd = join(cwd, command.slice(3));
    else if (command === 'npm link') await shell('npm link --loglevel=error --ignore-scripts', process.cwd());
    else if (command === 'mayfly up') {
      const { address } = await serve(command, cwd);
      assert.equal((await fetch(`http://${address}/`)).status, 200);
    } else await shell(command, cwd);
  }
});
