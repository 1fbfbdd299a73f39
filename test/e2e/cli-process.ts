// Runs `bin/mayfly.mjs` as a process of its own, as people do.
import { spawn, spawnSync } from 'node:child_process';
import { devNull } from 'node:os';
import { join } from 'node:path';
import { within } from '../../src/triggers/http/wait.test-kit.ts';

export const root = join(import.meta.dirname, '..', '..');
const bin = join(root, 'bin', 'mayfly.mjs');

export interface Outcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Without a terminal, with no variables of the caller's that change what Mayfly does, and without a cache. */
const environment = {
  ...Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^(SPIN_|RUNTIME_CONFIG_FILE$|MAYFLY_|NO_COLOR|FORCE_COLOR|NODE_)/.test(name),
    ),
  ),
  XDG_CACHE_HOME: devNull, // no folder: nothing is kept
};

export function mayfly(args: readonly string[], cwd: string): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    env: environment,
    encoding: 'utf8',
  });
  return { code: status, stdout, stderr };
}

export interface Serving {
  readonly url: string;
  readonly stdout: string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
}

/** Runs `mayfly up` until it says where it serves. Rejects with its output when it ends before that. */
export async function serve(args: readonly string[], cwd: string): Promise<Serving> {
  const child = spawn(process.execPath, [bin, 'up', '--listen', '127.0.0.1:0', ...args], { cwd, env: environment });
  const output = { stdout: '', stderr: '' };
  const { promise: ready, resolve, reject } = Promise.withResolvers<string>();
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>();
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output.stderr += text;
  });
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output.stdout += text;
    const url = /^Serving (\S+)$[\s\S]*^Available Routes:$/m.exec(output.stdout)?.[1];
    if (url) resolve(url);
  });
  child.on('close', (code) => {
    end({ code, ...output });
    reject(new Error(`mayfly up ended with ${code}:\n${output.stdout}${output.stderr}`));
  });
  const url = await within(ready, () => `mayfly up serves: ${output.stdout}${output.stderr}`, 60_000);
  return {
    url,
    stdout: output.stdout,
    kill: (signal) => child.kill(signal),
    get ended() {
      return within(ended, () => `mayfly up ends: ${output.stdout}${output.stderr}`, 60_000);
    },
  };
}
