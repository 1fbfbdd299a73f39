// How much of the engine's heap guests may take: their objects and exceptions lie there, beside all that the host has,
// and the engine ends the process when it is full.
import { getHeapStatistics } from 'node:v8';
import { MayflyError } from '../../errors.ts';

/**
 * The share of the heap's limit that guests may take; the rest is for the host, and for what was given up but is not
 * collected yet.
 */
const SHARE = 0.5;

export class HeapBudget {
  readonly limit: number;
  #taken = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get left(): number {
    return Math.max(0, this.limit - this.#taken);
  }

  /** Takes what is left, but no more than so many bytes; returns how many. */
  takeUpTo(bytes: number): number {
    const taken = Math.min(bytes, this.left);
    this.#taken += taken;
    return taken;
  }

  /** Takes so many bytes. Throws `sandbox-exhausted` when there are fewer left. */
  take(bytes: number): void {
    if (bytes > this.left) {
      throw new MayflyError(
        'sandbox-exhausted',
        `The engine's heap has no room for ${bytes} bytes of a guest's objects`,
      );
    }
    this.#taken += bytes;
  }

  giveBack(bytes: number): void {
    this.#taken -= bytes;
  }
}

let budget: HeapBudget | undefined;

/** The budget of this process. The heap belongs to the process, so it is shared by all apps in it. */
export function processHeapBudget(): HeapBudget {
  budget ??= new HeapBudget(Math.floor(getHeapStatistics().heap_size_limit * SHARE));
  return budget;
}
