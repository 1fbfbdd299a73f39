// `streams`: bytes through an echo that streams, for each second of CPU time of the server.

import { cpuSeconds, processState } from '../../test/support/process-figures.ts';
import { type BenchOptions, type Row, type RowResult, wants } from '../row.ts';
import { onCore, run } from '../support/commands.ts';
import { componentFile } from '../support/guests.ts';
import { mayfly, program } from '../support/paths.ts';
import { wasmtime } from '../support/peers.ts';
import { type RunningServer, type ServerCommand, startServer } from '../support/server.ts';
import { median, round, show } from '../support/statistics.ts';

const BYTES = 512 * 2 ** 20;
const WARM_UP_BYTES = 64 * 2 ** 20;

interface Contestant extends ServerCommand {
  readonly name: string;
}

interface Sample {
  readonly bytesPerCpuSecond: number;
  readonly bytesPerSecond: number;
}

export const streams: Row = {
  name: 'streams',
  title: 'A large body streamed back',
  async run(options) {
    const { quick, rounds, say } = options;
    const servers = new Map<Contestant, RunningServer>();
    const samples = new Map<Contestant, Sample[]>();
    try {
      for (const one of await contestants(options)) servers.set(one, await startServer(one));
      for (const server of servers.values()) await echo(server, quick ? 2 ** 20 : WARM_UP_BYTES);
      for (let number = 1; number <= rounds; number++) {
        say(`streams: round ${number} of ${rounds}`);
        for (const [one, server] of servers) {
          const sample = await echo(server, quick ? 2 ** 20 : BYTES);
          samples.set(one, [...(samples.get(one) ?? []), sample]);
        }
      }
      return report(servers, samples);
    } finally {
      for (const server of servers.values()) await server.stop();
    }
  },
};

/** `mayfly 0.3` reads and writes 64 KiB at once as `mayfly 0.2` does, through streams of the component model. */
async function contestants(options: BenchOptions): Promise<Contestant[]> {
  const node = [process.execPath, '--no-warnings'];
  const guests = { '0.2': await componentFile('echo-c'), '0.3': await componentFile('echo-p3') };
  const all = [{ name: 'node:http', command: [...node, program('node-server'), '{port}'], path: '/' }];
  for (const [version, file] of Object.entries(guests)) {
    const command = [...node, mayfly, 'up', '--no-cache', '-q', '-f', file, '--listen', '127.0.0.1:{port}'];
    all.push({ name: `mayfly ${version}`, command, path: '/' });
  }
  const other = wasmtime();
  for (const [version, file] of other ? Object.entries(guests) : []) {
    const flags = version === '0.3' ? ['-Scli,p3', '-Wcomponent-model-async'] : ['-Scli'];
    const command = [other as string, 'serve', ...flags, '--addr', '127.0.0.1:{port}', file];
    all.push({ name: `wasmtime ${version}`, command, path: '/' });
  }
  return all.filter(({ name }) => wants(options, name));
}

async function echo({ pid, url }: RunningServer, bytes: number): Promise<Sample> {
  const cpu = cpuSeconds(pid);
  const [command, ...args] = onCore('client', [
    process.execPath,
    '--no-warnings',
    program('upload'),
    `${url}/echo`,
    `${bytes}`,
  ]);
  const { received, seconds } = JSON.parse((await run(command, args)).stdout) as { received: number; seconds: number };
  if (received !== bytes) throw new Error(`Of ${bytes} bytes, ${received} came back`);
  return { bytesPerCpuSecond: bytes / (cpuSeconds(pid) - cpu), bytesPerSecond: bytes / seconds };
}

function report(
  servers: ReadonlyMap<Contestant, RunningServer>,
  samples: ReadonlyMap<Contestant, readonly Sample[]>,
): RowResult {
  const results = [...servers].map(([one, { pid }]) => {
    const of = (pick: (sample: Sample) => number): number => median((samples.get(one) ?? []).map(pick)) / 2 ** 20;
    const peak = processState(pid).peakBytes / 2 ** 20;
    return {
      name: one.name,
      perCpuSecond: of((s) => s.bytesPerCpuSecond),
      perSecond: of((s) => s.bytesPerSecond),
      peak,
    };
  });
  const bare = results.find(({ name }) => name === 'node:http')?.perCpuSecond ?? Number.NaN;
  const rows = results.map(({ name, perCpuSecond, perSecond, peak }) => [
    name,
    ...[perCpuSecond, perSecond, perCpuSecond / bare, peak].map(show),
  ]);
  const figures = results.map(({ name, perCpuSecond, perSecond, peak }) => {
    const values = {
      mib_per_cpu_second: perCpuSecond,
      mib_per_second: perSecond,
      of_node: perCpuSecond / bare,
      peak_mib: peak,
    };
    return [
      name.replaceAll(/\W/g, '_'),
      Object.fromEntries(Object.entries(values).map(([key, value]) => [key, round(value)])),
    ];
  });
  const columns = ['', 'MiB per CPU second', 'MiB per second', 'of node:http', 'peak MiB'];
  const notes = wasmtime() ? [] : ['wasmtime: missing, install it with --install-peers'];
  return { tables: [{ title: 'streams, /echo', columns, rows }], figures: Object.fromEntries(figures), notes };
}
