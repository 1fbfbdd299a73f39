// How many connections the guests of an app may have at once: of each kind, and over all kinds. Who needs one waits for
// it in a line, or is refused at once.

export type ConnectionKind = 'http' | 'socket' | 'postgres' | 'mysql' | 'redis' | 'mqtt';

export type MostConnections = Readonly<Partial<Record<ConnectionKind | 'total', number | undefined>>>;

interface Waiter {
  readonly kind: ConnectionKind;
  readonly resolve: () => void;
}

export class ConnectionPermits {
  readonly #most: MostConnections;
  readonly #taken = new Map<ConnectionKind | 'total', number>();
  readonly #waiters = new Set<Waiter>();
  readonly #idle = new Set<() => boolean>();

  constructor(most: MostConnections = {}) {
    this.#most = most;
  }

  /** Whether there is a limit that connections of a kind may reach. */
  bounds(kind: ConnectionKind): boolean {
    return this.#most[kind] !== undefined || this.#most.total !== undefined;
  }

  /** The permits that are out, of a kind or of all. */
  taken(kind: ConnectionKind | 'total'): number {
    return this.#taken.get(kind) ?? 0;
  }

  /** Takes a permit, which must be given back once. False when there is none. */
  tryTake(kind: ConnectionKind): boolean {
    if (!this.#has(kind)) return false;
    this.#taken.set(kind, this.taken(kind) + 1);
    this.#taken.set('total', this.taken('total') + 1);
    return true;
  }

  /**
   * Waits for a permit, which must be given back once. Rejects with the signal's reason when it is aborted; it then has
   * taken none.
   */
  take(kind: ConnectionKind, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) return Promise.reject(signal.reason);
    if (this.tryTake(kind)) return Promise.resolve();
    return new Promise((resolve, reject) => {
      const abort = (): void => {
        this.#waiters.delete(waiter);
        reject(signal?.reason);
      };
      const waiter: Waiter = {
        kind,
        resolve: () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        },
      };
      this.#waiters.add(waiter);
      signal?.addEventListener('abort', abort, { once: true });
      for (const close of this.#idle) if (close()) break;
    });
  }

  giveBack(kind: ConnectionKind): void {
    this.#taken.set(kind, this.taken(kind) - 1);
    this.#taken.set('total', this.taken('total') - 1);
    for (const waiter of this.#waiters) {
      if (!this.tryTake(waiter.kind)) continue;
      this.#waiters.delete(waiter);
      waiter.resolve();
    }
  }

  /** Whether somebody waits: a connection that is free must then be closed, and not kept. */
  get isWanted(): boolean {
    return this.#waiters.size > 0;
  }

  /**
   * Registers a function that closes one connection which nobody uses, and says whether there was one. Returns a
   * function that takes it back.
   */
  onShortage(closeIdle: () => boolean): () => void {
    this.#idle.add(closeIdle);
    return () => this.#idle.delete(closeIdle);
  }

  #has(kind: ConnectionKind): boolean {
    return (
      this.taken(kind) < (this.#most[kind] ?? Number.POSITIVE_INFINITY) &&
      this.taken('total') < (this.#most.total ?? Number.POSITIVE_INFINITY)
    );
  }
}
