// The callers outside of the guest that wait for the result of a call, or for all tasks to end. While there are none,
// the guest does not run.

export class Awaiters {
  readonly #results = new Set<(reason: Error) => void>();
  readonly #idle = new Set<PromiseWithResolvers<boolean>>();

  /**
   * Adds one who waits for a result; `fail` is called when there can be none any more. Returns a function that takes it
   * off the list.
   */
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
