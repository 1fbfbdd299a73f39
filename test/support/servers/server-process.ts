// The process of a server that a test needs: started, taken away, frozen and thawed. It ends with the test's process, whatever
// happens there: one that was left over kept its test file, and the whole gate, from ending.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { until } from './until.ts';

export interface ServerProcess {
  /** Starts it, and is done when it answers. Throws with what it wrote when it ends before. */
  start(): Promise<void>;
  /** Takes it away at once; `start` brings it back on the same port. */
  stop(): Promise<void>;
  /** Freezes it, as a machine that hangs, and lets it go on. */
  freeze(): void;
  thaw(): void;
  /** Stops it and removes its folder. */
  close(): Promise<void>;
}

export interface ServerProgram {
  readonly command: readonly string[];
  /** Its own folder, from `serverFolder`. */
  readonly folder: string;
  readonly answers: () => Promise<boolean>;
  /** How it is told to end; SIGKILL where nothing is said. */
  readonly ending?: NodeJS.Signals;
}

export const serverFolder = (name: string): string => mkdtempSync(path.join(tmpdir(), `mayfly-${name}-`));

/** Debian puts servers where only root looks. */
export const serverEnvironment = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

/** The server, running. */
export async function startServer(program: ServerProgram): Promise<ServerProcess> {
  const { folder, answers, ending = 'SIGKILL' } = program;
  const [command = '', ...args] = program.command;
  let child: ChildProcess | undefined;
  const killAtExit = (): void => void child?.kill('SIGKILL');

  async function start(): Promise<void> {
    const started = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder, env: serverEnvironment });
    child = started;
    process.on('exit', killAtExit);
    const wrote = text(started.stderr);
    let failure: Promise<Error> | undefined;
    started.on('error', (error) => {
      failure = Promise.resolve(error);
    });
    started.on('exit', (code, signal) => {
      const what = `${command} ended with ${code ?? signal} before it answered`;
      failure = wrote.then((words) => new Error(`${what}: ${words.slice(-2000)}`));
    });
    try {
      await until(async () => failure !== undefined || (await answers()), command);
      if (failure) throw await failure;
    } catch (error) {
      await stop();
      throw error;
    }
  }
  async function stop(): Promise<void> {
    const running = child;
    child = undefined;
    process.off('exit', killAtExit);
    if (running?.pid === undefined || running.exitCode !== null || running.signalCode !== null) return;
    const ended = once(running, 'exit');
    running.kill('SIGCONT');
    running.kill(ending);
    await ended;
  }
  async function close(): Promise<void> {
    await stop();
    rmSync(folder, { recursive: true });
  }
  await start().catch((error) => {
    rmSync(folder, { recursive: true });
    throw error;
  });
  return {
    start,
    stop,
    close,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
  };
}
