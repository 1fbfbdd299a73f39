// Counts what the host keeps for all guests of a process together: handles, strings, buffers, the parts of a sandbox
// that lie in the engine's heap. The limits of one sandbox say nothing of thousands of them, and V8 ends the process
// when its heap is full.
import { getHeapStatistics } from 'node:v8';
import { MayflyError } from '../../errors.ts';

/**
 * The share of the engine's heap that is for guests: the rest is for code, garbage that waits for the collector, and
 * the host's own work.
 */
const SHARE_OF_HEAP = 0.5;

export class HostMemory {
  /** The most bytes. */
  readonly limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.limit = limit;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Adds bytes, which must be given back with `giveBack`. Throws 'sandbox-exhausted' when so much is not left. */
  take(bytes: number): void {
    if (!this.tryTake(bytes)) throw this.exhausted();
  }

  exhausted(): MayflyError {
    const message = `What the host keeps for all guests has reached its limit of ${this.limit} bytes`;
    return new MayflyError('sandbox-exhausted', message);
  }

  tryTake(bytes: number): boolean {
    if (this.#bytes + bytes > this.limit) return false;
    this.#bytes += bytes;
    return true;
  }

  giveBack(bytes: number): void {
    this.#bytes -= bytes;
  }
}

let memory: HostMemory | undefined;

/** The account of this process. The heap belongs to the process, so it is shared by all apps in it. */
export function processHostMemory(): HostMemory {
  memory ??= new HostMemory(Math.floor(getHeapStatistics().heap_size_limit * SHARE_OF_HEAP));
  return memory;
}
