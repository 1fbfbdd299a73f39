// The statements of one connection: one after another, each ended with its caller.
import type { Caller } from '../guest-call.ts';

export class StatementTurns {
  readonly #end: (error: Error) => void;
  #last: Promise<unknown> = Promise.resolve();
  #isBusy = false;

  /** `end` closes the connection: nothing else ends a statement whose caller is gone. */
  constructor(end: (error: Error) => void) {
    this.#end = end;
  }

  /** Whether something is under way. */
  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** Does `work` when what was given before is done. Rejects with what it throws, or the reason of the signal. */
  async take<T>({ signal }: Caller, work: () => Promise<T>): Promise<T> {
    signal.throwIfAborted();
    const before = this.#last;
    const done = Promise.withResolvers<void>();
    this.#last = before.then(() => done.promise);
    const abort = (): void => this.#end(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    try {
      await before;
      return await this.alone(work);
    } finally {
      signal.removeEventListener('abort', abort);
      done.resolve();
    }
  }

  /** Does `work` at once, when nothing else is under way. */
  async alone<T>(work: () => Promise<T>): Promise<T> {
    this.#isBusy = true;
    try {
      return await work();
    } finally {
      this.#isBusy = false;
    }
  }

  /** Settles when what was given until now is done. */
  async whenDone(): Promise<void> {
    await this.#last;
  }
}
