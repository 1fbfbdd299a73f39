// A server in a process group of its own (some start processes in turn), ready once it answers; what it prints is kept
// for when it does not. None outlives the benchmark.
import { type ChildProcess, spawn } from 'node:child_process';
import { freePort } from '../../test/support/servers/free-port.ts';
import { onCore } from './commands.ts';

export interface ServerCommand {
  /** `{port}` stands for the port that it shall listen at. */
  readonly command: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly folder?: string;
  /** A path that answers 200 as soon as the server is ready. */
  readonly path: string;
  /** Says in the place of that answer whether the server is ready, by its port. */
  readonly isReady?: (port: number) => Promise<boolean>;
}

export interface RunningServer {
  readonly pid: number;
  readonly url: string;
  /** The last of what it printed. */
  output(): string;
  /** Milliseconds from its start until it answered. */
  readonly readyMs: number;
  stop(): Promise<void>;
}

const READY_MS = 120_000;
const POLL_MS = 5;
const STOP_MS = 5_000;

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const child of running) signal(child, 'SIGKILL');
});
for (const name of ['SIGINT', 'SIGTERM'] as const) process.on(name, () => process.exit(1));

export async function startServer({
  command,
  environment,
  folder,
  path,
  isReady,
}: ServerCommand): Promise<RunningServer> {
  const port = await freePort();
  const started = performance.now();
  const [program, ...args] = onCore(
    'server',
    command.map((part) => part.replaceAll('{port}', String(port))),
  );
  const child = spawn(program, args, {
    env: { ...process.env, NODE_NO_WARNINGS: '1', ...environment },
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  running.add(child);
  const output = keepOutput(child);
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilReady(url + path, child, isReady ? () => isReady(port) : () => answers(url + path));
  } catch (error) {
    await stop(child);
    const said = output().trim().split('\n').slice(-3).join(' | ');
    throw new Error(`${command.join(' ')}: ${(error as Error).message}. It said: ${said}`);
  }
  const readyMs = performance.now() - started;
  return { pid: child.pid as number, url, output, readyMs, stop: () => stop(child) };
}

function keepOutput(child: ChildProcess): () => string {
  let kept = '';
  const keep = (chunk: Buffer): void => {
    kept = (kept + chunk).slice(-4_000);
  };
  child.stdout?.on('data', keep);
  child.stderr?.on('data', keep);
  child.on('error', (error) => keep(Buffer.from(error.message)));
  return () => kept;
}

async function untilReady(url: string, child: ChildProcess, isReady: () => Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < READY_MS; waited += POLL_MS) {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) throw new Error('it ended');
    if (await isReady()) return;
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${url} does not answer`);
}

async function answers(url: string): Promise<boolean> {
  try {
    const response = await fetch(url);
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  const ended = child.exitCode !== null || child.signalCode !== null || child.pid === undefined;
  const gone = ended ? undefined : new Promise((resolve) => child.once('exit', resolve));
  signal(child, 'SIGTERM');
  const timer = setTimeout(() => signal(child, 'SIGKILL'), STOP_MS);
  await gone;
  clearTimeout(timer);
  signal(child, 'SIGKILL'); // what it has started and left behind
  running.delete(child);
}

function signal({ pid }: ChildProcess, name: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, name);
  } catch {
    // Nothing of the group is left.
  }
}
