// `cold`: a stored artifact to its first response in a process that is up, and `mayfly up` from its start to listening.
import { stat } from 'node:fs/promises';
import type { ColdConfig, ColdResult } from '../programs/cold.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, type Table, wants } from '../row.ts';
import { componentFile, type HandlerGuest, handlerGuest } from '../support/guests.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { mayfly } from '../support/paths.ts';
import { startUntil } from '../support/start-until.ts';
import { median, round, show } from '../support/statistics.ts';

const WARM_UPS = 10;

interface Loaded {
  readonly guest: HandlerGuest;
  readonly bytes: number;
  readonly results: ColdResult[];
}

export const cold: Row = {
  name: 'cold',
  title: 'Stored artifact to first response',
  async run(options) {
    const guests = await presentGuests(options);
    const starts = new Map(guests.map(({ guest }) => [guest.name, [] as number[]]));
    for (let number = 1; number <= options.rounds; number++) {
      options.say(`cold: round ${number} of ${options.rounds}`);
      for (const { guest, results } of guests) {
        results.push(await measureLoad(guest, options.quick ? 1 : WARM_UPS));
        starts.get(guest.name)?.push(await measureStart(guest.file));
      }
    }
    return report(guests, starts);
  },
};

async function presentGuests(options: BenchOptions): Promise<Loaded[]> {
  const guests = await Promise.all(
    ['compiled', 'javascript'].filter((name) => wants(options, name)).map((name) => handlerGuest(name)),
  );
  const present = guests.filter((guest) => guest !== undefined);
  return Promise.all(present.map(async (guest) => ({ guest, bytes: (await stat(guest.file)).size, results: [] })));
}

async function measureLoad({ file, path, answer }: HandlerGuest, warmUps: number): Promise<ColdResult> {
  const other = { file: await componentFile('counter-c'), path: '/counter' };
  const config: ColdConfig = { other, warmUps, file, path, answer };
  const process = await MeasuredProcess.start<object, ColdResult>('cold', config);
  try {
    return await process.measure({});
  } finally {
    await process.stop();
  }
}

/** Milliseconds until `mayfly up` says where it serves. */
function measureStart(file: string): Promise<number> {
  const command = [process.execPath, mayfly, 'up', '-f', file, '--listen', '127.0.0.1:0'];
  return startUntil(command, /Serving http/);
}

function report(guests: readonly Loaded[], starts: ReadonlyMap<string, readonly number[]>): RowResult {
  const figures: Record<string, Figures> = {};
  const rows = guests.map(({ guest: { name }, bytes, results }) => {
    const of = (pick: (result: ColdResult) => number): number => median(results.map(pick));
    const start = median(starts.get(name) ?? []);
    const [first, load, second, cpu] = [
      of((one) => one.answeredMs),
      of((one) => one.loadedMs),
      of((one) => one.secondMs),
      of((one) => one.cpuMs),
    ];
    figures[name] = {
      bytes,
      first_response_ms: round(first),
      load_ms: round(load),
      cpu_ms: round(cpu),
      up_ms: round(start),
    };
    return [name, show(bytes / 1000), ...[first, load, first - load, second, cpu, start].map(show)];
  });
  const columns = ['', 'kB', 'first response', 'loaded', 'first request', 'second request', 'CPU', 'mayfly up'];
  const table: Table = { title: 'cold, milliseconds', columns, rows };
  const notes = [
    'In a process that is up and has loaded and served another component. The file is in the cache of the system.',
    '`mayfly up` is the whole command, from its start until it says where it serves.',
  ];
  return { tables: [table], figures, notes };
}
