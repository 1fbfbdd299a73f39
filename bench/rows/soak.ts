// `soak`: minutes of mixed load, a good part of it hostile, while the server's memory, descriptors and mappings are
// watched: nothing may grow for as long as it runs.
import { setTimeout as pause } from 'node:timers/promises';
import { type ProcessState, processState } from '../../test/support/process-figures.ts';
import type { Row, RowResult } from '../row.ts';
import { soakApp } from '../support/apps.ts';
import { onCore, run } from '../support/commands.ts';
import { mayfly, program } from '../support/paths.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { median, round, show } from '../support/statistics.ts';

const DEFAULT_SECONDS = 600;
const SAMPLES = 60;
/** Requests that wait when the load ends are over after this. */
const SETTLE_MS = 7_000;

interface Sample extends ProcessState {
  readonly seconds: number;
}

type Counts = Readonly<Record<string, { readonly good: number; readonly bad: number; readonly example?: string }>>;
type Watched = 'residentBytes' | 'files' | 'mappings' | 'threads';

/** What may be added from the second quarter of the time to the last one and still count as flat. */
const tolerance: Readonly<Record<Watched, { readonly share: number; readonly absolute: number }>> = {
  residentBytes: { share: 0.05, absolute: 16 * 2 ** 20 },
  files: { share: 0, absolute: 2 },
  mappings: { share: 0.05, absolute: 50 },
  threads: { share: 0, absolute: 1 },
};

export const soak: Row = {
  name: 'soak',
  title: 'Mixed load with traps, disconnects, growth and runaways',
  async run({ quick, seconds: wanted, say }) {
    const seconds = quick ? 2 : (wanted ?? DEFAULT_SECONDS);
    const command = [process.execPath, '--no-warnings', mayfly, 'up', '--no-cache', '-q', '-f', await soakApp()];
    const server = await startServer({ command: [...command, '--listen', '127.0.0.1:{port}'], path: '/hello' });
    try {
      say(`soak: ${seconds} s`);
      const watching = watch(server, seconds, say);
      const [loader, ...args] = onCore('client', [process.execPath, program('soak-load'), server.url, `${seconds}`]);
      const counts = JSON.parse((await run(loader, args)).stdout) as Counts;
      const samples = await watching;
      await pause(quick ? 0 : SETTLE_MS);
      return report(counts, samples, processState(server.pid), seconds);
    } finally {
      await server.stop();
    }
  },
};

async function watch(server: RunningServer, seconds: number, say: (text: string) => void): Promise<Sample[]> {
  const samples: Sample[] = [];
  const start = performance.now();
  for (let number = 1; number <= SAMPLES; number++) {
    await pause(Math.max(0, start + (number * seconds * 1000) / SAMPLES - performance.now()));
    const sample = { ...processState(server.pid), seconds: Math.round((performance.now() - start) / 1000) };
    samples.push(sample);
    if (number % 10 === 0) say(`soak: ${sample.seconds} s, ${round(sample.residentBytes / 2 ** 20)} MiB`);
  }
  return samples;
}

function report(counts: Counts, samples: readonly Sample[], after: ProcessState, seconds: number): RowResult {
  const names = Object.keys(tolerance) as Watched[];
  const growth = Object.fromEntries(names.map((name) => [name, growthOf(samples, name)]));
  const flat = names.every((name) => growth[name]?.flat);
  const shown = samples.filter((_, at) => at % (SAMPLES / 12) === SAMPLES / 12 - 1);
  const rows = [...shown, { ...after, seconds: -1 }].map((one) => [
    one.seconds < 0 ? 'load over' : `${one.seconds} s`,
    ...[one.residentBytes / 2 ** 20, one.descriptors, one.files, one.mappings, one.threads].map(show),
  ]);
  const kinds = Object.entries(counts).map(([name, { good, bad }]) => [
    name,
    ...[good, bad].map((n) => n.toLocaleString('en')),
  ]);
  const notes = names.map((name) => {
    const { early, late, flat: isFlat } = growth[name] as Growth;
    const [from, to] = name === 'residentBytes' ? [early / 2 ** 20, late / 2 ** 20] : [early, late];
    return `${name}: ${show(from)} in the second quarter, ${show(to)} in the last: ${isFlat ? 'flat' : 'not flat'}`;
  });
  for (const [name, { example }] of Object.entries(counts))
    if (example) notes.push(`${name}, first failure: ${example}`);
  return {
    tables: [
      {
        title: `soak, ${seconds} s: the server`,
        columns: ['', 'MiB', 'descriptors', 'no sockets', 'mappings', 'threads'],
        rows,
      },
      { title: 'soak, requests', columns: ['', 'as they should', 'not'], rows: kinds },
    ],
    figures: {
      seconds,
      flat,
      requests: Object.values(counts).reduce((sum, { good, bad }) => sum + good + bad, 0),
      failed: Object.values(counts).reduce((sum, { bad }) => sum + bad, 0),
      peak_mib: round(after.peakBytes / 2 ** 20),
      ...Object.fromEntries(names.map((name) => [name, { ...(growth[name] as Growth) }])),
    },
    notes,
  };
}

interface Growth {
  /** Medians of the second and of the last quarter. */
  readonly early: number;
  readonly late: number;
  readonly flat: boolean;
}

function growthOf(samples: readonly Sample[], name: Watched): Growth {
  const quarter = samples.length / 4;
  const of = (from: number): number => median(samples.slice(from, from + quarter).map((sample) => sample[name]));
  const [early, late] = [of(quarter), of(3 * quarter)];
  const { share, absolute } = tolerance[name];
  return { early, late, flat: late - early <= Math.max(absolute, early * share) };
}
