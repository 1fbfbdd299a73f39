// The processes of `mayfly bench`: one that generates load, and one that serves the app where the command was given one.
import { type ChildProcess, fork } from 'node:child_process';
import { MayflyError } from '../../errors.ts';
import { entryFile } from '../../home.ts';
import { fromWire } from '../../workers/messages.ts';
import type { UpOptions } from '../up-options.ts';
import type { Load, LoadResult, Second } from './load.ts';
import type { Account, Serving, Told } from './served-app.ts';

/** Asks a process, and waits for the message that `pick` finds something in. Rejects when the process ends before. */
function ask<Answer>(child: ChildProcess, message: object, pick: (told: never) => Answer | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const done = (): void => {
      child.off('message', hear);
      child.off('exit', ended);
      child.off('error', reject);
    };
    const hear = (told: unknown): void => {
      try {
        const answer = pick(told as never);
        if (answer === undefined) return;
        done();
        resolve(answer);
      } catch (error) {
        done();
        reject(error);
      }
    };
    const ended = (code: number | null, signal: string | null): void => {
      done();
      reject(new MayflyError('worker-failed', `A process of the load test ended with ${signal ?? code}`));
    };
    child.on('message', hear);
    child.on('exit', ended);
    child.on('error', reject);
    child.send(message, (error) => error && reject(error));
  });
}

export class Generator {
  readonly #child = fork(entryFile('cli/bench/generator'), [], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    serialization: 'advanced',
  });

  run(load: Load, told: (second: Second) => void = () => {}): Promise<LoadResult> {
    return ask(this.#child, load, ({ second, result }: { second?: Second; result?: LoadResult }) => {
      if (second) told(second);
      return result;
    });
  }

  /** Ends the load that is under way: its result says what there was of it. */
  endEarly(): void {
    if (this.#child.connected) this.#child.send('stop', () => {});
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}

/** The app that is measured, in a process of its own. What it prints goes to stderr. */
export class AppProcess {
  readonly #child: ChildProcess;
  readonly serving: Serving;

  private constructor(child: ChildProcess, serving: Serving) {
    this.#child = child;
    this.serving = serving;
  }

  /** Rejects with why the app cannot be served. */
  static async start(options: UpOptions): Promise<AppProcess> {
    const child = fork(entryFile('cli/bench/served-app'), [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    try {
      const serving = await ask(child, options, ({ serving, failure }: Told) => {
        if (failure) throw fromWire(failure);
        return serving;
      });
      return new AppProcess(child, serving);
    } catch (error) {
      child.kill('SIGKILL');
      throw error;
    }
  }

  /** What requests cost since this was last asked. */
  account(): Promise<Account> {
    return ask(this.#child, { account: true }, ({ account }: Told) => account);
  }

  stop(): void {
    this.#child.kill('SIGKILL');
  }
}
