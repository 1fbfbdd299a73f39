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

export type Environment = Readonly<Record<string, string>>;

/** `timeout` in milliseconds. */
export function mayfly(args: readonly string[], cwd: string, env: Environment = {}, timeout = 60_000): Outcome {
  const { status, stdout, stderr } = spawnSync(process.execPath, [bin, ...args], {
    cwd,
    env: { ...environment, ...env },
    encoding: 'utf8',
    timeout,
  });
  return { code: status, stdout, stderr };
}

export interface Running {
  /** What it has printed to stdout so far. */
  readonly stdout: string;
  readonly stderr: string;
  kill(signal: NodeJS.Signals): void;
  readonly ended: Promise<Outcome>;
  /** Waits until stdout and stderr together match. Rejects when it ends before that. */
  printed(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
}

/** Runs a command that goes on until it is told to end. */
export function start(args: readonly string[], cwd: string, env: Environment = {}): Running {
  const child = spawn(process.execPath, [bin, ...args], { cwd, env: { ...environment, ...env } });
  const output = { stdout: '', stderr: '' };
  const listeners = new Set<() => void>();
  const { promise: ended, resolve: end } = Promise.withResolvers<Outcome>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const listener of listeners) listener();
    });
  }
  child.on('close', (code) => end({ code, ...output }));
  return {
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    kill: (signal) => child.kill(signal),
    get ended() {
      return within(ended, () => `mayfly ${args[0]} ends: ${output.stdout}${output.stderr}`, 60_000);
    },
    async printed(pattern, timeoutMs = 60_000) {
      const { promise, resolve, reject } = Promise.withResolvers<RegExpExecArray>();
      const look = (): void => {
        const found = pattern.exec(output.stdout) ?? pattern.exec(output.stderr);
        if (found) resolve(found);
      };
      listeners.add(look);
      void ended.then(({ code }) => {
        look();
        reject(new Error(`mayfly ${args[0]} ended with ${code}:\n${output.stdout}${output.stderr}`));
      });
      look();
      try {
        return await within(promise, () => `mayfly prints ${pattern}: ${output.stdout}${output.stderr}`, timeoutMs);
      } finally {
        listeners.delete(look);
      }
    },
  };
}

export interface Serving extends Running {
  readonly url: string;
}

/** Runs `mayfly up` until it says where it serves. Rejects with its output when it ends before that. */
export async function serve(args: readonly string[], cwd: string, env: Environment = {}): Promise<Serving> {
  const running = start(['up', '--listen', '127.0.0.1:0', ...args], cwd, env);
  const [, url = ''] = await running.printed(/^Serving (\S+)$[\s\S]*^Available Routes:$/m);
  return Object.assign(running, { url });
}
