// `--find-free-port`: the first port from the given one on at which nothing listens, among ten as in Spin.
import { createServer } from 'node:net';
import { MayflyError } from '../errors.ts';
import type { ListenAddress } from './options.ts';

/** How many ports are tried. */
const TRIES = 10;

/** Rejects with `listen-failed` when all are taken. */
export async function findFreePort({ host, port }: ListenAddress): Promise<ListenAddress> {
  for (let next = port; next < port + TRIES && next <= 65_535; next++) {
    if (await isFree(host, next)) return { host, port: next };
  }
  throw new MayflyError('listen-failed', `No port from ${port} to ${port + TRIES - 1} is free at ${host}`, {
    hint: "Choose another one with '--listen'; port 0 lets the system choose",
  });
}

/** Whether a socket can listen there. An error that has nothing to do with the port is told when the app listens. */
function isFree(host: string, port: number): Promise<boolean> {
  const { promise, resolve } = Promise.withResolvers<boolean>();
  const server = createServer();
  server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'EADDRINUSE'));
  server.listen(port, host, () => server.close(() => resolve(true)));
  return promise;
}
