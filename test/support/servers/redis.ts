// A Redis server for a test: on a free port of this machine, with nothing on disk. Where there is none, `redisMissing` says so.
import { spawnSync } from 'node:child_process';
import { accepts, freePort } from './free-port.ts';
import { type ServerProcess, serverFolder, startServer } from './server-process.ts';

/** Why there is no server; false when there is one. For `skip` of a test. */
export function redisMissing(): string | false {
  const { error } = spawnSync('redis-server', ['--version']);
  return error ? 'redis-server is not installed (apt-get install redis-server)' : false;
}

export interface RedisServer extends ServerProcess {
  readonly url: string;
  readonly port: number;
}

export async function startRedis(): Promise<RedisServer> {
  const port = await freePort();
  const folder = serverFolder('redis');
  const settings = { port, bind: '127.0.0.1', save: '', appendonly: 'no', dir: folder };
  const options = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const server = await startServer({ command: ['redis-server', ...options], folder, answers: () => accepts(port) });
  return { ...server, url: `redis://127.0.0.1:${port}`, port };
}
