// Those outside who wait for the guest: for the result of a call, or for all tasks to end. Without any it does not run.

export class Awaiters {
  readonly #results = new Set<(reason: Error) => void>();
  readonly #idle = new Set<PromiseWithResolvers<boolean>>();

  /** `fail` is told when there can be no result any more. Gives what takes it off the list. */
  awaitResult(fail: (reason: Error) => void): () => void {
    this.#results.add(fail);
    return () => this.#results.delete(fail);
  }

  awaitIdle(): Promise<boolean> {
    const waiting = Promise.withResolvers<boolean>();
    this.#idle.add(waiting);
    return waiting.promise;
  }

  get some(): boolean {
    return this.#results.size > 0 || this.#idle.size > 0;
  }

  get someResult(): boolean {
    return this.#results.size > 0;
  }

  tellIdle(ended: boolean): void {
    for (const { resolve } of this.#idle) resolve(ended);
    this.#idle.clear();
  }

  fail(reason: Error): void {
    for (const tell of this.#results) tell(reason);
    for (const { reject } of this.#idle) reject(reason);
    this.#results.clear();
    this.#idle.clear();
  }
}
