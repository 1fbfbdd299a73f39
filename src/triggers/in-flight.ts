// The events of a trigger that are under way. When the trigger stops they have some time to end, and are then given up.

export class InFlight {
  readonly #running = new Set<Promise<unknown>>();
  readonly #given = new AbortController();

  /** Aborted when what is under way is given up. */
  get signal(): AbortSignal {
    return this.#given.signal;
  }

  get size(): number {
    return this.#running.size;
  }

  /** Notes what is under way until it settles. It must not reject. */
  add(running: Promise<unknown>): void {
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  /** Resolves when all has ended. What has not after `timeoutMs` is given up. */
  async end(timeoutMs: number): Promise<void> {
    await this.#settled(timeoutMs);
    if (this.#running.size === 0) return;
    this.#given.abort();
    await this.#settled(GIVEN_UP_MS);
  }

  async #settled(timeoutMs: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const patience = setTimeout(resolve, timeoutMs);
    while (this.#running.size > 0) {
      const all = Promise.all(this.#running).then(() => true);
      if (!(await Promise.race([all, promise]))) break;
    }
    clearTimeout(patience);
  }
}

/** Milliseconds that guests have to end once they are given up: they end where they next wait. */
const GIVEN_UP_MS = 1000;
