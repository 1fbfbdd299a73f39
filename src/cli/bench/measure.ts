// Measures one URL, or two in turns: the first request apart from the others, then the load, and what it cost where the app is in
// a process of ours.
import { type Cost, costOf } from './cost.ts';
import { Latencies } from './latencies.ts';
import type { Load, LoadResult, Second } from './load.ts';
import type { AppProcess, Generator } from './processes.ts';
import type { Account } from './served-app.ts';

/** How often two servers take turns. */
export const TURNS = 5;
/** Milliseconds that the first request may take. */
const FIRST_MS = 60_000;

export interface Measured {
  readonly url: string;
  /** The component that answers, where that is known. */
  readonly component?: string | undefined;
  /** Microseconds of the first request, on its own; undefined where it had no answer. */
  readonly firstUs: number | undefined;
  readonly load: LoadResult;
  /** Of the load without the first request; undefined for a server that is not in a process of ours. */
  readonly cost?: Cost | undefined;
}

export interface Means {
  readonly generator: Generator;
  /** The process that serves the URL. */
  readonly app?: AppProcess | undefined;
  readonly told?: (second: Second) => void;
  /** Whether somebody has called the measurement off: then no more loads are begun. */
  readonly isInterrupted: () => boolean;
}

export async function measure(load: Load, { generator, app, told }: Means): Promise<Measured> {
  const firstUs = await first(load, generator);
  const before = await app?.account();
  const result = await generator.run(load, told);
  return { url: load.url, firstUs, load: result, cost: await costSince(before, app) };
}

async function costSince(before: Account | undefined, app: AppProcess | undefined): Promise<Cost | undefined> {
  return app && before && costOf(await app.account(), before);
}

async function first(load: Load, generator: Generator): Promise<number | undefined> {
  const alone = { ...load, connections: 1, requests: 1, rate: undefined, milliseconds: FIRST_MS };
  const { requests, latencies } = await generator.run(alone);
  return requests === 0 ? undefined : Latencies.of(latencies).percentile(1);
}

/** Two servers, each asked for a part of the time in turn, so that what disturbs the machine disturbs both. */
export async function measureInTurns(
  loads: readonly [Load, Load],
  { generator, app, told, isInterrupted }: Means,
): Promise<readonly [Measured, Measured]> {
  const firsts = [await first(loads[0], generator), await first(loads[1], generator)] as const;
  const before = await app?.account();
  const parts: [LoadResult[], LoadResult[]] = [[], []];
  for (let turn = 0; turn < TURNS && !isInterrupted(); turn++) {
    for (const side of [0, 1] as const) {
      const { milliseconds, requests, ...load } = loads[side];
      const share = requests === undefined ? {} : { requests: Math.ceil(requests / TURNS) };
      parts[side].push(await generator.run({ ...load, ...share, milliseconds: milliseconds / TURNS }, told));
    }
  }
  const cost = await costSince(before, app);
  const [one, other] = parts.map(joined) as [LoadResult, LoadResult];
  return [
    { url: loads[0].url, firstUs: firsts[0], load: one, cost },
    { url: loads[1].url, firstUs: firsts[1], load: other },
  ];
}

/** Several loads on one server as one. */
function joined(results: readonly LoadResult[]): LoadResult {
  const latencies = new Latencies();
  for (const one of results) latencies.add(one.latencies);
  const sum = (pick: (one: LoadResult) => number): number => results.reduce((all, one) => all + pick(one), 0);
  return {
    requests: sum(({ requests }) => requests),
    milliseconds: sum(({ milliseconds }) => milliseconds),
    bytes: sum(({ bytes }) => bytes),
    statuses: added(results.map(({ statuses }) => statuses)),
    errors: added(results.map(({ errors }) => errors)),
    unsent: sum(({ unsent }) => unsent),
    latencies: latencies.buckets,
    seconds: results.flatMap(({ seconds }) => seconds),
    generatorCpuUs: sum(({ generatorCpuUs }) => generatorCpuUs),
  };
}

function added(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums = new Map<string, number>();
  for (const one of all) for (const [key, count] of Object.entries(one)) sums.set(key, (sums.get(key) ?? 0) + count);
  return Object.fromEntries(sums);
}
