// The clock of guests: how long each request's guest has held the thread, and the watchdog's order to stop it.
// One per process thread, since one guest runs at a time on a thread.
import type { Activity } from '../component/link/instance.ts';
import { noPollPages } from './interrupt/poll-pages.ts';

/** Stops the guest that runs on this thread once its time is up. See interrupt/watchdog.ts. */
export interface Stopper {
  /** The guest that starts now may run for so many milliseconds; `pages` are those that it polls. */
  enter(milliseconds: number, pages: readonly bigint[], now: number): void;
  /** It does not run any more. True when it was stopped. */
  leave(): boolean;
}

/** Milliseconds. */
export interface TimeLimits {
  readonly cpuSliceMs: number;
  readonly cpuMs: number;
  /** From when the timer was made; whoever made it ends a guest that waits so long. */
  readonly wallMs: number;
}

interface Ready {
  readonly timer: Timer;
  readonly go: () => void;
}

interface Running {
  readonly timer: Timer;
  /** The guest that called this one, which goes on when it ends. */
  below: Running | undefined;
}

export class GuestClock {
  readonly #stopper: Stopper | undefined;
  /**
   * The guest that runs. A list, not an array: what was once in an array of the old generation stays reachable there
   * until a major collection, and drags along everything that its request made (measured: 8 µs a request).
   */
  #running: Running | undefined;
  /**
   * Guests whose wait is over. One goes on only when no other runs: between a guest's last instruction and the news of
   * it lie some microtasks, in which a second one would run on the time of the first.
   */
  readonly #ready: Ready[] = [];

  constructor(stopper: Stopper | undefined) {
    this.#stopper = stopper;
  }

  timer(limits: TimeLimits, onSuspend: () => void = () => {}): Timer {
    return new Timer(this, limits, onSuspend);
  }

  /** @internal */
  start(timer: Timer): void {
    const below = this.#running;
    if (below) this.#end(below.timer);
    this.#running = { timer, below };
    this.#begin(timer);
  }

  /** @internal */
  resume(timer: Timer, go: () => void): void {
    if (!this.#running) this.#goOn({ timer, go });
    else if (this.#ready.push({ timer, go }) === 1) setImmediate(this.#nothingRuns);
  }

  /** @internal */
  stop(timer: Timer): void {
    const head = this.#running;
    if (head?.timer !== timer) {
      removeBelow(head, timer);
      return;
    }
    this.#running = head.below;
    this.#end(timer);
    if (head.below) this.#begin(head.below.timer);
    else this.#next();
  }

  #goOn({ timer, go }: Ready): void {
    if (!timer.isOver) {
      this.#running = { timer, below: undefined };
      this.#begin(timer);
    }
    go();
  }

  #next(): void {
    while (!this.#running) {
      const ready = this.#ready.shift();
      if (!ready) return;
      this.#goOn(ready);
    }
  }

  /** A new turn of the event loop, at which no guest can be running: one that counts as such never said that it ended. */
  readonly #nothingRuns = (): void => {
    const head = this.#running;
    this.#running = undefined;
    if (head) this.#end(head.timer);
    this.#next();
    if (this.#ready.length > 0) setImmediate(this.#nothingRuns);
  };

  #begin(timer: Timer): void {
    const now = performance.now();
    timer.startedAt = now;
    this.#stopper?.enter(timer.allowance(now), timer.pollPages, now);
  }

  #end(timer: Timer): void {
    timer.usedMs += performance.now() - timer.startedAt;
    if (this.#stopper?.leave()) timer.stopped = true;
  }
}

function removeBelow(head: Running | undefined, timer: Timer): void {
  for (let one = head; one; one = one.below) if (one.below?.timer === timer) one.below = one.below.below;
}

/** The time of one request. */
export class Timer implements Activity {
  /** Milliseconds in which its guest had the thread, host functions that it called included. */
  usedMs = 0;
  /** The watchdog stopped it. */
  stopped = false;
  /** Its call has returned. */
  isOver = false;
  /** Addresses of the pages that its guest polls, set as soon as there is one. See interrupt/poll-pages.ts. */
  pollPages = noPollPages;
  /** @internal */
  startedAt = 0;
  readonly createdAt: number = performance.now();
  readonly limits: TimeLimits;
  readonly #clock: GuestClock;
  readonly #onSuspend: () => void;

  constructor(clock: GuestClock, limits: TimeLimits, onSuspend: () => void) {
    this.#clock = clock;
    this.limits = limits;
    this.#onSuspend = onSuspend;
  }

  /** Milliseconds that a slice may take that starts now. */
  allowance(now: number): number {
    if (this.stopped) return 0;
    const { cpuSliceMs, cpuMs, wallMs } = this.limits;
    return Math.max(0, Math.min(cpuSliceMs, cpuMs - this.usedMs, wallMs - (now - this.createdAt)));
  }

  /** The limit that a guest met when it was stopped. */
  get limitReached(): 'cpu' | 'wall' | 'cpu_slice' {
    if (this.usedMs >= this.limits.cpuMs) return 'cpu';
    return performance.now() - this.createdAt >= this.limits.wallMs ? 'wall' : 'cpu_slice';
  }

  enter(): void {
    this.isOver = false;
    this.#clock.start(this);
  }

  resume(go: () => void = () => {}): void {
    this.#clock.resume(this, go);
  }

  suspend(): void {
    this.#clock.stop(this);
    this.#onSuspend();
  }

  leave(): void {
    this.isOver = true;
    this.#clock.stop(this);
  }
}
