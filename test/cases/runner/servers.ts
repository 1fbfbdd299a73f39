// What cases need beside the app: servers on free ports of this machine. Those of Debian's packages are skipped with a
// reason where they are missing.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { type AddressInfo, createServer, type Server as NetServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { mosquittoMissing, startMosquitto } from '../../support/servers/brokers.ts';
import { mariadbMissing, startMariadb } from '../../support/servers/mariadb.ts';
import { postgresMissing, startPostgres } from '../../support/servers/postgres.ts';
import { redisMissing, startRedis } from '../../support/servers/redis.ts';

export interface Needed {
  readonly port?: number;
  /** A database on the server. */
  readonly name?: string;
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
  postgres: { missing: postgresMissing, start: postgres },
  mysql: { missing: mariadbMissing, start: mysql },
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

/** Databases that take seconds to be made: there is one server for all cases of a process, and a database for each. */
const shared = {
  postgres: once(async () => {
    const server = await startPostgres();
    await server.query("CREATE ROLE guest SUPERUSER LOGIN PASSWORD 'secret'");
    return server;
  }),
  mysql: once(async () => {
    const server = await startMariadb();
    await server.query("CREATE USER 'case'@'%' IDENTIFIED BY 'secret'");
    await server.query("GRANT ALL ON *.* TO 'case'@'%'");
    return server;
  }),
};
let databases = 0;

/** Ends what `start` of several cases has used. */
export async function closeShared(): Promise<void> {
  for (const server of [shared.postgres, shared.mysql]) await (await server.started)?.close();
}

function once<T>(start: () => Promise<T>): { started: Promise<T> | undefined; get(): Promise<T> } {
  return {
    started: undefined,
    get() {
      this.started ??= start();
      return this.started;
    },
  };
}

async function postgres(): Promise<Needed> {
  const { port, url, query, stop, start, freeze, thaw } = await shared.postgres.get();
  const name = `case_${++databases}`;
  await query(`CREATE DATABASE ${name}`);
  const run = async (file: string, folder: string): Promise<void> => {
    const client = new pg.Client(url.replace(/\/postgres\?/, `/${name}?`));
    await client.connect();
    await client.query(readFileSync(join(folder, file), 'utf8'));
    await client.end();
  };
  return { port, name, actions: { stop, start, freeze, thaw, run }, close: async () => undefined };
}

async function mysql(): Promise<Needed> {
  const { port, query, stop, start, freeze, thaw } = await shared.mysql.get();
  const name = `case_${++databases}`;
  await query(`CREATE DATABASE ${name}`);
  return { port, name, actions: { stop, start, freeze, thaw }, close: async () => undefined };
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
