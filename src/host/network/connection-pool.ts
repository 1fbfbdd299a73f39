// Connections to servers that the sandboxes of one component share, one sandbox at a time. What comes back is put back to
// how it was when it was new, or closed; each address has its own.

import { type BoundPool, ConnectionBound } from './connection-bound.ts';

/** A connection that can serve one sandbox after another. */
export interface PooledConnection {
  readonly isOpen: boolean;
  /** Takes back all that its user did to its session. Rejects when that cannot be. */
  reset(): Promise<void>;
  /** Ends what is under way, at the server, too. Idempotent, must not throw. */
  destroy(): void;
}

export interface PoolLimits {
  /** The most connections of the pool. */
  readonly most: number;
  /** The most to one address, so that a server that hangs leaves room for others. */
  readonly mostOfAddress: number;
  /** In milliseconds; for how long a connection stays open that nobody uses. */
  readonly idle: number;
}

interface Waiter {
  readonly address: string;
  readonly wake: () => void;
}

interface Idle<C> {
  readonly address: string;
  readonly connection: C;
  readonly timer: NodeJS.Timeout;
}

export class ConnectionPool<C extends PooledConnection> implements BoundPool {
  readonly #limits: PoolLimits;
  /** Of all pools of the app. */
  readonly #bound: ConnectionBound;
  /** In the order in which they came back. */
  readonly #idle = new Set<Idle<C>>();
  /** Those that are open, or about to be, or are reset, by their address. */
  readonly #counts = new Map<string, number>();
  readonly #resetting = new Set<C>();
  readonly #waiting = new Set<Waiter>();
  #count = 0;
  #closed = false;

  constructor(limits: PoolLimits, bound = new ConnectionBound()) {
    this.#limits = limits;
    this.#bound = bound;
    bound.join(this);
  }

  /** Gives an idle connection, or opens one when there is room; until then it waits. Rejects when `signal` is aborted. */
  async lease(address: string, open: () => Promise<C>, signal: AbortSignal): Promise<C> {
    let isFirst = ![...this.#waiting].some((waiter) => waiter.address === address);
    for (;;) {
      this.#check(signal);
      const idle = isFirst ? this.#takeIdle(address) : undefined;
      if (idle) return idle;
      if (isFirst && this.#hasRoom(address) && this.#bound.take()) break;
      await this.#room(address, signal);
      isFirst = true;
    }
    this.#add(address, 1);
    try {
      return await open();
    } catch (error) {
      this.#add(address, -1);
      throw error;
    }
  }

  /** Takes a connection back from the one who leased it. */
  giveBack(address: string, connection: C): void {
    if (this.#closed || !connection.isOpen) {
      this.#discard(address, connection);
      return;
    }
    this.#resetting.add(connection);
    connection.reset().then(
      () => this.#keep(address, connection),
      () => this.#discard(address, connection),
    );
  }

  close(): void {
    this.#closed = true;
    for (const idle of this.#idle) this.#drop(idle);
    for (const connection of this.#resetting) connection.destroy();
    for (const { wake } of this.#waiting) wake();
    this.#bound.leave(this);
  }

  dropIdle(): boolean {
    const [oldest] = this.#idle;
    if (oldest) this.#drop(oldest);
    return oldest !== undefined;
  }

  #check(signal: AbortSignal): void {
    if (this.#closed) throw new Error('the app is closed');
    if (!signal.aborted) return;
    this.wakeOne(); // Another one may have what this one was woken for.
    throw signal.reason;
  }

  #keep(address: string, connection: C): void {
    this.#resetting.delete(connection);
    if (this.#closed || !connection.isOpen) {
      this.#discard(address, connection);
      return;
    }
    const timer = setTimeout(() => this.#drop(idle), this.#limits.idle).unref();
    const idle = { address, connection, timer };
    this.#idle.add(idle);
    if (!this.wakeOne()) this.#bound.wakeOne();
  }

  #discard(address: string, connection: C): void {
    this.#resetting.delete(connection);
    connection.destroy();
    this.#add(address, -1);
  }

  #takeIdle(address: string): C | undefined {
    for (const idle of [...this.#idle].reverse()) {
      if (idle.address !== address) continue;
      if (!idle.connection.isOpen) {
        this.#drop(idle);
        continue;
      }
      clearTimeout(idle.timer);
      this.#idle.delete(idle);
      return idle.connection;
    }
    return undefined;
  }

  #drop(idle: Idle<C>): void {
    clearTimeout(idle.timer);
    if (this.#idle.delete(idle)) this.#discard(idle.address, idle.connection);
  }

  #hasRoom(address: string): boolean {
    if ((this.#counts.get(address) ?? 0) >= this.#limits.mostOfAddress) return false;
    if (this.#count < this.#limits.most) return true;
    this.dropIdle();
    return this.#count < this.#limits.most;
  }

  #add(address: string, change: 1 | -1): void {
    this.#count += change;
    const count = (this.#counts.get(address) ?? 0) + change;
    if (count === 0) this.#counts.delete(address);
    else this.#counts.set(address, count);
    if (change > 0) return;
    this.wakeOne();
    this.#bound.giveBack();
  }

  /** Wakes the first who can go on; false when there is none. */
  wakeOne(): boolean {
    for (const waiter of this.#waiting) {
      const isThere = [...this.#idle].some((idle) => idle.address === waiter.address);
      const fits = (this.#counts.get(waiter.address) ?? 0) < this.#limits.mostOfAddress;
      if (!isThere && !(fits && (this.#count < this.#limits.most || this.#idle.size > 0))) continue;
      waiter.wake();
      return true;
    }
    return false;
  }

  #room(address: string, signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const end = (): void => {
        this.#waiting.delete(waiter);
        signal.removeEventListener('abort', abort);
      };
      const abort = (): void => {
        end();
        reject(signal.reason);
      };
      const waiter = {
        address,
        wake: () => {
          end();
          resolve();
        },
      };
      this.#waiting.add(waiter);
      signal.addEventListener('abort', abort, { once: true });
    });
  }
}
