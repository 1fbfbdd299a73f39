// A Redis server for a test: on a free port of this machine, with nothing on disk. Where there is none, `redisMissing` says so.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Why there is no server; false when there is one. For `skip` of a test. */
export function redisMissing(): string | false {
  const { error } = spawnSync('redis-server', ['--version']);
  return error ? 'redis-server is not installed (apt-get install redis-server)' : false;
}

export interface RedisServer {
  readonly url: string;
  readonly port: number;
  /** Takes the server away; `start` brings it back on the same port, without what it had. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Freezes it, as a machine that hangs, and lets it go on. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-redis-'));
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const settings = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--save',
      '',
      '--appendonly',
      'no',
      '--dir',
      folder,
    ];
    child = spawn('redis-server', settings, { stdio: 'ignore' });
    await accepting(port);
  }
  async function stop(): Promise<void> {
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  }
  await start();
  return {
    url: `redis://127.0.0.1:${port}`,
    port,
    start,
    stop,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async close() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  await once(server, 'close');
  return port;
}

async function accepting(port: number): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const socket = connect(port, '127.0.0.1');
    const [outcome] = await Promise.race([once(socket, 'connect').then(() => [true]), once(socket, 'error')]).catch(
      () => [false],
    );
    socket.destroy();
    if (outcome === true) return;
    await delay(50);
  }
  throw new Error(`redis-server did not listen at port ${port} within 10 s`);
}
