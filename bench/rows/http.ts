// `http`: the smallest handlers over sockets, against other servers: the same component file where they run components.

import { cpuSeconds, processState } from '../../test/support/process-figures.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, type Table, wants } from '../row.ts';
import { pinned } from '../support/commands.ts';
import { type Contestant, contestants } from '../support/contestants.ts';
import { generator, type LoadResult, load } from '../support/load.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { median, round, show } from '../support/statistics.ts';

const allConnections = [1, 32, 256];
const DEFAULT_SECONDS = 3;
const WARM_UP_SECONDS = 2;

interface Sample extends LoadResult {
  /** Microseconds a request. */
  readonly cpuUs: number;
  readonly perSecond: number;
}

interface Entry {
  readonly contestant: Contestant;
  readonly server: RunningServer;
  readonly samples: Map<number, Sample[]>;
}

export const http: Row = {
  name: 'http',
  title: 'Hello and counter over sockets',
  async run(options) {
    const { present, missing } = await contestants();
    const entries: Entry[] = [];
    const failures: string[] = [];
    try {
      for (const contestant of present.filter((one) => wants(options, one.server) || wants(options, one.guest))) {
        options.say(`http: starting ${contestant.server} with ${contestant.guest}`);
        const server = await startServer(contestant).catch((error: Error) => failures.push(error.message));
        if (typeof server === 'object') entries.push({ contestant, server, samples: new Map() });
      }
      await measureAll(entries, options);
      return report(entries, [
        `Load from ${generator}${pinned ? '; server and generator on a core each' : '; taskset is missing: no cores of their own'}.`,
        ...missing.map(({ server, why }) => `${server}: missing, ${why}`),
        ...failures.map((failure) => `does not start: ${failure}`),
        ...silent(entries),
      ]);
    } finally {
      for (const { server } of entries) await server.stop();
    }
  },
};

/** jco serve keeps one instance, and one of StarlingMonkey answers once. */
function silent(entries: readonly Entry[]): string[] {
  const none = entries.filter(({ samples }) => [...samples.values()].flat().every(({ requests }) => requests === 0));
  return none.map(({ contestant: { server, guest } }) => `${server} with ${guest}: answered nothing under load`);
}

async function measureAll(entries: readonly Entry[], { rounds, quick, seconds, say }: BenchOptions): Promise<void> {
  const length = quick ? 1 : (seconds ?? DEFAULT_SECONDS);
  const connections = quick ? [1] : allConnections;
  for (const { contestant, server } of entries) {
    say(`http: warming up ${contestant.server} with ${contestant.guest}`);
    await load(server.url + contestant.path, 32, quick ? 1 : WARM_UP_SECONDS);
  }
  for (let number = 1; number <= rounds; number++) {
    for (const count of connections) {
      say(`http: round ${number} of ${rounds}, ${count} connections`);
      for (const entry of entries) await measure(entry, count, length);
    }
  }
}

async function measure({ contestant, server, samples }: Entry, connections: number, seconds: number): Promise<void> {
  const cpu = cpuSeconds(server.pid);
  const taken = await load(server.url + contestant.path, connections, seconds);
  const cpuUs = ((cpuSeconds(server.pid) - cpu) * 1_000_000) / taken.requests;
  const sample = { ...taken, cpuUs, perSecond: taken.requests / taken.seconds };
  samples.set(connections, [...(samples.get(connections) ?? []), sample]);
}

function report(entries: readonly Entry[], notes: readonly string[]): RowResult {
  const figures: Record<string, Record<string, Figures>> = {};
  const tables = new Map<number, string[][]>();
  for (const { contestant, server: process, samples } of entries) {
    const memory = processState(process.pid).peakBytes / 2 ** 20;
    for (const [connections, all] of samples) {
      const one = summary(all);
      const name = `${contestant.server}, ${contestant.guest}`;
      const server = key(contestant.server);
      const before = figures[server]?.[contestant.guest];
      figures[server] = { ...figures[server], [contestant.guest]: { ...before, [`c${connections}`]: one } };
      const cells = [one.rps, one.cpu_us, one.per_cpu_second, one.p50_ms, one.p99_ms, one.errors, memory].map(show);
      tables.set(connections, [
        ...(tables.get(connections) ?? []),
        [name, contestant.isolated ? 'yes' : 'no', ...cells],
      ]);
    }
  }
  return { tables: [...tables].map(([connections, rows]) => table(connections, rows)), figures, notes };
}

function summary(samples: readonly Sample[]) {
  const of = (pick: (sample: Sample) => number): number => round(median(samples.map(pick)));
  return {
    rps: of((one) => one.perSecond),
    cpu_us: of((one) => one.cpuUs),
    per_cpu_second: of((one) => 1_000_000 / one.cpuUs),
    p50_ms: of((one) => one.p50Ms),
    p99_ms: of((one) => one.p99Ms),
    errors: samples.reduce((sum, one) => sum + one.errors, 0),
  };
}

function table(connections: number, rows: readonly (readonly string[])[]): Table {
  const columns = ['', 'isolated', 'requests/s', 'CPU µs', 'per CPU second', 'p50 ms', 'p99 ms', 'errors', 'peak MiB'];
  return { title: `http, ${connections} connection${connections === 1 ? '' : 's'}`, columns, rows };
}

function key(server: string): string {
  return server.split(',')[0]!.replaceAll(/[^a-z]+/g, '_');
}
