// The sandboxes of one component: idle ones are kept, a limited number may be busy at once, and requests beyond that
// queue.
import type { CallContext } from '../component/canon/instance.ts';
import { MayflyError, messageOf } from '../errors.ts';
import type { SandboxFactory } from './factory.ts';
import { Gate, type Waiter } from './gate.ts';
import { type IdlePool, type IdleSandboxes, type IdleShare, processIdle } from './idle-sandboxes.ts';
import type { SandboxLimits } from './limits.ts';
import type { GuestActivity, Sandbox } from './sandbox.ts';

/** Milliseconds for which a failure to make a sandbox counts: the next request then tries again. */
const TROUBLE_MS = 10_000;

/** The most idle sandboxes that stay after a burst; each holds the pages that its requests wrote. */
const MOST_IDLE = 64;

interface Waiting {
  readonly context: CallContext;
  readonly activity: GuestActivity | undefined;
  readonly resolve: (sandbox: Sandbox) => void;
  readonly reject: (reason: unknown) => void;
  readonly timer: NodeJS.Timeout;
}

export interface PoolStatistics {
  readonly busy: number;
  readonly idle: number;
  readonly queued: number;
  /** Sandboxes made since the start. */
  readonly made: number;
  readonly discarded: number;
}

export class SandboxPool implements Waiter, IdlePool {
  readonly #factory: SandboxFactory;
  readonly #limits: SandboxLimits;
  readonly #gate: Gate;
  /** The places in the process's gate that one busy sandbox takes. */
  readonly #places: number;
  readonly #reuse: number;
  readonly #idle: Sandbox[] = [];
  readonly #idleShare: IdleShare;
  readonly #queue: Waiting[] = [];
  #busy = 0;
  #made = 0;
  #discarded = 0;
  #closed = false;
  #failure: { readonly reason: string; readonly at: number } | undefined;

  /** `gate` counts the sandboxes of the process; a sandbox serves `reuse` requests before it goes back to its image. */
  constructor(
    factory: SandboxFactory,
    limits: SandboxLimits,
    gate: Gate = new Gate(),
    reuse = 1,
    allIdle: IdleSandboxes = processIdle,
  ) {
    this.#factory = factory;
    this.#limits = limits;
    this.#gate = gate;
    this.#places = Math.max(1, factory.stacks ?? 1);
    this.#reuse = reuse;
    this.#idleShare = allIdle.shareOf(this);
  }

  get kept(): boolean {
    return this.#factory.kept;
  }

  /** Why each request has an instance initialised for it; undefined when sandboxes are kept. */
  get reason(): string | undefined {
    return this.#factory.reason;
  }

