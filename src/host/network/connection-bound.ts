// Bounds the connections of several pools together, as `max_connections` of their kind wants it, and over all kinds as
// `max_total_connections` does.
import type { ConnectionKind, ConnectionPermits } from './connection-permits.ts';

/** A pool, as the bound sees it. */
export interface BoundPool {
  /** Closes a connection that nobody uses; false when there is none. */
  dropIdle(): boolean;
  /** Wakes one who waits and may go on; false when there is none. */
  wakeOne(): boolean;
}

/** What the connections count as, beside those of other kinds. */
interface Share {
  readonly permits: ConnectionPermits;
  readonly kind: ConnectionKind;
}

export class ConnectionBound {
  readonly #most: number;
  readonly #share: Share | undefined;
  readonly #pools = new Set<BoundPool>();
  #count = 0;
  /** Whether this bound stands in the line for a permit. */
  #isInLine = false;
  /** Whether it has a permit that is meant for whoever was woken for it. */
  #hasSpare = false;

  constructor(most = Number.POSITIVE_INFINITY, share?: Share) {
    this.#most = most;
    this.#share = share?.permits.bounds(share.kind) ? share : undefined;
    this.#share?.permits.onShortage(() => this.#dropIdle());
  }

  join(pool: BoundPool): void {
    this.#pools.add(pool);
  }

  leave(pool: BoundPool): void {
    this.#pools.delete(pool);
  }

  /** One more connection; idle ones of any pool make room. False when there is none. */
  take(): boolean {
    while (this.#count >= this.#most) if (!this.#dropIdle()) return false;
    if (!this.#takePermit()) return false;
    this.#count += 1;
    return true;
  }

  giveBack(): void {
    this.#count -= 1;
    this.#share?.permits.giveBack(this.#share.kind);
    this.wakeOne();
  }

  /** There is room, or an idle connection that can make some. */
  wakeOne(): void {
    if (!Number.isFinite(this.#most) && !this.#share) return;
    const isWoken = [...this.#pools].some((pool) => pool.wakeOne());
    if (!isWoken && this.#share?.permits.isWanted) this.#dropIdle();
  }

  #dropIdle(): boolean {
    return [...this.#pools].some((pool) => pool.dropIdle());
  }

  #takePermit(): boolean {
    if (!this.#share) return true;
    const { permits, kind } = this.#share;
    if (this.#hasSpare) {
      this.#hasSpare = false;
      return true;
    }
    while (!permits.tryTake(kind)) {
      if (this.#dropIdle()) continue;
      this.#standInLine(this.#share);
      return false;
    }
    return true;
  }

  /** One place in the line does for all who wait: each who gets on has another one follow. */
  #standInLine({ permits, kind }: Share): void {
    if (this.#isInLine) return;
    this.#isInLine = true;
    void permits.take(kind).then(() => {
      this.#isInLine = false;
      this.#hasSpare = true;
      [...this.#pools].some((pool) => pool.wakeOne());
      // Whoever was woken takes it before that, or has given up.
      setImmediate(() => {
        if (!this.#hasSpare) return;
        this.#hasSpare = false;
        permits.giveBack(kind);
        this.wakeOne();
      });
    });
  }
}
