// Waits for the points in time of a cron expression, by the clock on the wall. It only keeps the time; what a tick does is
// the caller's.
import type { CronSchedule } from '../../app/cron-expression.ts';

/** The clock and its timers, which tests replace. */
export interface WallClock {
  /** Milliseconds since 1970. */
  now(): number;
  /** Calls back after some milliseconds; returns what takes that back. */
  after(ms: number, call: () => void): () => void;
}

export const wallClock: WallClock = {
  now: Date.now,
  after(ms, call) {
    const timer = setTimeout(call, ms);
    return () => clearTimeout(timer);
  },
};

/**
 * The longest that is waited without a look at the clock: a machine that slept, or whose clock was set, is noticed after
 * that time.
 */
const LONGEST_WAIT_MS = 10_000;

/**
 * Calls `tick` at each point in time. Of several that were missed, since the machine slept or the clock was set forward,
 * one is made up for; after the clock was set back, what comes again ticks again. Returns what ends it.
 */
export function follow(schedule: CronSchedule, tick: () => void, clock: WallClock = wallClock): () => void {
  let seen = clock.now();
  let next = schedule.next(seen);
  let cancel = (): void => {};

  const wait = (): void => {
    const left = next === undefined ? LONGEST_WAIT_MS : next - seen;
    cancel = clock.after(Math.max(0, Math.min(left, LONGEST_WAIT_MS)), look);
  };
  const look = (): void => {
    const now = clock.now();
    if (next !== undefined && now >= next) {
      next = schedule.next(now);
      tick();
    } else if (now < seen) {
      next = schedule.next(now);
    }
    seen = now;
    wait();
  };
  wait();
  return () => cancel();
}
