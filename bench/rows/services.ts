// `services`: operations of host services from a guest, in a fresh sandbox for each request, against the same ones from plain
// Node. With one operation a request the sandbox counts in full, with many it is the service that is left.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ServicesInput, ServicesRound } from '../programs/services-guest.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, type Table, wants } from '../row.ts';
import { componentFile } from '../support/guests.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { fillDatabase, fillStore, labels, type Operation, operations } from '../support/service-operations.ts';
import { startServers } from '../support/service-servers.ts';
import { median, round, show } from '../support/statistics.ts';

const MANY = 100;
const DEFAULT_SECONDS = 1;
const QUICK_MS = 50;

/** The ways in which an operation is called, which take turns. */
const ways = { node: 1, one: 1, many: MANY } as const;
type Way = keyof typeof ways;
type Side = MeasuredProcess<ServicesInput, ServicesRound>;

interface Taken {
  readonly operation: Operation;
  readonly rounds: Readonly<Record<Way, ServicesRound[]>>;
}

export const services: Row = {
  name: 'services',
  title: 'Operations of host services against plain Node',
  async run(options) {
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-services-'));
    const missing = new Map<Operation, string>();
    const sides: Side[] = [];
    const wanted = operations.filter((operation) => wants(options, operation));
    const servers = await startServers(wanted, missing);
    try {
      const file = await componentFile('repeat-c');
      for (const name of ['guest', 'node'] as const) {
        const own = join(folder, name);
        await mkdir(own);
        fillStore(join(own, 'sqlite_key_value.db'));
        fillDatabase(join(own, 'sqlite_db.db'));
        sides.push(await MeasuredProcess.start(`services-${name}`, { servers: servers.urls, folder: own, file }));
      }
      const [guest, node] = sides as [Side, Side];
      return report(await measureAll(wanted, { node, one: guest, many: guest }, options, missing), missing);
    } finally {
      for (const side of sides) await side.stop();
      await servers.close();
      await rm(folder, { recursive: true });
    }
  },
};

/** What a side cannot do is put into `missing`, with the reason. */
async function measureAll(
  wanted: readonly Operation[],
  sides: Readonly<Record<Way, Side>>,
  options: BenchOptions,
  missing: Map<Operation, string>,
): Promise<Taken[]> {
  const { rounds, quick, seconds = DEFAULT_SECONDS, say } = options;
  const milliseconds = quick ? QUICK_MS : seconds * 1000;
  const all: Taken[] = wanted
    .filter((operation) => !missing.has(operation))
    .map((operation) => ({ operation, rounds: { node: [], one: [], many: [] } }));
  for (let number = 0; number <= rounds; number++) {
    say(`services: ${number === 0 ? 'warming up' : `round ${number} of ${rounds}`}`);
    for (const { operation, rounds: taken } of all) {
      for (const way of Object.keys(ways) as Way[]) {
        if (missing.has(operation)) break;
        const input = { operation, perRequest: ways[way], milliseconds };
        const one = await sides[way].measure(input).catch((error: Error) => missing.set(operation, reasonOf(error)));
        if (number > 0 && 'operations' in one) taken[way].push(one);
      }
    }
  }
  return all.filter(({ operation }) => !missing.has(operation));
}

/** The message of an error that came from another process with its stack. */
function reasonOf({ message }: Error): string {
  return (message.split('\n')[0] ?? '').replace(/^(\w*Error: )+/, '');
}

interface Summary {
  readonly perSecond: number;
  /** Microseconds of CPU time an operation. */
  readonly cpuUs: number;
}

function summary(rounds: readonly ServicesRound[]): Summary {
  return {
    perSecond: median(rounds.map(({ operations: count, wallUs }) => (count * 1_000_000) / wallUs)),
    cpuUs: median(rounds.map(({ operations: count, cpuUs }) => cpuUs / count)),
  };
}

function report(taken: readonly Taken[], missing: ReadonlyMap<Operation, string>): RowResult {
  const figures: Record<string, Figures> = {};
  const rates: string[][] = [];
  const times: string[][] = [];
  for (const { operation, rounds } of taken) {
    const [node, one, many] = [summary(rounds.node), summary(rounds.one), summary(rounds.many)];
    figures[operation.replace('-', '_')] = {
      ...named('node', node),
      ...named('one', one),
      ...named('many', many),
      one_of_node: round(one.perSecond / node.perSecond),
      many_of_node: round(many.perSecond / node.perSecond),
    };
    const of = (share: number): string => share.toFixed(2);
    rates.push([
      labels[operation],
      ...[show(node.perSecond), show(one.perSecond), of(one.perSecond / node.perSecond)],
      ...[show(many.perSecond), of(many.perSecond / node.perSecond)],
    ]);
    times.push([
      labels[operation],
      ...[show(node.cpuUs), show(one.cpuUs), of(node.cpuUs / one.cpuUs), show(many.cpuUs), of(node.cpuUs / many.cpuUs)],
    ]);
  }
  return {
    tables: [table('services, operations per second', rates), table('services, µs of CPU time an operation', times)],
    figures,
    notes: [
      'Ratios say what share of plain Node it is; above 1 it is better than plain Node.',
      'One operation after another. The CPU time of a server is not in it.',
      ...[...missing].map(([operation, why]) => `${labels[operation]}: missing, ${why}`),
    ],
  };
}

function table(title: string, rows: readonly (readonly string[])[]): Table {
  const columns = ['', 'plain Node', '1 a request', 'of Node', `${MANY} a request`, 'of Node'];
  return { title, columns, rows };
}

function named(name: string, { perSecond, cpuUs }: Summary): Figures {
  return { [`${name}_per_second`]: round(perSecond), [`${name}_cpu_us`]: round(cpuUs) };
}
