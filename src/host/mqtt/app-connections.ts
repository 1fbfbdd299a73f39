// The connections of one app to brokers: one for each component, address and user, which its requests share. Brokers end
// the older one of two connections with one client id, so that requests side by side cannot have one each.
import { unlessAborted } from '../guest-call.ts';
import { type BoundPool, ConnectionBound } from '../network/connection-bound.ts';
import type { BrokerConnection } from './broker-connection.ts';

interface Shared {
  readonly connecting: Promise<BrokerConnection>;
  connection: BrokerConnection | undefined;
  /** The requests that wait for something on it. */
  users: number;
  idle: NodeJS.Timeout | undefined;
}

export interface Limits {
  readonly most: number;
  /** How long a connection is kept that nobody uses, in milliseconds. */
  readonly idleMs: number;
}

export class AppConnections implements BoundPool {
  readonly #limits: Limits;
  readonly #bound: ConnectionBound;
  /** Those that are used longest are at the end. */
  readonly #all = new Map<string, Shared>();
  readonly #waiting = new Set<() => void>();
  #closed = false;

  constructor(limits: Limits, bound = new ConnectionBound()) {
    this.#limits = limits;
    this.#bound = bound;
    bound.join(this);
  }

  /** The number of connections that are open or being opened. */
  get size(): number {
    return this.#all.size;
  }

  /** Runs `work` on the connection of `key`, which `open` makes if there is none. Rejects when the signal is aborted. */
  async use<T>(
    key: string,
    open: () => Promise<BrokerConnection>,
    signal: AbortSignal,
    work: (connection: BrokerConnection) => Promise<T>,
  ): Promise<T> {
    const shared = await this.#find(key, open, signal);
    shared.users += 1;
    clearTimeout(shared.idle);
    try {
      return await work(await unlessAborted(shared.connecting, signal));
    } finally {
      shared.users -= 1;
      if (shared.users === 0) this.#rest(key, shared);
    }
  }

  close(): void {
    this.#closed = true;
    for (const [key, shared] of [...this.#all]) this.#drop(key, shared);
    this.#wake();
    this.#bound.leave(this);
  }

  async #find(key: string, open: () => Promise<BrokerConnection>, signal: AbortSignal): Promise<Shared> {
    for (;;) {
      signal.throwIfAborted();
      if (this.#closed) throw new Error('the app is closed');
      const known = this.#all.get(key);
      if (known && known.connection?.isOpen !== false) return known;
      if (known) this.#drop(key, known);
      const hasRoom = this.#all.size < this.#limits.most || this.dropIdle();
      if (hasRoom && this.#bound.take()) return this.#open(key, open);
      await this.#room(signal);
    }
  }

  #open(key: string, open: () => Promise<BrokerConnection>): Shared {
    const shared: Shared = { connecting: open(), connection: undefined, users: 0, idle: undefined };
    this.#all.set(key, shared);
    shared.connecting.then(
      (connection) => {
        shared.connection = connection;
        if (this.#all.get(key) !== shared) connection.close();
      },
      () => this.#forget(key, shared),
    );
    return shared;
  }

  #rest(key: string, shared: Shared): void {
    if (this.#all.get(key) !== shared) return;
    shared.idle = setTimeout(() => this.#drop(key, shared), this.#limits.idleMs);
    shared.idle.unref();
    if (!this.wakeOne()) this.#bound.wakeOne();
  }

  dropIdle(): boolean {
    const idle = [...this.#all].find(([, { users }]) => users === 0);
    if (idle) this.#drop(...idle);
    return idle !== undefined;
  }

  #drop(key: string, shared: Shared): void {
    clearTimeout(shared.idle);
    shared.connection?.close();
    this.#forget(key, shared);
  }

  #forget(key: string, shared: Shared): void {
    if (this.#all.get(key) === shared) {
      this.#all.delete(key);
      this.#bound.giveBack();
    }
    this.#wake();
  }

  /** Wakes all: they look for themselves who can go on. */
  wakeOne(): boolean {
    const waits = this.#waiting.size > 0;
    this.#wake();
    return waits;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  #room(signal: AbortSignal): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#waiting.add(resolve);
    return unlessAborted(promise, signal).finally(() => this.#waiting.delete(resolve));
  }
}
