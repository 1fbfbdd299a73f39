// The idle sandboxes of all pools of the process: beyond a number the pools that were used longest ago give theirs back, and
// those that nobody has used for a while give back all but a few of the process.
import { performance } from 'node:perf_hooks';

/** A pool that can give back one of its idle sandboxes. */
export interface IdlePool {
  /** Discards an idle sandbox; false when there is none. */
  dropIdle(): boolean;
}

/** Idle sandboxes of a process: each of a small program takes some 4 MB, and up to 300 of its 65,530 mappings. */
const MOST = 96;
/** So many stay however long nobody has asked for them: an app or two should answer at once in the morning, too. */
const STAYING = 32;
/** Milliseconds without a request after which a pool may have to give its sandboxes back. */
const UNUSED_MS = 60_000;

export class IdleSandboxes {
  /** The number of idle sandboxes and the last use of each pool that has some; the pool that was used longest ago comes first. */
  readonly #pools = new Map<IdlePool, { count: number; usedAt: number }>();
  readonly #now: () => number;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get count(): number {
    return this.#count;
  }

  /** A sandbox of the pool has become idle. */
  added(pool: IdlePool): void {
    const { count } = this.#pools.get(pool) ?? { count: 0 };
    this.#pools.delete(pool);
    this.#pools.set(pool, { count: count + 1, usedAt: this.#now() });
    this.#count++;
    while (this.#count > MOST) this.#dropOldest();
    if (this.#count > STAYING) this.#watch();
  }

  /** A sandbox of the pool is idle no more. */
  removed(pool: IdlePool): void {
    const own = this.#pools.get(pool);
    if (!own) return;
    this.#count--;
    own.count--;
    if (own.count === 0) this.#pools.delete(pool);
  }

  /** Takes back what nobody has used for a while, as long as there are more idle sandboxes than may stay. */
  dropUnused(): void {
    for (const [pool, { usedAt }] of [...this.#pools]) {
      if (this.#now() - usedAt < UNUSED_MS) return;
      while (this.#count > STAYING && pool.dropIdle()) this.removed(pool);
    }
  }

  #dropOldest(): void {
    const [oldest] = this.#pools.keys();
    if (!oldest) return;
    if (!oldest.dropIdle()) throw new Error('A pool has fewer idle sandboxes than it said');
    this.removed(oldest);
  }

  #watch(): void {
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      this.dropUnused();
      if (this.#count > STAYING) this.#watch();
    }, UNUSED_MS / 4).unref();
  }
}

/** Those of this process. */
export const processIdle = new IdleSandboxes();