  /** Why no request could have a sandbox now, as far as it is known; undefined when all is well. */
  get trouble(): string | undefined {
    if (this.#closed) return 'it was stopped';
    if (this.#failure === undefined || this.#idle.length > 0) return undefined;
    const isOld = performance.now() - this.#failure.at > TROUBLE_MS;
    return isOld ? undefined : `no sandbox can be made: ${this.#failure.reason}`;
  }

  get statistics(): PoolStatistics {
    const { length: idle } = this.#idle;
    return { busy: this.#busy, idle, queued: this.#queue.length, made: this.#made, discarded: this.#discarded };
  }

  /**
   * Gives a sandbox at its image's state, or, where sandboxes are reused, as an earlier request left it: at once when
   * one is idle, else as a promise. Fails with `overloaded`, with `sandbox-exhausted`, and with whatever ends a guest
   * that is initialised for this request, on the time of `activity`.
   */
  acquire(context: CallContext, activity?: GuestActivity): Sandbox | Promise<Sandbox> {
    if (this.#closed) throw stopped();
    if (this.#queue.length === 0 && this.#busy < this.#limits.concurrency && this.#gate.enter(this.#places)) {
      return this.#take(context, activity);
    }
    return this.#wait(context, activity);
  }

  #take(context: CallContext, activity: GuestActivity | undefined): Sandbox {
    this.#busy++;
    try {
      return this.#takeIdle() ?? this.#make(context, activity);
    } catch (error) {
      this.#busy--;
      this.#gate.leave(this.#places);
      throw error;
    }
  }

  #takeIdle(): Sandbox | undefined {
    const sandbox = this.#idle.pop();
    if (sandbox) this.#idleShare.removed();
    return sandbox;
  }

  /** Gives back the idle sandbox that was used longest ago. Whoever calls this counts it. */
  dropIdle(): boolean {
    const sandbox = this.#idle.shift();
    if (sandbox) this.#discard(sandbox, true);
    return sandbox !== undefined;
  }

  #make(context: CallContext, activity: GuestActivity | undefined): Sandbox {
    try {
      const sandbox = this.#factory.make(context, activity);
      this.#made++;
      this.#failure = undefined;
      return sandbox;
    } catch (error) {
      this.#failure = { reason: messageOf(error), at: performance.now() };
      throw error;
    }
  }

  #wait(context: CallContext, activity: GuestActivity | undefined): Promise<Sandbox> {
    const { queueLength, queueMs } = this.#limits;
    if (this.#queue.length >= queueLength) {
      const limit = { name: 'queue_length', value: queueLength };
      throw new MayflyError('overloaded', `Limits reached: ${this.#full()} and queue_length (${queueLength})`, {
        limit,
      });
    }
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const limit = { name: 'queue_time', value: queueMs };
        this.abandon(context, new MayflyError('overloaded', `Limit reached: queue_time (${queueMs} ms)`, { limit }));
      }, queueMs);
      this.#queue.push({ context, activity, resolve, reject, timer });
      this.#gate.wait(this);
    });
  }

  #full(): string {
    const { concurrency } = this.#limits;
    return this.#busy < concurrency ? this.#gate.whyClosed(this.#places) : `concurrency (${concurrency})`;
  }

  /**
   * Says that the request which waits with this context needs no sandbox any more: its `acquire` rejects with `reason`.
   */
  abandon(context: CallContext, reason: Error): void {
    const position = this.#queue.findIndex((waiting) => waiting.context === context);
    const [waiting] = position < 0 ? [] : this.#queue.splice(position, 1);
    if (!waiting) return;
    clearTimeout(waiting.timer);
    waiting.reject(reason);
  }

  /**
   * Takes a sandbox back when its request is over. `healthy` says that the guest returned as it should; only then can
   * the sandbox be reset or reused, and kept, which is what it says. Throws what a verified reset finds.
   */
  release(sandbox: Sandbox, healthy: boolean): boolean {
    this.#busy--;
    let kept = false;
    try {
      kept = healthy && !this.#closed && this.#idle.length < MOST_IDLE && this.#makeReady(sandbox);
    } finally {
      if (kept) {
        this.#idle.push(sandbox);
        this.#idleShare.added();
      } else this.#discard(sandbox);
      this.serve();
      this.#gate.leave(this.#places);
    }
    return kept;
  }

  #makeReady(sandbox: Sandbox): boolean {
    return (this.#reuse > 1 && sandbox.reuse(this.#reuse)) || sandbox.reset();
  }

  #discard(sandbox: Sandbox, isForGood = false): void {
    this.#discarded++;
    sandbox.discard(isForGood);
  }

  /** Gives sandboxes to those who wait, as long as there are any. */
  serve(): void {
    while (this.#queue.length > 0 && this.#busy < this.#limits.concurrency) {
      if (!this.#gate.enter(this.#places)) {
        this.#gate.wait(this);
        return;
      }
      const next = this.#queue.shift() as Waiting;
      clearTimeout(next.timer);
      try {
        next.resolve(this.#take(next.context, next.activity));
      } catch (error) {
        next.reject(error);
      }
    }
  }

  /** Closes the pool; sandboxes in use are discarded when their requests end. */
  close(): void {
    this.#closed = true;
    this.#gate.forget(this);
    while (this.dropIdle()) this.#idleShare.removed();
    for (const { reject, timer } of this.#queue.splice(0)) {
      clearTimeout(timer);
      reject(stopped());
    }
    this.#factory.close();
  }
}

function stopped(): MayflyError {
  return new MayflyError('overloaded', 'The app was stopped');
}
