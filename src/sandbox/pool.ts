// The sandboxes of one component: idle ones are kept, so many may be busy at once, and requests beyond that queue.
import type { CallContext } from '../component/link/instance.ts';
import { MayflyError } from '../errors.ts';
import type { SandboxFactory } from './factory.ts';
import type { SandboxLimits } from './limits.ts';
import type { Sandbox } from './sandbox.ts';

/** Idle sandboxes that stay after a burst; each holds the pages that its requests wrote. */
const MOST_IDLE = 64;

interface Waiting {
  readonly context: CallContext;
  readonly resolve: (sandbox: Sandbox) => void;
  readonly reject: (reason: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export interface PoolStatistics {
  readonly busy: number;
  readonly idle: number;
  readonly queued: number;
  /** Since the start. */
  readonly made: number;
  readonly discarded: number;
}

export class SandboxPool {
  readonly #factory: SandboxFactory;
  readonly #limits: SandboxLimits;
  readonly #idle: Sandbox[] = [];
  readonly #queue: Waiting[] = [];
  #busy = 0;
  #made = 0;
  #discarded = 0;
  #closed = false;

  constructor(factory: SandboxFactory, limits: SandboxLimits) {
    this.#factory = factory;
    this.#limits = limits;
  }

  get kept(): boolean {
    return this.#factory.kept;
  }

  /** Why each request has an instance initialised for it; undefined when sandboxes are kept. */
  get reason(): string | undefined {
    return this.#factory.reason;
  }

  get statistics(): PoolStatistics {
    const { length: idle } = this.#idle;
    return { busy: this.#busy, idle, queued: this.#queue.length, made: this.#made, discarded: this.#discarded };
  }

  /** A sandbox at its image's state: at once when there is one, else a promise. Rejects with `overloaded`. */
  acquire(context: CallContext): Sandbox | Promise<Sandbox> {
    if (this.#closed) throw new MayflyError('overloaded', 'The app was stopped');
    return this.#busy < this.#limits.concurrency ? this.#take(context) : this.#wait(context);
  }

  #take(context: CallContext): Sandbox {
    const sandbox = this.#idle.pop() ?? this.#make(context);
    this.#busy++;
    return sandbox;
  }

  #make(context: CallContext): Sandbox {
    const sandbox = this.#factory.make(context);
    this.#made++;
    return sandbox;
  }

  #wait(context: CallContext): Promise<Sandbox> {
    const { queueLength, queueMs, concurrency } = this.#limits;
    if (this.#queue.length >= queueLength) {
      throw new MayflyError(
        'overloaded',
        `Limits reached: concurrency (${concurrency}) and queue_length (${queueLength})`,
      );
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        this.#queue.splice(this.#queue.indexOf(waiting), 1);
        reject(new MayflyError('overloaded', `Limit reached: queue_time (${queueMs} ms)`));
      }, queueMs);
      const waiting = { context, resolve, reject, timer };
      this.#queue.push(waiting);
    });
  }

  /** The request is over. `healthy`: its guest returned as it should; only then can the sandbox be reset and kept. */
  release(sandbox: Sandbox, healthy: boolean): void {
    this.#busy--;
    if (healthy && !this.#closed && this.#idle.length < MOST_IDLE && sandbox.reset()) this.#idle.push(sandbox);
    else this.#discard(sandbox);
    this.#serveNext();
  }

  #discard(sandbox: Sandbox): void {
    this.#discarded++;
    sandbox.discard();
  }

  #serveNext(): void {
    const next = this.#queue.shift();
    if (!next) return;
    clearTimeout(next.timer);
    try {
      next.resolve(this.#take(next.context));
    } catch (error) {
      next.reject(error);
    }
  }

  /** Sandboxes in use go when their requests end. */
  close(): void {
    this.#closed = true;
    for (const sandbox of this.#idle.splice(0)) this.#discard(sandbox);
    for (const { reject, timer } of this.#queue.splice(0)) {
      clearTimeout(timer);
      reject(new MayflyError('overloaded', 'The app was stopped'));
    }
    this.#factory.close();
  }
}
