// Memories of sandboxes that ended, reset to their image, for the next ones: making memories is what costs most in a new
// sandbox. They count among the idle sandboxes of the process, which are what they are but for an instance.
import type { IdlePool, IdleSandboxes, IdleShare } from './idle-sandboxes.ts';
import type { ImagedMemory } from './memory/imaged-memory.ts';

/** The most of one component. */
const MOST_SPARE = 16;

/** The memories of one sandbox, and the pages in them that its code polls. */
export interface OwnMemories {
  readonly memories: readonly ImagedMemory[];
  readonly pollPages: readonly bigint[];
}

export class SpareMemories implements IdlePool {
  readonly #all: OwnMemories[] = [];
  readonly #share: IdleShare;
  #closed = false;

  constructor(idle: IdleSandboxes) {
    this.#share = idle.shareOf(this);
  }

  /** Whether one more would be kept. */
  get hasRoom(): boolean {
    return !this.#closed && this.#all.length < MOST_SPARE;
  }

  push(own: OwnMemories): void {
    this.#all.push(own);
    this.#share.added();
  }

  pop(): OwnMemories | undefined {
    const own = this.#all.pop();
    if (own) this.#share.removed();
    return own;
  }

  /** Discards those that were used longest ago. */
  dropIdle(): boolean {
    const own = this.#all.shift();
    if (own) discardAll(own.memories);
    return own !== undefined;
  }

  close(): void {
    this.#closed = true;
    while (this.dropIdle()) this.#share.removed();
  }
}

export function discardAll(memories: readonly ImagedMemory[]): void {
  for (const memory of memories) memory.discard();
}
