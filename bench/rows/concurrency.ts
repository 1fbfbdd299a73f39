// `concurrency`: requests that all wait on an outbound call at the same time, in one process.
import { readFileSync } from 'node:fs';
import { processState } from '../../test/support/process-figures.ts';
import type { Figures, Row, RowResult } from '../row.ts';
import { fetchApp } from '../support/apps.ts';
import { run } from '../support/commands.ts';
import { mayfly, program } from '../support/paths.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { round, show } from '../support/statistics.ts';

const REQUESTS = 10_000;
const WAIT_MS = 5_000;
/** What a process needs beside the sockets of requests. */
const OTHER_DESCRIPTORS = 200;

interface Outcome {
  readonly connected: number;
  readonly answered: number;
  readonly seconds: number;
  readonly reasons: Readonly<Record<string, number>>;
  readonly peakBytes: number;
  readonly mappings: number;
}

export const concurrency: Row = {
  name: 'concurrency',
  title: 'Requests that wait at the same time',
  async run({ quick, say }) {
    const node = [process.execPath, '--no-warnings'];
    const manifest = await fetchApp();
    const slow = await startServer({ command: [...node, program('node-server'), '{port}'], path: '/' });
    try {
      const target = encodeURIComponent(`${slow.url}/slow?ms=${quick ? 100 : WAIT_MS}`);
      const path = `/fetch?url=${target}`;
      const wanted = quick ? 50 : REQUESTS;
      const fitting = Math.min(wanted, Math.floor((descriptorLimit() - OTHER_DESCRIPTORS) / 2));
      say(`concurrency: ${fitting} over sockets`);
      const server = await startServer({
        command: [...node, mayfly, 'up', '--no-cache', '-q', '-f', manifest, '--listen', '127.0.0.1:{port}'],
        path: `/fetch?url=${encodeURIComponent(`${slow.url}/`)}`,
      });
      const overSockets = await measureServer(server, path, fitting);
      say(`concurrency: ${wanted} in process`);
      const inProcess = await runJson<Outcome>('waiting-library', [manifest, path, `${wanted}`]);
      return report({ overSockets, inProcess }, { wanted, fitting });
    } finally {
      await slow.stop();
    }
  },
};

async function measureServer(server: RunningServer, path: string, count: number): Promise<Outcome> {
  try {
    const outcome = await runJson<Outcome>('waiting-clients', [server.url + path, `${count}`]);
    const { peakBytes, mappings } = processState(server.pid);
    return { ...outcome, peakBytes, mappings };
  } finally {
    await server.stop();
  }
}

async function runJson<Result>(name: string, args: readonly string[]): Promise<Result> {
  const { stdout } = await run(process.execPath, ['--no-warnings', program(name), ...args]);
  return JSON.parse(stdout) as Result;
}

function descriptorLimit(): number {
  return Number(/^Max open files\s+\d+\s+(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8'))?.[1] ?? 1024);
}

function report(
  outcomes: Readonly<Record<'overSockets' | 'inProcess', Outcome>>,
  { wanted, fitting }: { readonly wanted: number; readonly fitting: number },
): RowResult {
  const rows = Object.entries(outcomes).map(([name, { connected, answered, seconds, peakBytes, mappings }]) => [
    name === 'inProcess' ? 'in process' : 'over sockets',
    ...[connected, answered].map((count) => count.toLocaleString('en')),
    ...[seconds, peakBytes / 2 ** 20, peakBytes / 1024 / connected].map(show),
    mappings.toLocaleString('en'),
  ]);
  const notes = [`Each request calls a server that answers after ${WAIT_MS / 1000} s; all are sent at once.`];
  if (fitting < wanted)
    notes.push(
      `This machine lets a process have ${descriptorLimit()} descriptors, and a request over a socket needs two.`,
    );
  for (const [name, { reasons }] of Object.entries(outcomes)) {
    for (const [reason, count] of Object.entries(reasons)) notes.push(`${name}: ${count} × ${reason}`);
  }
  const columns = ['', 'requests', 'answered', 'seconds', 'peak MiB', 'KiB a request', 'mappings'];
  return {
    tables: [{ title: 'concurrency', columns, rows }],
    figures: { sockets: figures(outcomes.overSockets), in_process: figures(outcomes.inProcess) },
    notes,
  };
}

function figures({ connected, answered, seconds, peakBytes, mappings }: Outcome): Figures {
  return { requests: connected, answered, seconds: round(seconds), peak_mib: round(peakBytes / 2 ** 20), mappings };
}
