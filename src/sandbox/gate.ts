// How many sandboxes of a process may be busy at once, over all components. Pools that find it closed wait in line.

/** Who waits to be let in: takes as many places as it needs and gets, and waits again for the rest. */
export interface Waiter {
  serve(): void;
}

/**
 * Each busy sandbox may hold a suspended stack and its memories, and each of those some of the kernel's mappings: V8
 * ends the process when there are none left.
 */
export const MOST_BUSY = 10_000;

export class Gate {
  readonly limit: number;
  #busy = 0;
  #serving = false;
  readonly #waiting = new Set<Waiter>();

  constructor(limit: number = MOST_BUSY) {
    this.limit = limit;
  }

  get busy(): number {
    return this.#busy;
  }

  /**
   * `places`: how many it takes, one for each stack that may be suspended at once. False when so many are not free,
   * and some others are taken.
   */
  enter(places = 1): boolean {
    if (this.#busy > 0 && this.#busy + places > this.limit) return false;
    this.#busy += places;
    return true;
  }

  /** The places are free; those who wait are served in the order in which they came. */
  leave(places = 1): void {
    this.#busy -= places;
    if (this.#serving) return;
    this.#serving = true;
    // Each once: who gets too few places waits again.
    for (const waiter of [...this.#waiting]) {
      if (this.#busy >= this.limit) break;
      this.#waiting.delete(waiter);
      waiter.serve();
    }
    this.#serving = false;
  }

  wait(waiter: Waiter): void {
    this.#waiting.add(waiter);
  }

  forget(waiter: Waiter): void {
    this.#waiting.delete(waiter);
  }
}
