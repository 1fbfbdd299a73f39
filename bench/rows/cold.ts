// `cold`: a stored artifact to its first response in a process that is up, and `mayfly up` from its start to listening;
// each with an empty cache of prepared components, and with one that holds this one.
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ColdConfig, ColdResult } from '../programs/cold.ts';
import { type BenchOptions, type Figures, type Row, type RowResult, type Table, wants } from '../row.ts';
import { componentFile, type HandlerGuest, handlerGuest } from '../support/guests.ts';
import { MeasuredProcess } from '../support/measured-process.ts';
import { packInto } from '../support/packed.ts';
import { mayfly } from '../support/paths.ts';
import { startUntil } from '../support/start-until.ts';
import { median, round, show } from '../support/statistics.ts';

const WARM_UPS = 10;

/** What was measured of one guest, `fresh` with an empty cache, `kept` with one that holds it. */
interface Measured {
  readonly guest: HandlerGuest;
  readonly bytes: number;
  readonly fresh: ColdResult[];
  readonly kept: ColdResult[];
  readonly freshStarts: number[];
  readonly keptStarts: number[];
  /** As `keptStarts`, of the package that people install. */
  readonly packedStarts: number[];
}

export const cold: Row = {
  name: 'cold',
  title: 'Stored artifact to first response',
  async run(options) {
    const measured = await presentGuests(options);
    const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-'));
    try {
      const packed = await packInto(await mkdtemp(join(folder, 'packed-')));
      if (measured[0]) await measureStart(packed, measured[0].guest.file, ['--no-cache']);
      for (let number = 1; number <= options.rounds; number++) {
        options.say(`cold: round ${number} of ${options.rounds}`);
        for (const one of measured) {
          const cache = join(folder, `${one.guest.name}-${number}`);
          const load = (): Promise<ColdResult> => measureLoad(one.guest, options.quick ? 1 : WARM_UPS, cache);
          one.fresh.push(await load());
          one.kept.push(await load());
          one.freshStarts.push(await measureStart(mayfly, one.guest.file, ['--no-cache']));
          one.keptStarts.push(await measureStart(mayfly, one.guest.file, ['--cache-dir', cache]));
          // It prepares components for itself, since its code is other files.
          await measureStart(packed, one.guest.file, ['--cache-dir', cache]);
          one.packedStarts.push(await measureStart(packed, one.guest.file, ['--cache-dir', cache]));
        }
      }
    } finally {
      await rm(folder, { recursive: true });
    }
    return report(measured);
  },
};

async function presentGuests(options: BenchOptions): Promise<Measured[]> {
  const names = ['compiled', 'compiled-100k', 'javascript'].filter((name) => wants(options, name));
  const present = (await Promise.all(names.map(handlerGuest))).filter((guest) => guest !== undefined);
  return Promise.all(
    present.map(async (guest) => {
      const { size } = await stat(guest.file);
      return { guest, bytes: size, fresh: [], kept: [], freshStarts: [], keptStarts: [], packedStarts: [] };
    }),
  );
}

async function measureLoad(guest: HandlerGuest, warmUps: number, cacheDirectory: string): Promise<ColdResult> {
  const { file, path, answer } = guest;
  const other = { file: await componentFile('counter-c'), path: '/counter' };
  const config: ColdConfig = { other, warmUps, file, path, answer, cacheDirectory };
  const process = await MeasuredProcess.start<object, ColdResult>('cold', config);
  try {
    return await process.measure({});
  } finally {
    await process.stop();
  }
}

/** Milliseconds until `mayfly up` says where it serves. */
function measureStart(command: string, file: string, more: readonly string[]): Promise<number> {
  return startUntil([process.execPath, command, 'up', '-f', file, '--listen', '127.0.0.1:0', ...more], /Serving http/);
}

function report(measured: readonly Measured[]): RowResult {
  const figures: Record<string, Figures> = {};
  const rows = measured.flatMap(({ guest: { name }, bytes, fresh, kept, freshStarts, keptStarts, packedStarts }) => {
    const first = rowOf(`${name}, first load`, bytes, fresh, freshStarts);
    const second = rowOf(`${name}, prepared before`, bytes, kept, keptStarts, packedStarts);
    figures[`${name}_fresh`] = first.figures;
    figures[name] = second.figures;
    return [first.row, second.row];
  });
  const columns = [
    '',
    'kB',
    'first response',
    'loaded',
    'first request',
    'second request',
    'CPU',
    'mayfly up',
    'packed',
  ];
  const table: Table = { title: 'cold, milliseconds', columns, rows };
  const notes = [
    'In a process that is up and has loaded and served another component. The file is in the cache of the system.',
    '`mayfly up` is the whole command, from its start until it says where it serves; `packed` is that of the package that people install.',
  ];
  return { tables: [table], figures, notes };
}

function rowOf(
  title: string,
  bytes: number,
  results: readonly ColdResult[],
  starts: readonly number[],
  packed: readonly number[] = [],
): { readonly row: string[]; readonly figures: Figures } {
  const of = (pick: (result: ColdResult) => number): number => median(results.map(pick));
  const [first, load, second, cpu] = [
    of((one) => one.answeredMs),
    of((one) => one.loadedMs),
    of((one) => one.secondMs),
    of((one) => one.cpuMs),
  ];
  const up = median(starts);
  const packedUp = packed.length > 0 ? median(packed) : undefined;
  const numbers = {
    first_response_ms: first,
    load_ms: load,
    cpu_ms: cpu,
    up_ms: up,
    ...(packedUp && { packed_up_ms: packedUp }),
  };
  const figures = Object.fromEntries(Object.entries(numbers).map(([key, value]) => [key, round(value)]));
  return {
    row: [
      title,
      show(bytes / 1000),
      ...[first, load, first - load, second, cpu, up].map(show),
      packedUp === undefined ? '' : show(packedUp),
    ],
    figures: { bytes, ...figures },
  };
}
