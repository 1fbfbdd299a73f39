// Whether this version takes more CPU time a request than another one: `node bench/beside.ts <checkout> [manifest or .wasm]
// [--connections 32] [--rounds 14] [--seconds 2]`. Both serve the same app at once, two processes of each, and are loaded in
// turns, in another order each time: what else runs on the machine then meets both alike. One run of the `http` row scatters by
// more than what is to be decided.
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { cpuSeconds } from '../test/support/process-figures.ts';
import { componentFile } from './support/guests.ts';
import { load } from './support/load.ts';
import { repository } from './support/paths.ts';
import { type RunningServer, startServer } from './support/server.ts';
import { median, round } from './support/statistics.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    connections: { type: 'string', default: '32' },
    rounds: { type: 'string', default: '14' },
    seconds: { type: 'string', default: '2' },
  },
});
const [other, app = await componentFile('hello-c')] = positionals;
if (other === undefined) {
  console.error('Usage: node bench/beside.ts <checkout of another version> [manifest or .wasm]');
  process.exit(2);
}

const folders = [resolve(other), repository, resolve(other), repository];
const servers: RunningServer[] = [];
try {
  for (const folder of folders) servers.push(await serve(folder));
  for (const { url } of servers) await load(url, Number(values.connections), 2 * Number(values.seconds));
  const samples: number[][] = folders.map(() => []);
  for (let number = 0; number < Number(values.rounds); number++) {
    for (let place = 0; place < servers.length; place++) {
      const index = (place + number) % servers.length;
      samples[index]?.push(await microseconds(servers[index] as RunningServer));
    }
  }
  const [there, here] = [0, 1].map((first) => median([0, 2].map((more) => median(samples[first + more] ?? []))));
  folders.forEach((folder, index) => {
    console.log(`${folder}: ${samples[index]?.map((sample) => sample.toFixed(1)).join(' ')}`);
  });
  console.log(
    `CPU µs a request: ${round(there ?? 0)} there, ${round(here ?? 0)} here: ${((here ?? 0) / (there ?? 1)).toFixed(3)}`,
  );
} finally {
  for (const server of servers) await server.stop();
}

/** With the Node of the checkout, and its sources. */
function serve(folder: string): Promise<RunningServer> {
  const node = join(folder, 'node_modules/node/bin/node');
  const command = [node, '--no-warnings', join(folder, 'bin/mayfly.mjs'), 'up', '-f', resolve(app), '-q'];
  return startServer({ command: [...command, '--listen', '127.0.0.1:{port}'], folder, path: '/' });
}

async function microseconds({ pid, url }: RunningServer): Promise<number> {
  const before = cpuSeconds(pid);
  const { requests } = await load(url, Number(values.connections), Number(values.seconds));
  return ((cpuSeconds(pid) - before) * 1e6) / requests;
}
