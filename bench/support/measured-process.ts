// A program of bench/programs in a process of its own, asked for one measurement at a time over the IPC channel.
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';

type Reply = { readonly result: unknown } | { readonly error: string };

export class MeasuredProcess<Input, Output> {
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess) {
    this.#child = child;
  }

  /** Resolves when the program is ready to measure. `program`: name of a file in bench/programs. */
  static async start<Input, Output>(program: string, config: unknown): Promise<MeasuredProcess<Input, Output>> {
    const file = join(import.meta.dirname, '../programs', `${program}.ts`);
    const child = fork(file, [JSON.stringify(config)], { execArgv: ['--no-warnings'], stdio: ['ignore', 2, 2, 'ipc'] });
    const started = new MeasuredProcess<Input, Output>(child);
    await started.#reply();
    return started;
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  measure(input: Input): Promise<Output> {
    const reply = this.#reply();
    this.#child.send(input as object);
    return reply as Promise<Output>;
  }

  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = new Promise((resolve) => this.#child.once('exit', resolve));
    this.#child.kill('SIGKILL');
    await gone;
  }

  #reply(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const settle = (action: () => void): void => {
        this.#child.off('message', onMessage).off('exit', onExit);
        action();
      };
      const onMessage = (reply: Reply): void =>
        settle(() => ('error' in reply ? reject(new Error(reply.error)) : resolve(reply.result)));
      const onExit = (code: number | null, signal: string | null): void =>
        settle(() => reject(new Error(`A measuring process ended with ${signal ?? code}`)));
      this.#child.on('message', onMessage).on('exit', onExit);
    });
  }
}
