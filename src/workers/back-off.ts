// Decides how long to wait before a worker that died is replaced. It only computes; the pool keeps the clock.

/** Times in milliseconds. */
export interface BackOffOptions {
  readonly firstMs: number;
  readonly mostMs: number;
  /** Milliseconds after which a worker counts as well: when it dies later, the count starts anew. */
  readonly wellAfterMs: number;
}

export const defaultBackOff: BackOffOptions = { firstMs: 100, mostMs: 30_000, wellAfterMs: 10_000 };

export interface BackOff {
  /** The milliseconds until the next start: 0 for the first death, then doubling. */
  next(livedMs: number): number;
}

export function createBackOff({ firstMs, mostMs, wellAfterMs }: BackOffOptions = defaultBackOff): BackOff {
  let deaths = 0;
  return {
    next(livedMs) {
      if (livedMs >= wellAfterMs) deaths = 0;
      const delay = deaths === 0 ? 0 : Math.min(mostMs, firstMs * 2 ** (deaths - 1));
      deaths++;
      return delay;
    },
  };
}
