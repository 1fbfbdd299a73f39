// What cases need beside the app: servers on free ports of this machine. Those of Debian's packages are skipped with a
// reason where they are missing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { mosquittoMissing, startMosquitto } from '../../support/servers/brokers.ts';
import { redisMissing, startRedis } from '../../support/servers/redis.ts';

export interface Needed {
  readonly port?: number;
  /** A folder. */
  readonly path?: string;
  /** What actions may call by name, as in `redis stop`; what follows the name is `rest`. */
  readonly actions: Readonly<Record<string, (rest: string, folder: string) => unknown>>;
  close(): Promise<void>;
}

interface Kind {
  /** Why it cannot be started; false when it can. */
  missing(): string | false;
  start(): Promise<Needed>;
}

const always = (start: () => Promise<Needed>): Kind => ({ missing: () => false, start });

export const kinds: Readonly<Record<string, Kind>> = {
  redis: { missing: redisMissing, start: redis },
  mqtt: { missing: mosquittoMissing, start: mqtt },
  http: always(http),
  tcp: always(() => tcp((socket) => socket.pipe(socket))),
  /** Accepts, and says nothing. */
  hang: always(() => tcp(() => undefined)),
  /** A file system of 1 MiB in memory. */
  disk: { missing: diskMissing, start: startDisk },
  /** A port at which nobody listens. */
  closed: always(async () => {
    const needed = await tcp(() => undefined);
    await needed.close();
    return { ...needed, close: async () => undefined };
  }),
};

async function mqtt(): Promise<Needed> {
  const { port, stop, start, freeze, thaw, close } = await startMosquitto();
  return { port, actions: { stop, start, freeze, thaw }, close };
}

async function redis(): Promise<Needed> {
  const { port, stop, start, freeze, thaw, close } = await startRedis();
  return { port, actions: { stop, start, freeze, thaw }, close };
}

/** /echo sends the body back, /head what it was asked, /status/503 that, /big/1000 that many bytes, /to/PATH a redirect. */
function answer(request: IncomingMessage, response: ServerResponse): void {
  const [, first = '', rest = ''] = /^\/([^/]*)\/?(.*)$/.exec(request.url ?? '') ?? [];
  if (first === 'status') response.writeHead(Number(rest)).end();
  else if (first === 'big') response.end('x'.repeat(Number(rest)));
  else if (first === 'to') response.writeHead(302, { location: `/${rest}` }).end();
  else if (first === 'break') response.writeHead(200, { 'content-length': 10 }).write('half', () => request.destroy());
  else if (first === 'head') response.end(`${request.method} ${request.url} ${request.headers.host}`);
  else request.pipe(response);
}

/** Undefined where nothing can be mounted: that needs root. */
function mountDisk(): Needed | undefined {
  const path = mkdtempSync(join(tmpdir(), 'mayfly-disk-'));
  const close = async (): Promise<void> => {
    spawnSync('umount', ['-l', path]);
    rmSync(path, { recursive: true });
  };
  if (spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', path]).status === 0)
    return { path, actions: {}, close };
  rmSync(path, { recursive: true });
  return undefined;
}

function diskMissing(): string | false {
  const disk = mountDisk();
  disk?.close();
  return disk ? false : 'a small disk cannot be mounted (that needs root)';
}

async function startDisk(): Promise<Needed> {
  const disk = mountDisk();
  if (!disk) throw new Error('The disk could be mounted a moment ago');
  return disk;
}

async function http(): Promise<Needed> {
  const server = createHttpServer(answer);
  return listening(server, () => server.closeAllConnections());
}

async function tcp(connected: (socket: Socket) => void): Promise<Needed> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined);
    socket.on('close', () => sockets.delete(socket));
    connected(socket);
  });
  return listening(server, () => {
    for (const socket of sockets) socket.destroy();
  });
}

async function listening(server: Server | NetServer, end: () => void): Promise<Needed> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    actions: {},
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      end();
      await closed;
    },
  };
}
