// How much may still be taken, of what is bounded in number.

export class Room {
  readonly #most: number;
  readonly #taken = new Set<Promise<unknown>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves to how many places are free, when it is one at least; to 0 once the signal is aborted. */
  async free(signal: AbortSignal): Promise<number> {
    const { promise: aborted, resolve: abort } = Promise.withResolvers<unknown>();
    signal.addEventListener('abort', abort, { once: true });
    while (this.#taken.size >= this.#most && !signal.aborted) await Promise.race([...this.#taken, aborted]);
    signal.removeEventListener('abort', abort);
    return signal.aborted ? 0 : this.#most - this.#taken.size;
  }

  /** Takes a place until the promise settles. It must not reject. */
  fill(taken: Promise<unknown>): void {
    this.#taken.add(taken);
    void taken.finally(() => this.#taken.delete(taken));
  }
}
