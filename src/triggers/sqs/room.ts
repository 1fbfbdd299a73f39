// How much may still be taken, of what is bounded in number.

export class Room {
  readonly #most: number;
  readonly #taken = new Set<Promise<unknown>>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Resolves to how many places are free, when it is one at least. */
  async free(): Promise<number> {
    while (this.#taken.size >= this.#most) await Promise.race(this.#taken);
    return this.#most - this.#taken.size;
  }

  /** Takes a place until the promise settles. It must not reject. */
  fill(taken: Promise<unknown>): void {
    this.#taken.add(taken);
    void taken.finally(() => this.#taken.delete(taken));
  }
}
