// `first`: the first seconds of a fresh process, second by second, under load from the moment when it answers.
import type { Second } from '../../src/cli/bench/load.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, type Table, wants } from '../row.ts';
import { pinned } from '../support/commands.ts';
import { type Contestant, firstSecondContestants } from '../support/contestants.ts';
import { loadBySecond } from '../support/load.ts';
import { startServer } from '../support/server.ts';
import { median, round, show } from '../support/statistics.ts';

const CONNECTIONS = 32;
const DEFAULT_SECONDS = 15;
/** The seconds that the table shows. */
const SHOWN = [1, 2, 3, 5, 8, 15];

interface Entry {
  readonly contestant: Contestant;
  /** Each round's seconds. */
  readonly rounds: (readonly Second[])[];
}

export const first: Row = {
  name: 'first',
  title: 'The first seconds of a fresh process',
  async run(options) {
    const { present, missing } = await firstSecondContestants(options.spin);
    const entries: Entry[] = present
      .filter((one) => wants(options, one.server) || wants(options, one.guest))
      .map((contestant) => ({ contestant, rounds: [] }));
    const failures = new Set<string>();
    // What is compiled ahead, and the caches of the system, are there before.
    for (const one of entries) await once(one, 1, options, failures, false);
    for (let number = 1; number <= options.rounds; number++) {
      options.say(`first: round ${number} of ${options.rounds}`);
      for (const one of entries) {
        await once(one, options.quick ? 2 : (options.seconds ?? DEFAULT_SECONDS), options, failures);
      }
    }
    return report(entries, [
      `${CONNECTIONS} connections from the moment when the process answers its first request, with a cache of prepared components.`,
      pinned ? 'Server and generator on a core each.' : 'taskset is missing: no cores of their own.',
      ...missing.map(({ server, why }) => `${server}: missing, ${why}`),
      ...failures,
    ]);
  },
};

async function once(
  { contestant, rounds }: Entry,
  seconds: number,
  { say }: BenchOptions,
  failures: Set<string>,
  isCounted = true,
): Promise<void> {
  say(`first: ${contestant.server} with ${contestant.guest}`);
  try {
    const server = await startServer(contestant);
    try {
      const result = await loadBySecond(server.url + contestant.path, CONNECTIONS, seconds);
      if (isCounted) rounds.push(result.seconds);
    } finally {
      await server.stop();
    }
  } catch (error) {
    failures.add(`${contestant.server}: ${(error as Error).message}`);
  }
}

function report(entries: readonly Entry[], notes: readonly string[]): RowResult {
  const figures: Record<string, Figures> = {};
  const tables: Table[] = [];
  for (const guest of new Set(entries.map(({ contestant }) => contestant.guest))) {
    const rows: string[][] = [];
    for (const { contestant, rounds } of entries.filter((one) => one.contestant.guest === guest)) {
      const length = Math.min(...rounds.map((seconds) => seconds.length));
      if (!Number.isFinite(length)) continue;
      const of = (at: number, pick: (second: Second) => number): number =>
        round(median(rounds.map((seconds) => pick(seconds[at] as Second))));
      const seconds = Array.from({ length }, (_, at) => ({
        requests: of(at, (one) => one.requests),
        p50_ms: of(at, (one) => one.p50 / 1000),
        p99_ms: of(at, (one) => one.p99 / 1000),
        slowest_ms: of(at, (one) => one.slowest / 1000),
        failures: of(at, (one) => one.failures),
      }));
      figures[`${contestant.server}, ${guest}`] = { seconds };
      const cell = (at: number): string => {
        const second = seconds[at - 1];
        return second ? `${show(second.p99_ms)} (${show(second.slowest_ms)}; ${show(second.requests)})` : '';
      };
      rows.push([contestant.server, ...SHOWN.map(cell)]);
    }
    const title = `first, ${guest}: 99th percentile in milliseconds by second (slowest; requests)`;
    tables.push({ title, columns: ['', ...SHOWN.map((at) => `${at}`)], rows });
  }
  return { tables, figures, notes };
}
