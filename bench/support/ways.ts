// The same guests served in several ways, loaded in turns: what each way costs a request, beside the first.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds } from '../../test/support/process-figures.ts';
import { type Row, type RowResult, wants } from '../row.ts';
import { componentFile } from './guests.ts';
import { load } from './load.ts';
import { repository } from './paths.ts';
import { type RunningServer, startServer } from './server.ts';
import { median, round, show } from './statistics.ts';

const CONNECTIONS = 32;
const DEFAULT_SECONDS = 3;
const guests = ['hello-c', 'hello-js'] as const;

export interface Way {
  readonly name: string;
  /** Options of `mayfly up`; `{folder}` is a folder of its own for each. */
  readonly options: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
}

export interface WaysRow {
  readonly name: string;
  readonly title: string;
  /** The column of the ways. */
  readonly column: string;
  /** The others are compared with the first. */
  readonly ways: readonly Way[];
  readonly notes: readonly string[];
}

interface Entry {
  readonly guest: string;
  readonly way: string;
  readonly server: RunningServer;
  readonly samples: number[];
}

/** Makes a row of the benchmark: CPU time of a request of each guest in each way. */
export function rowOfWays(row: WaysRow): Row {
  return {
    name: row.name,
    title: row.title,
    async run(options) {
      const folder = mkdtempSync(join(tmpdir(), `mayfly-bench-${row.name}-`));
      const entries: Entry[] = [];
      try {
        for (const guest of guests.filter((name) => wants(options, name))) {
          const file = await componentFile(guest);
          for (const { name: way, options: more, environment = {} } of row.ways) {
            options.say(`${row.name}: starting ${guest}, ${way}`);
            const command = commandOf(file, more, join(folder, `${guest}-${way.replaceAll(' ', '-')}`));
            entries.push({
              guest,
              way,
              server: await startServer({ command, environment, path: '/hello' }),
              samples: [],
            });
          }
        }
        const seconds = options.quick ? 1 : (options.seconds ?? DEFAULT_SECONDS);
        for (let number = 0; number <= options.rounds; number++) {
          options.say(`${row.name}: ${number === 0 ? 'warming up' : `round ${number} of ${options.rounds}`}`);
          for (const { server, samples } of entries) {
            const taken = await microseconds(server, options.quick ? 1 : CONNECTIONS, seconds);
            if (number > 0) samples.push(taken);
          }
        }
        return report(row, entries);
      } finally {
        for (const { server } of entries) await server.stop();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

function commandOf(file: string, more: readonly string[], folder: string): string[] {
  const mayfly = [process.execPath, '--no-warnings', join(repository, 'bin/mayfly.mjs'), 'up', '-f', file, '-q'];
  return [...mayfly, '--listen', '127.0.0.1:{port}', ...more.map((part) => part.replace('{folder}', folder))];
}

async function microseconds({ pid, url }: RunningServer, connections: number, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  const { requests } = await load(`${url}/hello`, connections, seconds);
  return ((cpuSeconds(pid) - before) * 1e6) / requests;
}

function report({ name, column, ways, notes }: WaysRow, entries: readonly Entry[]): RowResult {
  const firstOf = (guest: string): number =>
    median(entries.find((entry) => entry.guest === guest && entry.way === ways[0]?.name)?.samples ?? []);
  const rows = entries.map(({ guest, way, samples }) => {
    const taken = median(samples);
    return [guest, way, show(taken), (taken / firstOf(guest)).toFixed(2)];
  });
  const figures = Object.fromEntries(
    entries.map(({ guest, way, samples }) => [`${guest}_${way}_us`.replaceAll(/\W+/g, '_'), round(median(samples))]),
  );
  return {
    tables: [{ title: `${name}, CPU time a request`, columns: ['guest', column, 'µs', `of ${ways[0]?.name}`], rows }],
    figures,
    notes: [`${CONNECTIONS} connections, in turns.`, ...notes],
  };
}
