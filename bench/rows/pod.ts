// `pod`: from the start of a container to its first answer, and its memory then: an image of `mayfly image build` beside a
// plain server of Node in the same image.
import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { guestPath } from '../../test/guests/build.ts';
import {
  type ContainerOptions,
  containersMissing,
  runContainer,
  unpackContainer,
} from '../../test/support/container.ts';
import { processState } from '../../test/support/process-figures.ts';
import { freePort } from '../../test/support/servers/free-port.ts';
import type { Figures, Row } from '../row.ts';
import { repository } from '../support/paths.ts';
import { median, round, show } from '../support/statistics.ts';

const plainServer = `require('node:http').createServer((_, response) => {
  response.setHeader('content-type', 'text/plain');
  response.end('hello');
}).listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
`;

interface Start {
  /** Milliseconds. */
  readonly first: number;
  readonly residentMib: number;
}

export const pod: Row = {
  name: 'pod',
  title: 'From the start of a container to its first answer',
  async run({ rounds, quick, say }) {
    const missing = containersMissing();
    if (missing) return { tables: [], figures: {}, notes: [missing] };
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-bench-pod-'));
    try {
      say('pod: building the image');
      const layout = await buildImage(folder);
      const contestants: Readonly<Record<string, (port: number) => ContainerOptions>> = {
        mayfly: (port) => ({ environment: { SPIN_HTTP_LISTEN_ADDR: `127.0.0.1:${port}` } }),
        'node:http': (port) => ({
          command: ['/usr/local/bin/node', '/plain.cjs'],
          files: { '/plain.cjs': plainServer },
          environment: { PORT: String(port) },
        }),
      };
      const starts = new Map(Object.keys(contestants).map((name): [string, Start[]] => [name, []]));
      for (let round = 0; round < (quick ? 1 : 2 * rounds); round++) {
        for (const [name, options] of Object.entries(contestants)) {
          starts.get(name)?.push(await startOnce(layout, folder, options));
        }
      }
      return report(starts);
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};

async function buildImage(folder: string): Promise<string> {
  const app = join(folder, 'app');
  mkdirSync(app);
  writeFileSync(
    join(app, 'spin.toml'),
    `spin_manifest_version = 2
application.name = "pod"
[[trigger.http]]
route = "/..."
component = { source = "${await guestPath('hello-c')}" }
`,
  );
  const layout = join(folder, 'layout');
  const program = join(repository, 'bin/mayfly.mjs');
  await promisify(execFile)(process.execPath, [program, 'image', 'build', '-f', app, '-o', layout]);
  return layout;
}

async function startOnce(layout: string, folder: string, options: (port: number) => ContainerOptions): Promise<Start> {
  const port = await freePort();
  const unpacked = unpackContainer(layout, 'pod', folder, options(port));
  const start = performance.now();
  const container = runContainer(unpacked);
  while (!(await answers(port))) await delay(1);
  const first = performance.now() - start;
  const { residentBytes } = processState(container.pid());
  await container.stop();
  rmSync(unpacked.bundle, { recursive: true, force: true });
  return { first, residentMib: residentBytes / 2 ** 20 };
}

/** Whether a request is answered with 200. */
function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.on('error', () => resolve(false));
    socket.on('data', (chunk: Buffer) => {
      socket.destroy();
      resolve(chunk.toString('latin1').startsWith('HTTP/1.1 200'));
    });
    socket.write('GET / HTTP/1.1\r\nhost: pod\r\nconnection: close\r\n\r\n');
  });
}

function report(starts: ReadonlyMap<string, readonly Start[]>): Awaited<ReturnType<Row['run']>> {
  const figures: Record<string, Figures> = {};
  const rows = [...starts].map(([name, all]) => {
    const [first, memory] = [median(all.map((one) => one.first)), median(all.map((one) => one.residentMib))];
    figures[name.replace(/\W/g, '_')] = { first_ms: round(first), resident_mib: round(memory) };
    return [name, show(first), show(memory)];
  });
  const ours = figures.mayfly?.first_ms;
  const plain = figures.node_http?.first_ms;
  figures.ratio = { first: round(Number(ours) / Number(plain)) };
  return {
    tables: [{ title: 'pod', columns: ['', 'first answer, ms', 'memory then, MiB'], rows }],
    figures,
    notes: [`crun, in turns; ours takes ${figures.ratio.first} times the time of the plain server`],
  };
}
