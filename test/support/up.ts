// Runs `mayfly up` as a process, waits until it serves, and stops it. Every reset of a sandbox is verified, and no
// prepared component is kept unless the arguments say where.
import { type ChildProcess, spawn } from 'node:child_process';

export interface Served {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  readonly process: ChildProcess;
  /** What it has printed so far, on stdout and stderr. */
  output(): string;
  /** Resolves when the output matches. */
  printed(pattern: RegExp): Promise<void>;
  /** SIGTERM; resolves to the exit code. Rejects when a reset has left something behind. */
  stop(): Promise<number | null>;
}

const READY_MS = 120_000;

/** `onOutput` gets all that was printed so far, each time that something is, also before it serves. */
export async function up(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
  onOutput?: (text: string) => void,
): Promise<Served> {
  const cache = args.includes('--cache-dir') ? [] : ['--no-cache'];
  const child = spawn(
    process.execPath,
    ['bin/mayfly.mjs', 'up', '--listen', '127.0.0.1:0', '--verify-resets', ...cache, ...args],
    {
      env: { ...process.env, NO_COLOR: '1', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  );
  let text = '';
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      onOutput?.(text);
      for (const listener of listeners) listener();
    });
  }
  const exited = new Promise<number | null>((resolve) => child.on('exit', resolve));
  const printed = (pattern: RegExp): Promise<void> =>
    new Promise((resolve, reject) => {
      const fail = (): void => {
        clearTimeout(timer);
        reject(new Error(`"mayfly up" never printed ${pattern}:\n${text}`));
      };
      const timer = setTimeout(fail, READY_MS);
      const look = (): void => {
        if (!pattern.test(text)) return;
        clearTimeout(timer);
        listeners.delete(look);
        resolve();
      };
      listeners.add(look);
      exited.then(fail);
      look();
    });
  await printed(/Serving http:\/\/[^\s]+/);
  return {
    url: /Serving (http:\/\/[^\s]+)/.exec(text)?.[1] as string,
    process: child,
    output: () => text,
    printed,
    async stop() {
      child.kill('SIGTERM');
      const code = await exited;
      const difference = /.*differs from its image.*/.exec(text);
      if (difference) throw new Error(difference[0]);
      return code;
    },
  };
}
