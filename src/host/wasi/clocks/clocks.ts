// The clocks of the host as every WASI version sees them. WIT is not known here.

/**
 * Nanoseconds since this process started, so that guests do not learn how long the host has been up. It never goes
 * back.
 */
export function monotonicNow(): bigint {
  return process.hrtime.bigint() - start;
}

/** The same instant in the terms of `process.hrtime.bigint()`, as timers take it. */
export function toHostInstant(instant: bigint): bigint {
  return instant + start;
}

/** The resolution in nanoseconds. */
export const monotonicResolution = 1n;

export interface Datetime {
  readonly seconds: bigint;
  /** The nanoseconds of the second: below 1,000,000,000. */
  readonly nanoseconds: number;
}

export function wallNow(): Datetime {
  const now = Date.now();
  return { seconds: BigInt(Math.floor(now / 1000)), nanoseconds: (now % 1000) * 1_000_000 };
}

/** The smallest difference that Date.now() shows. */
export const wallResolution: Datetime = { seconds: 0n, nanoseconds: 1_000_000 };

const start = process.hrtime.bigint();
