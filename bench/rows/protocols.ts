// `protocols`: a small handler over TLS and over HTTP/2, beside Node's own servers, which have no sandbox.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { certificate, key } from '../../src/host/outbound-http/certificate.fixture.ts';
import { cpuSeconds } from '../../test/support/process-figures.ts';
import { accepts } from '../../test/support/servers/free-port.ts';
import { type Figures, type Row, wants } from '../row.ts';
import { onCore, run } from '../support/commands.ts';
import { componentFile } from '../support/guests.ts';
import type { LoadResult } from '../support/load.ts';
import { mayfly, program } from '../support/paths.ts';
import { type RunningServer, startServer } from '../support/server.ts';
import { median, round, show } from '../support/statistics.ts';

const DEFAULT_SECONDS = 3;

interface Protocol {
  readonly name: string;
  /** What Node's own server and the generator call it. */
  readonly kind: 'https' | 'http2' | 'h2c';
  readonly version: 'http1' | 'http2';
  /** 32 requests at once in all. */
  readonly connections: number;
  readonly streams: number;
}

const protocols: readonly Protocol[] = [
  { name: 'HTTP/1.1 over TLS', kind: 'https', version: 'http1', connections: 32, streams: 1 },
  { name: 'HTTP/2 over TLS', kind: 'http2', version: 'http2', connections: 4, streams: 8 },
  { name: 'HTTP/2 without TLS', kind: 'h2c', version: 'http2', connections: 4, streams: 8 },
];

interface Entry {
  readonly protocol: Protocol;
  readonly server: string;
  readonly running: RunningServer;
  readonly samples: (LoadResult & { readonly cpuUs: number })[];
}

export const protocolsRow: Row = {
  name: 'protocols',
  title: 'Hello over TLS and HTTP/2',
  async run(options) {
    const { rounds, quick, seconds, say } = options;
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-bench-'));
    const entries: Entry[] = [];
    try {
      const files = [join(folder, 'tls.crt'), join(folder, 'tls.key')] as const;
      writeFileSync(files[0], certificate);
      writeFileSync(files[1], key);
      for (const protocol of protocols.filter(({ kind }) => wants(options, kind))) {
        for (const [server, command] of await commands(protocol, files)) {
          say(`protocols: starting ${server}, ${protocol.name}`);
          const running = await startServer({ command, path: '/hello', isReady: accepts });
          entries.push({ protocol, server, running, samples: [] });
        }
      }
      const length = quick ? 1 : (seconds ?? DEFAULT_SECONDS);
      for (const entry of entries) await measure(entry, quick ? 1 : 2);
      for (const entry of entries) entry.samples.length = 0;
      for (let number = 1; number <= rounds; number++) {
        say(`protocols: round ${number} of ${rounds}`);
        for (const entry of entries) await measure(entry, length);
      }
    } finally {
      for (const { running } of entries) await running.stop();
      rmSync(folder, { recursive: true });
    }
    return report(entries);
  },
};

async function commands(
  { kind }: Protocol,
  [cert, keyFile]: readonly [string, string],
): Promise<(readonly [string, readonly string[]])[]> {
  const node = [process.execPath, '--no-warnings'];
  const file = await componentFile('hello-c');
  const door = kind === 'h2c' ? ['--http2'] : ['--tls-cert', cert, '--tls-key', keyFile];
  const up = [...node, mayfly, 'up', '--no-cache', '-q', '-f', file, '--listen', '127.0.0.1:{port}', ...door];
  return [
    ["Node's own server, no sandbox", [...node, program('node-protocols'), kind, '{port}', cert, keyFile]],
    ['mayfly up, hello-c', up],
  ];
}

async function measure({ protocol, running, samples }: Entry, seconds: number): Promise<void> {
  const { kind, version, connections, streams } = protocol;
  const url = `${kind === 'h2c' ? 'http' : 'https'}://${new URL(running.url).host}/hello`;
  const script = [process.execPath, '--no-warnings', program('load-protocol'), url, version];
  const [command, ...rest] = onCore('client', [...script, `${connections}`, `${streams}`, `${seconds}`]);
  const before = cpuSeconds(running.pid);
  const result = JSON.parse((await run(command, rest)).stdout) as LoadResult;
  samples.push({ ...result, cpuUs: ((cpuSeconds(running.pid) - before) * 1_000_000) / result.requests });
}

function report(entries: readonly Entry[]): Awaited<ReturnType<Row['run']>> {
  const figures: Record<string, Record<string, Figures>> = {};
  const rows = entries.map(({ protocol, server, samples }) => {
    const of = (pick: (sample: Entry['samples'][number]) => number): number => round(median(samples.map(pick)));
    const one = {
      rps: of(({ requests, seconds }) => requests / seconds),
      cpu_us: of(({ cpuUs }) => cpuUs),
      p50_ms: of(({ p50Ms }) => p50Ms),
      p99_ms: of(({ p99Ms }) => p99Ms),
      errors: samples.reduce((sum, { errors }) => sum + errors, 0),
    };
    const name = server.startsWith('mayfly') ? 'mayfly' : 'node';
    figures[protocol.kind] = { ...figures[protocol.kind], [name]: one };
    return [`${protocol.name}, ${server}`, ...Object.values(one).map(show)];
  });
  const columns = ['', 'requests/s', 'CPU µs', 'p50 ms', 'p99 ms', 'errors'];
  const notes = [
    '32 requests at once: 32 connections of HTTP/1.1, 4 of HTTP/2 with 8 streams each.',
    'The generator is a client of Node on a core of its own, which is the slower side: look at the CPU time.',
  ];
  return { tables: [{ title: 'protocols, 32 requests at once', columns, rows }], figures, notes };
}
