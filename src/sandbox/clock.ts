// The clock of guests: how long each request's guest has held the thread, and the watchdog's order to stop it.
// One per process thread, since one guest runs at a time on a thread.
import type { Activity } from '../component/link/instance.ts';

/** Stops the guest that runs on this thread once its time is up. See interrupt/watchdog.ts. */
export interface Stopper {
  /** The guest that starts now may run for so many milliseconds. */
  enter(milliseconds: number): void;
  /** It does not run any more. True when it was stopped. */
  leave(): boolean;
}

export interface TimeLimits {
  readonly cpuSliceMs: number;
  readonly cpuMs: number;
}

export class GuestClock {
  readonly #stopper: Stopper | undefined;
  /**
   * Guests that run or go on, the first being the one that has the thread. Guests go on in the order in which what they
   * waited for came, since promise reactions do; so the head is always the one whose code runs.
   */
  readonly #running: Timer[] = [];

  constructor(stopper: Stopper | undefined) {
    this.#stopper = stopper;
  }

  timer(limits: TimeLimits, onSuspend: () => void): Timer {
    return new Timer(this, limits, onSuspend);
  }

  /** @internal */
  start(timer: Timer, now: boolean): void {
    const running = this.#running;
    if (!now) {
      running.push(timer);
      if (running.length === 1) this.#begin(timer);
      return;
    }
    if (running[0]) this.#end(running[0]);
    running.unshift(timer);
    this.#begin(timer);
  }

  /** @internal */
  stop(timer: Timer): void {
    const running = this.#running;
    const position = running.indexOf(timer);
    if (position < 0) return;
    running.splice(position, 1);
    if (position > 0) return;
    this.#end(timer);
    if (running[0]) this.#begin(running[0]);
  }

  #begin(timer: Timer): void {
    timer.startedAt = performance.now();
    this.#stopper?.enter(timer.allowance);
  }

  #end(timer: Timer): void {
    timer.usedMs += performance.now() - timer.startedAt;
    if (this.#stopper?.leave()) timer.stopped = true;
  }
}

/** The time of one request. */
export class Timer implements Activity {
  /** Milliseconds in which its guest had the thread, host functions that it called included. */
  usedMs = 0;
  /** The watchdog stopped it. */
  stopped = false;
  /** @internal */
  startedAt = 0;
  readonly limits: TimeLimits;
  readonly #clock: GuestClock;
  readonly #onSuspend: () => void;

  constructor(clock: GuestClock, limits: TimeLimits, onSuspend: () => void) {
    this.#clock = clock;
    this.limits = limits;
    this.#onSuspend = onSuspend;
  }

  /** Milliseconds that the next slice may take. */
  get allowance(): number {
    return Math.max(0, Math.min(this.limits.cpuSliceMs, this.limits.cpuMs - this.usedMs));
  }

  enter(): void {
    this.#clock.start(this, true);
  }

  resume(): void {
    this.#clock.start(this, false);
  }

  suspend(): void {
    this.#clock.stop(this);
    this.#onSuspend();
  }

  leave(): void {
    this.#clock.stop(this);
  }
}
