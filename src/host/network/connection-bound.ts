// Bounds the connections of several pools together, as `max_connections` of the runtime configuration wants it.

/** A pool, as the bound sees it. */
export interface BoundPool {
  /** Closes a connection that nobody uses; false when there is none. */
  dropIdle(): boolean;
  /** Wakes one who waits and may go on; false when there is none. */
  wakeOne(): boolean;
}

export class ConnectionBound {
  readonly #most: number;
  readonly #pools = new Set<BoundPool>();
  #count = 0;

  constructor(most = Number.POSITIVE_INFINITY) {
    this.#most = most;
  }

  join(pool: BoundPool): void {
    this.#pools.add(pool);
  }

  leave(pool: BoundPool): void {
    this.#pools.delete(pool);
  }

  /** One more connection; idle ones of any pool make room. False when there is none. */
  take(): boolean {
    while (this.#count >= this.#most) {
      if (![...this.#pools].some((pool) => pool.dropIdle())) return false;
    }
    this.#count += 1;
    return true;
  }

  giveBack(): void {
    this.#count -= 1;
    this.wakeOne();
  }

  /** There is room, or an idle connection that can make some. */
  wakeOne(): void {
    if (Number.isFinite(this.#most)) [...this.#pools].some((pool) => pool.wakeOne());
  }
}
