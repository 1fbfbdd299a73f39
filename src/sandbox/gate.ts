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

  /** False when all places are taken. */
  enter(): boolean {
    if (this.#busy >= this.limit) return false;
    this.#busy++;
    return true;
  }

  /** One place is free; those who wait are served in the order in which they came. */
  leave(): void {
    this.#busy--;
    if (this.#serving) return;
    this.#serving = true;
    for (const waiter of this.#waiting) {
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
