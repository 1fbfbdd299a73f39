// The memory of a guest as a function of a core module gets it while a request is recorded: it remembers what was looked at,
// and what has changed there. All functions check a range before they touch it.
import type { GuestMemory } from '../component/types/core-host.ts';

export interface Touched {
  /** What stood there, and stands there still: what the function was called with. */
  readonly reads: readonly Part[];
  readonly writes: readonly Part[];
}

type Part = readonly [address: number, bytes: Uint8Array];

export class TrackedMemory implements GuestMemory {
  readonly #memory: GuestMemory;
  #parts: Part[] = [];
  #reads: readonly Part[] | undefined;
  readonly #writes: Part[] = [];

  constructor(memory: GuestMemory) {
    this.#memory = memory;
  }

  get bytes(): Uint8Array<ArrayBuffer> {
    return this.#memory.bytes;
  }

  get data(): DataView<ArrayBuffer> {
    return this.#memory.data;
  }

  check(pointer: number, size: number, align: number): void {
    this.#memory.check(pointer, size, align);
    if (size > 0) this.#parts.push([pointer, this.bytes.slice(pointer, pointer + size)]);
  }

  /** Says that the function goes on after it has waited: what has changed meanwhile it did not do. */
  renew(): void {
    this.#parts = this.#parts.map(([address, { length }]) => [address, this.bytes.slice(address, address + length)]);
  }

  /** Notes what has changed. */
  look(): void {
    const reads: Part[] = [];
    for (const [address, before] of this.#parts) {
      const now = this.bytes.subarray(address, address + before.length);
      const changed = lastDifference(before, now);
      if (changed < 0) reads.push([address, before]);
      else this.#writes.push([address, now.slice(0, changed + 1)]);
    }
    this.#reads ??= reads;
  }

  get touched(): Touched {
    return { reads: this.#reads ?? [], writes: this.#writes };
  }

  get bytesTouched(): number {
    return this.#parts.reduce((sum, [, { length }]) => sum + length, 0);
  }
}

/** The last place where two runs of the same length differ; -1 for none. */
function lastDifference(one: Uint8Array, other: Uint8Array): number {
  for (let at = one.length - 1; at >= 0; at--) if (one[at] !== other[at]) return at;
  return -1;
}
