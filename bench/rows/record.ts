// `record`: what `mayfly up --record` costs a request, beside the same app without it.
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cpuSeconds } from '../../test/support/process-figures.ts';
import { type Row, wants } from '../row.ts';
import { componentFile } from '../support/guests.ts';
import { load } from '../support/load.ts';
import { repository } from '../support/paths.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { median, round, show } from '../support/statistics.ts';

const CONNECTIONS = 32;
const DEFAULT_SECONDS = 3;

/** The ways to record; `{folder}` is a folder of its own for each. */
const ways = [
  { name: 'off', options: [] },
  { name: 'one in a hundred', options: ['--record', '{folder}', '--record-share', '0.01'] },
  { name: 'failures only', options: ['--record', '{folder}', '--record-only', 'failures'] },
  { name: 'all', options: ['--record', '{folder}'] },
] as const;

const guests = ['hello-c', 'hello-js'] as const;

interface Entry {
  readonly guest: string;
  readonly way: string;
  readonly server: RunningServer;
  readonly samples: number[];
}

export const record: Row = {
  name: 'record',
  title: 'CPU time of a request while requests are recorded',
  async run(options) {
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-bench-record-'));
    const entries: Entry[] = [];
    try {
      for (const guest of guests.filter((name) => wants(options, name))) {
        const file = await componentFile(guest);
        for (const { name: way, options: more } of ways) {
          options.say(`record: starting ${guest}, ${way}`);
          const recordings = join(folder, `${guest}-${way.replaceAll(' ', '-')}`);
          const server = await startServer({ command: commandOf(file, more, recordings), path: '/hello' });
          entries.push({ guest, way, server, samples: [] });
        }
      }
      const seconds = options.quick ? 1 : (options.seconds ?? DEFAULT_SECONDS);
      for (let number = 0; number <= options.rounds; number++) {
        options.say(`record: ${number === 0 ? 'warming up' : `round ${number} of ${options.rounds}`}`);
        for (const { server, samples } of entries) {
          const taken = await microseconds(server, options.quick ? 1 : CONNECTIONS, seconds);
          if (number > 0) samples.push(taken);
        }
      }
      return report(entries);
    } finally {
      for (const { server } of entries) await server.stop();
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

function commandOf(file: string, more: readonly string[], folder: string): string[] {
  const mayfly = [process.execPath, '--no-warnings', join(repository, 'bin/mayfly.mjs'), 'up', '-f', file, '-q'];
  return [...mayfly, '--listen', '127.0.0.1:{port}', ...more.map((part) => part.replace('{folder}', folder))];
}

async function microseconds({ pid, url }: RunningServer, connections: number, seconds: number): Promise<number> {
  const before = cpuSeconds(pid);
  const { requests } = await load(`${url}/hello`, connections, seconds);
  return ((cpuSeconds(pid) - before) * 1e6) / requests;
}

function report(entries: readonly Entry[]) {
  const offOf = (guest: string): number =>
    median(entries.find((entry) => entry.guest === guest && entry.way === 'off')?.samples ?? []);
  const rows = entries.map(({ guest, way, samples }) => {
    const taken = median(samples);
    return [guest, way, show(taken), (taken / offOf(guest)).toFixed(2)];
  });
  const figures = Object.fromEntries(
    entries.map(({ guest, way, samples }) => [`${guest}_${way}_us`.replaceAll(/\W+/g, '_'), round(median(samples))]),
  );
  return {
    tables: [{ title: 'record, CPU time a request', columns: ['guest', 'recorded', 'µs', 'of off'], rows }],
    figures,
    notes: [`${CONNECTIONS} connections, in turns; at most 64 requests are recorded at once.`],
  };
}
