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

/** What a pool has of the idle sandboxes of the process. It is told at every request, so that it costs next to nothing. */
export interface IdleShare {
  /** A sandbox of the pool has become idle. */
  added(): void;
  /** A sandbox of the pool is idle no more. */
  removed(): void;
}

class Share implements IdleShare {
  count = 0;
  usedAt = 0;
  readonly pool: IdlePool;
  readonly #all: IdleSandboxes;

  constructor(pool: IdlePool, all: IdleSandboxes) {
    this.pool = pool;
    this.#all = all;
  }

  added(): void {
    this.count++;
    this.#all.added(this);
  }

  removed(): void {
    if (this.count === 0) return;
    this.count--;
    this.#all.removed(this);
  }
}

export class IdleSandboxes {
  /** Those that have idle sandboxes. The one that was used longest ago is looked for when one has to go. */
  readonly #shares = new Set<Share>();
  readonly #now: () => number;
  #count = 0;
  #timer: NodeJS.Timeout | undefined;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get count(): number {
    return this.#count;
  }

  shareOf(pool: IdlePool): IdleShare {
    return new Share(pool, this);
  }

  added(share: Share): void {
    share.usedAt = this.#now();
    if (share.count === 1) this.#shares.add(share);
    this.#count++;
    while (this.#count > MOST) this.#dropOldest();
    if (this.#count > STAYING && !this.#timer) this.#watch();
  }

  removed(share: Share): void {
    this.#count--;
    if (share.count === 0) this.#shares.delete(share);
  }

  /** Takes back what nobody has used for a while, as long as there are more idle sandboxes than may stay. */
  dropUnused(): void {
    for (const share of [...this.#shares].sort((one, other) => one.usedAt - other.usedAt)) {
      if (this.#now() - share.usedAt < UNUSED_MS) return;
      while (this.#count > STAYING && share.count > 0) drop(share);
    }
  }

  #dropOldest(): void {
    let oldest: Share | undefined;
    for (const share of this.#shares) if (!oldest || share.usedAt < oldest.usedAt) oldest = share;
    if (!oldest) throw new Error('There are fewer idle sandboxes than were counted');
    drop(oldest);
  }

  #watch(): void {
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      this.dropUnused();
      if (this.#count > STAYING) this.#watch();
    }, UNUSED_MS / 4).unref();
  }
}

function drop(share: Share): void {
  if (!share.pool.dropIdle()) throw new Error('A pool has fewer idle sandboxes than it said');
  share.removed();
}

/** Those of this process. */
export const processIdle = new IdleSandboxes();
