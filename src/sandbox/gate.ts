// How many sandboxes of a process may be busy at once, over all components. Pools that find it closed wait in line.

import type { StackBudget } from './memory/mapping-budget.ts';

/** A pool that waits to be let in: it takes as many places as it needs and can get, and waits again for the rest. */
export interface Waiter {
  serve(): void;
}

export const MOST_BUSY = 10_000;

export class Gate {
  readonly limit: number;
  /** Counts the suspended stacks that each busy sandbox may hold, since they take mappings of the process. */
  readonly #stacks: StackBudget | undefined;
  #busy = 0;
  #serving = false;
  readonly #waiting = new Set<Waiter>();

  constructor(limit: number = MOST_BUSY, stacks?: StackBudget) {
    this.limit = limit;
    this.#stacks = stacks;
  }

  get busy(): number {
    return this.#busy;
  }

  /**
   * Takes `places` places, one for each stack that may be suspended at once. False when fewer are free; a sandbox that
   * would be the only busy one always gets in.
   */
  enter(places = 1): boolean {
    const isAlone = this.#busy === 0;
    if (!isAlone && this.#busy + places > this.limit) return false;
    if (this.#stacks?.tryTake(places) === false) {
      if (!isAlone) return false;
      this.#stacks.take(places);
    }
    this.#busy += places;
    return true;
  }

  /** Says what is missing when so many places cannot be had. */
  whyClosed(places: number): string {
    const isFull = this.#stacks === undefined || this.#busy + places > this.limit;
    return isFull ? `sandboxes of the process (${this.limit})` : 'mappings of the process (vm.max_map_count)';
  }

  /** Gives places back; those who wait for them are served in the order in which they came. */
  leave(places = 1): void {
    this.#busy -= places;
    this.#stacks?.giveBack(places);
    if (this.#serving) return;
    this.#serving = true;
    // Each waiter is asked once: one who gets too few places waits again.
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
