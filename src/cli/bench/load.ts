// What a load is, and what comes of it: the words between the command and the process that generates it.
import type { Buckets } from './latencies.ts';

export interface Load {
  /** `http:` or `https:`, with its path. */
  readonly url: string;
  readonly connections: number;
  /** Ends the load, whichever comes first. */
  readonly milliseconds: number;
  readonly requests?: number | undefined;
  /** Requests a second; without one each connection asks again as soon as it has its answer. */
  readonly rate?: number | undefined;
  readonly method: string;
  readonly headers: readonly (readonly [name: string, value: string])[];
  readonly body?: string | Uint8Array | undefined;
  /** For a head, and between two pieces of a body. */
  readonly timeoutMs: number;
  /** Whether certificates that nobody signed are taken. */
  readonly insecure?: boolean | undefined;
}

/** What one second of it had. */
export interface Second {
  readonly requests: number;
  readonly failures: number;
  /** Microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly slowest: number;
}

export interface LoadResult {
  /** Those that were answered, with whatever status. */
  readonly requests: number;
  readonly milliseconds: number;
  /** Bytes of bodies. */
  readonly bytes: number;
  readonly statuses: Readonly<Record<string, number>>;
  /** Requests that had no whole answer, by the reason. */
  readonly errors: Readonly<Record<string, number>>;
  /** At a rate: requests that were due and not sent when time was up, since the server was behind. */
  readonly unsent: number;
  readonly latencies: Buckets;
  readonly seconds: readonly Second[];
  /** Microseconds of CPU time that the generator itself took. */
  readonly generatorCpuUs: number;
}

export function failuresOf({ errors, statuses }: Pick<LoadResult, 'errors' | 'statuses'>): number {
  const refused = Object.entries(statuses).filter(([status]) => !/^[23]/.test(status));
  return sumOf(Object.values(errors)) + sumOf(refused.map(([, count]) => count));
}

function sumOf(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}
