// `websocket`: what thousands of WebSockets cost that wait, and what a message costs.
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { WebSocket } from 'ws';
import { guestPath } from '../../test/guests/build.ts';
import { cpuSeconds, processState } from '../../test/support/process-figures.ts';
import { type Row, type RowResult, wants } from '../row.ts';
import { mayfly } from '../support/paths.ts';
import { startServer } from '../support/server.ts';
import { round, show } from '../support/statistics.ts';

const CONNECTIONS = 10_000;
/** Connections that are opened at once: a handshake takes a sandbox each. */
const AT_ONCE = 100;
/** Connections that send, each its next message when the last has come back. */
const TALKERS = 32;
const SECONDS = 10;
/** Milliseconds after which a server is at rest. */
const REST_MS = 5_000;

const program = `export default { websocket: { message(connection, data) { connection.send(data); } } };`;

interface Outcome {
  readonly connections: number;
  readonly addedBytes: number;
  readonly openCpuMs: number;
  readonly messagesPerSecond: number;
  readonly cpuMs: number;
}

export const websocket: Row = {
  name: 'websocket',
  title: 'WebSockets: thousands that wait, and messages in sandboxes of their own',
  async run(options) {
    const { quick, say, seconds = SECONDS } = options;
    const outcomes = new Map<string, Outcome>();
    for (const name of ['c', 'javascript']) {
      if (!wants(options, name)) continue;
      say(`websocket: ${name}`);
      const settings = {
        connections: quick ? 20 : CONNECTIONS,
        seconds: quick ? 0.2 : seconds,
        restMs: quick ? 10 : REST_MS,
      };
      outcomes.set(name, await withApp(name, (manifest) => measure(manifest, settings)));
    }
    return report(outcomes);
  },
};

async function withApp<T>(name: string, use: (manifest: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'mayfly-bench-'));
  try {
    const source = name === 'c' ? 'echo.wasm' : 'echo.js';
    if (name === 'c') await copyFile(await guestPath('websocket-c'), join(folder, source));
    else await writeFile(join(folder, source), program);
    await writeFile(
      join(folder, 'spin.toml'),
      `spin_manifest_version = 2
application.name = "echo"
[[trigger.http]]
route = "/ready"
static_response = {}
[application.tool.mayfly.limits]
websockets = 12000
[[application.tool.mayfly.websocket]]
route = "/echo"
component = "echo"
[component.echo]
source = "${source}"
`,
    );
    return await use(join(folder, 'spin.toml'));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function measure(
  manifest: string,
  { connections, seconds, restMs }: { readonly connections: number; readonly seconds: number; readonly restMs: number },
): Promise<Outcome> {
  const command = [process.execPath, '--no-warnings', mayfly, 'up', '--no-cache', '-q', '-f', manifest];
  const server = await startServer({ command: [...command, '--listen', '127.0.0.1:{port}'], path: '/ready' });
  const url = `${server.url.replace('http', 'ws')}/echo`;
  const all: WebSocket[] = [];
  try {
    // What a first message loads is no part of what connections cost.
    all.push(...(await open(url, TALKERS)));
    await talk(all, seconds / 2);
    await delay(restMs);
    const idleBytes = processState(server.pid).residentBytes;
    const cpuBefore = cpuSeconds(server.pid);
    const idle: WebSocket[] = [];
    while (idle.length < connections) idle.push(...(await open(url, Math.min(AT_ONCE, connections - idle.length))));
    const openCpuMs = ((cpuSeconds(server.pid) - cpuBefore) * 1000) / connections;
    all.push(...idle);
    await delay(restMs);
    const addedBytes = processState(server.pid).residentBytes - idleBytes;
    const cpuAt = cpuSeconds(server.pid);
    const messages = await talk(all.slice(0, TALKERS), seconds);
    const cpuMs = ((cpuSeconds(server.pid) - cpuAt) * 1000) / messages;
    return { connections, addedBytes, openCpuMs, messagesPerSecond: messages / seconds, cpuMs };
  } finally {
    for (const one of all) one.terminate();
    await server.stop();
  }
}

function open(url: string, count: number): Promise<WebSocket[]> {
  const one = (): Promise<WebSocket> =>
    new Promise((resolve, reject) => {
      const client = new WebSocket(url, { perMessageDeflate: false });
      client.once('open', () => resolve(client));
      client.once('error', reject);
    });
  return Promise.all(Array.from({ length: count }, one));
}

/** How many messages came back in that time. */
async function talk(clients: readonly WebSocket[], seconds: number): Promise<number> {
  let count = 0;
  const listeners = clients.map((client) => {
    const again = (): void => {
      count++;
      client.send('hello');
    };
    client.on('message', again);
    client.send('hello');
    return () => client.off('message', again);
  });
  await delay(seconds * 1000);
  for (const stop of listeners) stop();
  return count;
}

function report(outcomes: ReadonlyMap<string, Outcome>): RowResult {
  const rows = [...outcomes].map(([name, { connections, addedBytes, openCpuMs, messagesPerSecond, cpuMs }]) => [
    name,
    connections.toLocaleString('en'),
    ...[addedBytes / 2 ** 20, addedBytes / 1024 / connections, openCpuMs, messagesPerSecond, cpuMs].map(show),
  ]);
  const figures = [...outcomes].map(([name, one]) => [
    name,
    {
      connections: one.connections,
      added_mib: round(one.addedBytes / 2 ** 20),
      open_cpu_ms: round(one.openCpuMs),
      messages_per_second: round(one.messagesPerSecond),
      message_cpu_ms: round(one.cpuMs),
    },
  ]);
  const columns = ['', 'idle connections', 'MiB added', 'KiB each', 'CPU ms to open', 'messages/s', 'CPU ms a message'];
  return {
    tables: [{ title: 'websocket', columns, rows }],
    figures: Object.fromEntries(figures),
    notes: [
      `${TALKERS} of the connections send at once, each its next message when the last has come back, while the others wait.`,
      'The clients run on the same machine, in a process of their own.',
    ],
  };
}
