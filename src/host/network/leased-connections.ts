// The connections of one sandbox, leased from the pool of its component: each for as long as the guest has a handle.
import type { ConnectionPool, PooledConnection } from './connection-pool.ts';

/** Of one sandbox at a time, those that it waits for included. */
const MOST_OPEN = 16;

/** A connection that does one statement after another. */
export interface SharedSession extends PooledConnection {
  /** Settles when the statements that were given until now are done. */
  whenDone(): Promise<void>;
}

/** A connection as one handle of a guest has it. */
export interface Leased<S extends SharedSession> {
  readonly session: S;
  /** That of its address in the pool. */
  readonly key: string;
}

export class LeasedConnections<S extends SharedSession> {
  readonly #pool: ConnectionPool<S>;
  readonly #signal: AbortSignal;
  readonly #fault: (text: string) => Error;
  readonly #open = new Set<Leased<S>>();
  #count = 0;
  #finished = false;

  /** `fault` makes the error for a guest that has too many. */
  constructor(pool: ConnectionPool<S>, signal: AbortSignal, fault: (text: string) => Error) {
    this.#pool = pool;
    this.#signal = signal;
    this.#fault = fault;
  }

  /** Rejects with what `open` or `fault` gives, or the reason of the signal. */
  async lease(key: string, open: () => Promise<S>): Promise<Leased<S>> {
    if (this.#count >= MOST_OPEN) throw this.#fault('too many connections');
    this.#count += 1;
    try {
      const session = await this.#pool.lease(key, open, this.#signal);
      const leased = { session, key };
      if (this.#finished) {
        this.#pool.giveBack(key, session);
        throw this.#fault('the request is over');
      }
      this.#open.add(leased);
      return leased;
    } catch (error) {
      this.#count -= 1;
      throw error;
    }
  }

  /** The guest has dropped the handle: rows that it still reads come to their end. */
  close(leased: Leased<S>): void {
    void leased.session.whenDone().then(() => this.#giveBack(leased));
  }

  /** The request is over: what is under way is ended. */
  finish(): void {
    this.#finished = true;
    for (const leased of this.#open) this.#giveBack(leased);
  }

  #giveBack(leased: Leased<S>): void {
    if (!this.#open.delete(leased)) return;
    this.#count -= 1;
    this.#pool.giveBack(leased.key, leased.session);
  }
}
