// The other runtimes: where they lie when somebody has installed them, and how to. `npm install` never does.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { findCommand, isExecutable, run } from './commands.ts';
import { cache } from './paths.ts';

const folder = join(cache, 'peers');
const workerdBinary = join(folder, `node_modules/@cloudflare/workerd-${process.platform}-64/bin/workerd`);
const wasmtimeBinary = join(folder, 'bin/wasmtime');

/** Without what a benchmark has no use for, which halves the time of its compilation. */
const wasmtimeFeatures = [
  'serve',
  'run',
  'compile',
  'component-model-async',
  'cranelift',
  'pooling-allocator',
  'parallel-compilation',
  'backtrace',
  'threads',
  'memory-protection-keys',
].join(',');

export function workerd(): string | undefined {
  return isExecutable(workerdBinary) ? workerdBinary : findCommand('workerd');
}

export function wasmtime(): string | undefined {
  return isExecutable(wasmtimeBinary) ? wasmtimeBinary : findCommand('wasmtime');
}

/** The first line that `<program> --version` prints. */
export async function version(program: string): Promise<string> {
  const { stdout } = await run(program, ['--version']);
  return stdout.split('\n')[0]?.trim() ?? '';
}

export async function installPeers(say: (text: string) => void): Promise<void> {
  if (!workerd()) {
    say('Installing workerd');
    await install('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--loglevel=error', 'workerd']);
  }
  if (!wasmtime() && findCommand('cargo')) {
    say('Installing wasmtime: it is compiled, which takes ten to thirty minutes');
    await installWasmtime(say);
  }
  for (const [name, path] of Object.entries({ workerd: workerd(), wasmtime: wasmtime() })) {
    if (!path || !existsSync(path)) say(`${name} could not be installed; it will be named as missing`);
  }
}

/** The newest version wants the newest compiler: cargo then names the version that the one here can build. */
async function installWasmtime(say: (text: string) => void): Promise<void> {
  const args = ['install', 'wasmtime-cli', '--locked', '--root', folder, '--no-default-features'];
  args.push('--features', wasmtimeFeatures);
  try {
    await install('cargo', args);
  } catch (error) {
    const fitting = /`wasmtime-cli ([\d.]+)` supports rustc/.exec((error as Error).message)?.[1];
    if (fitting) await install('cargo', [...args, '--version', fitting]).catch((again: Error) => say(again.message));
    else say((error as Error).message);
  }
}

function install(command: string, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 2, 'pipe'] });
    let talk = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      process.stderr.write(chunk);
      talk += chunk;
    });
    child.on('error', reject);
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(talk.slice(-1_000)))));
  });
}
