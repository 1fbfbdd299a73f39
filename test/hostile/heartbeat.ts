// A neighbour that asks for something small all the time, and notes how long it had to wait.

/** A request that takes longer counts as lost. */
const PATIENCE_MS = 60_000;

export interface Heartbeat {
  /** Ends it. Rejects when one of its requests failed. */
  stop(): Promise<Waits>;
}

export interface Waits {
  readonly requests: number;
  /** Milliseconds. */
  readonly median: number;
  readonly longest: number;
}

/** Asks `url` again as soon as it is answered, `pauseMs` later. */
export function startHeartbeat(url: string, pauseMs = 5): Heartbeat {
  const waits: number[] = [];
  let over = false;
  const beating = (async () => {
    while (!over) {
      const start = performance.now();
      const response = await fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });
      await response.text();
      if (response.status !== 200) throw new Error(`a neighbour got ${response.status} from ${url}`);
      waits.push(performance.now() - start);
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  })();
  beating.catch(() => {});
  return {
    async stop() {
      over = true;
      await beating;
      const sorted = waits.sort((a, b) => a - b);
      return {
        requests: sorted.length,
        median: sorted[sorted.length >> 1] ?? 0,
        longest: sorted.at(-1) ?? 0,
      };
    },
  };
}
