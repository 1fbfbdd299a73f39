// A MariaDB server for a test: on a free port of this machine, its data in a folder for temporary files. Where there is none,
// `mariadbMissing` says so.
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { accepts, freePort, until } from './free-port.ts';

/** Why there is no server; false when there is one. For `skip` of a test. */
export function mariadbMissing(): string | false {
  const missing = ['mariadbd', 'mariadb-install-db'].some((name) => spawnSync(name, ['--version'], { env }).error);
  return missing && 'MariaDB is not installed (apt-get install mariadb-server)';
}

const env = { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` };

export interface MariadbServer {
  readonly port: number;
  /** With the user `guest`, its password and the database `test`. */
  readonly url: string;
  /** Runs a statement as that user, who may do everything, over a connection of its own. */
  query(text: string): Promise<Record<string, unknown>[]>;
  /** Takes the server away at once; `start` brings it back on the same port, with its data. */
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Freezes it, as a machine that hangs, and lets it go on. */
  freeze(): void;
  thaw(): void;
  close(): Promise<void>;
}

const PASSWORD = 'p@ss wörd';

/** `options` of the server, such as `--ssl-cert=FILE`. */
export async function startMariadb(options: readonly string[] = []): Promise<MariadbServer> {
  const port = await freePort();
  const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-mariadb-'));
  const data = path.join(folder, 'data');
  const socket = path.join(folder, 'socket');
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  const made = spawnSync('mariadb-install-db', [...install, ...asRoot], { env, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.error?.message ?? made.stderr}`);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    const settings = [`--datadir=${data}`, `--port=${port}`, `--socket=${socket}`, '--bind-address=127.0.0.1'];
    const small = ['--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=0', '--max-connections=100'];
    const all = ['--no-defaults', ...settings, ...small, '--skip-name-resolve', ...asRoot, ...options];
    child = spawn('mariadbd', all, { stdio: 'ignore', env });
    await until(() => accepts(port), `MariaDB at port ${port}`);
  }
  async function ask(text: string, user: object): Promise<Record<string, unknown>[]> {
    const connection = await createConnection(user);
    try {
      const [rows] = await connection.query(text);
      return rows as Record<string, unknown>[];
    } finally {
      await connection.end();
    }
  }
  async function stop(): Promise<void> {
    if (!child) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    child = undefined;
  }
  await start();
  for (const text of [
    'CREATE DATABASE test CHARACTER SET utf8mb4',
    `CREATE USER guest@'%' IDENTIFIED BY '${PASSWORD}'`,
    "GRANT ALL ON *.* TO guest@'%' WITH GRANT OPTION",
  ]) {
    await ask(text, { socketPath: socket, user: 'root' });
  }
  const guest = { host: '127.0.0.1', port, user: 'guest', password: PASSWORD, database: 'test' };
  return {
    port,
    url: `mysql://guest:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/test`,
    query: (text) => ask(text, guest),
    stop,
    start,
    freeze: () => void child?.kill('SIGSTOP'),
    thaw: () => void child?.kill('SIGCONT'),
    async close() {
      await stop();
      rmSync(folder, { recursive: true });
    },
  };
}
