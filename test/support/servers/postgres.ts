// A PostgreSQL server for a test: on a free port of this machine, its data in a folder for temporary files. Where there is
// none, `postgresMissing` says so.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, globSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { type ServerProcess, serverFolder, startServer } from './server-process.ts';

/** The folder of the newest server's programs. */
function programs(): string | undefined {
  const folders = globSync('/usr/lib/postgresql/*/bin').sort((one, two) =>
    one.localeCompare(two, 'en', { numeric: true }),
  );
  return folders.filter((folder) => existsSync(path.join(folder, 'initdb'))).at(-1);
}

/** Why there is no server; false when there is one. For `skip` of a test. */
export function postgresMissing(): string | false {
  return programs() === undefined && 'PostgreSQL is not installed (apt-get install postgresql)';
}

export interface PostgresServer extends ServerProcess {
  readonly port: number;
  readonly password: string;
  /** With the user `postgres`, its password and the database `postgres`. */
  readonly url: string;
  /** Runs a statement as that user, over a connection of its own. */
  query(text: string): Promise<Record<string, unknown>[]>;
}

export interface PostgresOptions {
  /** Lines of `postgresql.conf`. */
  readonly settings?: readonly string[];
  /** Certificate and key as PEM: the server then has TLS. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** PostgreSQL does not run as root: its own user does then. */
const asUser = process.getuid?.() === 0 ? ['setpriv', '--reuid=postgres', '--regid=postgres', '--clear-groups'] : [];

export async function startPostgres({ settings = [], tls }: PostgresOptions = {}): Promise<PostgresServer> {
  const bin = programs() ?? '';
  const port = await freePort();
  const folder = serverFolder('postgres');
  const data = path.join(folder, 'data');
  const password = 'p@ss wörd';
  const secret = path.join(folder, 'password');
  writeFileSync(secret, password);
  if (asUser.length > 0) {
    chmodSync(folder, 0o755);
    spawnSync('chown', ['-R', 'postgres', folder]);
  }
  const initdb = ['-D', data, '-U', 'postgres', '--auth=scram-sha-256', `--pwfile=${secret}`, '--encoding=UTF8'];
  run([path.join(bin, 'initdb'), ...initdb, '--locale=C.UTF-8', '--no-sync']);
  const lines = [
    `port = ${port}`,
    "listen_addresses = '127.0.0.1'",
    `unix_socket_directories = '${folder}'`,
    'fsync = off',
    'max_connections = 100',
    ...settings,
  ];
  if (tls) {
    const own = { 'server.crt': tls.cert, 'server.key': tls.key };
    for (const [name, text] of Object.entries(own)) writeFileSync(path.join(data, name), text, { mode: 0o600 });
    if (asUser.length > 0) spawnSync('chown', ['-R', 'postgres', data]);
    lines.push('ssl = on');
  }
  writeFileSync(path.join(data, 'postgresql.auto.conf'), `${lines.join('\n')}\n`);
  const url = `postgres://postgres:${encodeURIComponent(password)}@127.0.0.1:${port}/postgres?sslmode=disable`;
  async function query(text: string): Promise<Record<string, unknown>[]> {
    const client = new pg.Client({
      host: '127.0.0.1',
      port,
      user: 'postgres',
      password,
      database: 'postgres',
      ssl: false,
    });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query(text)).rows as Record<string, unknown>[];
    } finally {
      await client.end();
    }
  }
  const server = await startServer({
    command: [...asUser, path.join(bin, 'postgres'), '-D', data],
    folder,
    answers: () =>
      query('SELECT 1').then(
        () => true,
        () => false,
      ),
    ending: 'SIGQUIT',
  });
  return { ...server, port, password, url, query };
}

function run(line: readonly string[]): void {
  const [command = '', ...rest] = [...asUser, ...line];
  const { status, stderr, error } = spawnSync(command, rest, { encoding: 'utf8', cwd: tmpdir() });
  if (status !== 0) throw new Error(`${line[0]} failed: ${error?.message ?? stderr}`);
}
