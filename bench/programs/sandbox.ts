// Measures requests to one component in this process: each in a sandbox that was reset, in a fresh one, or in one and
// the same whose reset does not count, which is the guest's own time.
import type { Sandbox } from '../../src/sandbox/sandbox.ts';
import { type InProcess, type InProcessOptions, loadInProcess, request } from '../support/in-process.ts';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';
import { RestoredInstance } from '../support/restored-instance.ts';
import { percentile } from '../support/statistics.ts';

export interface SandboxConfig extends InProcessOptions {
  readonly file: string;
  readonly path: string;
  readonly answer: string;
  /**
   * `reset` is what the product does; the others change what happens after a request, here and not in the product.
   * `kept` does nothing; `restored` puts the instance back off the clock, for guests that cannot be kept.
   */
  readonly reuse: 'reset' | 'fresh' | 'kept' | 'restored';
}

export type SandboxInput =
  | { readonly kind: 'round'; readonly requests: number; readonly milliseconds: number }
  | { readonly kind: 'latencies' };

export interface SandboxRound {
  readonly requests: number;
  /** Microseconds a request. */
  readonly cpuUs: number;
  readonly wallUs: number;
}

export interface Latencies {
  readonly requests: number;
  /** Microseconds, over all rounds but the first, which warms up. */
  readonly p50Us: number;
  readonly p99Us: number;
  readonly p999Us: number;
  readonly maximumUs: number;
}

/** One instance serves so many requests in `kept`: guests that never free what they allocate end some time. */
const KEPT_REQUESTS = 1_000;

/** What is not to be counted, so far. */
const offClock = { cpuUs: 0, wallMs: 0 };
let check = (): void => {};

await serveMeasurements<SandboxConfig, SandboxInput>(async (config) => {
  const loaded = await loadInProcess(config.file, config);
  if (config.reuse === 'fresh') throwEachAway(loaded);
  if (config.reuse === 'kept') keepOne(loaded);
  if (config.reuse === 'restored') restoreOne(loaded);
  const latencies: number[] = [];
  let warm = false;
  return async (input) => {
    if (input.kind === 'latencies') {
      check();
      return summarize(latencies);
    }
    const taken = await round(loaded, config, input, warm ? latencies : undefined);
    warm = true;
    return taken;
  };
});

async function round(
  loaded: InProcess,
  { path, answer }: SandboxConfig,
  { requests, milliseconds }: SandboxInput & { readonly kind: 'round' },
  latencies: number[] | undefined,
): Promise<SandboxRound> {
  const cpu = countedCpuUs();
  const start = performance.now();
  const startCounted = countedMs();
  let before = startCounted;
  let done = 0;
  while (done < requests && performance.now() - start < milliseconds) {
    await request(loaded, path, answer);
    const now = countedMs();
    latencies?.push((now - before) * 1000);
    before = now;
    done++;
  }
  return { requests: done, cpuUs: (countedCpuUs() - cpu) / done, wallUs: ((before - startCounted) * 1000) / done };
}

function countedCpuUs(): number {
  return cpuMicroseconds() - offClock.cpuUs;
}

function countedMs(): number {
  return performance.now() - offClock.wallMs;
}

function throwEachAway({ component: { pool } }: InProcess): void {
  const release = pool.release.bind(pool);
  pool.release = (sandbox) => release(sandbox, false);
}

function keepOne({ component: { pool } }: InProcess): void {
  const acquire = pool.acquire.bind(pool);
  const release = pool.release.bind(pool);
  let kept: ReturnType<typeof acquire> | undefined;
  let served = 0;
  pool.acquire = (context) => (kept ??= acquire(context));
  pool.release = (sandbox) => {
    sandbox.instance.context = undefined;
    if (++served % KEPT_REQUESTS !== 0) return true;
    kept = undefined;
    return release(sandbox, false);
  };
}

function restoreOne({ component: { artifact, pool } }: InProcess): void {
  const acquire = pool.acquire.bind(pool);
  let kept: Sandbox | undefined;
  let restored: RestoredInstance | undefined;
  pool.acquire = (context) => {
    kept ??= acquire(context) as Sandbox;
    restored ??= new RestoredInstance(kept, artifact);
    return kept;
  };
  pool.release = () => {
    const cpu = process.threadCpuUsage();
    const start = performance.now();
    restored?.restore();
    offClock.wallMs += performance.now() - start;
    const { user, system } = process.threadCpuUsage(cpu);
    offClock.cpuUs += user + system;
    return true;
  };
  check = () => restored?.check();
}

function summarize(latencies: readonly number[]): Latencies {
  const sorted = Float64Array.from(latencies).sort();
  return {
    requests: sorted.length,
    p50Us: percentile(sorted, 0.5),
    p99Us: percentile(sorted, 0.99),
    p999Us: percentile(sorted, 0.999),
    maximumUs: percentile(sorted, 1),
  };
}
