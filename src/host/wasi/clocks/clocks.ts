// The clocks of the host as every WASI version sees them. No WIT here.

/** Nanoseconds since this process started: guests do not learn how long the host has been up. Never goes back. */
export function monotonicNow(): bigint {
  return process.hrtime.bigint() - start;
}

/** The same instant in the terms of `process.hrtime.bigint()`, as timers take it. */
export function toHostInstant(instant: bigint): bigint {
  return instant + start;
}

/** In nanoseconds. */
export const monotonicResolution = 1n;

export interface Datetime {
  readonly seconds: bigint;
  /** Below 1,000,000,000. */
  readonly nanoseconds: number;
}

export function wallNow(): Datetime {
  const now = Date.now();
  return { seconds: BigInt(Math.floor(now / 1000)), nanoseconds: (now % 1000) * 1_000_000 };
}

/** What Date.now() can tell apart. */
export const wallResolution: Datetime = { seconds: 0n, nanoseconds: 1_000_000 };

const start = process.hrtime.bigint();
