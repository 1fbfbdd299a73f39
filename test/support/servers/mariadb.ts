// A MariaDB server for a test: on a free port of this machine, its data in a folder for temporary files. Where there is none,
// `mariadbMissing` says so.
import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { createConnection } from 'mysql2/promise';
import { freePort } from './free-port.ts';
import { serverEnvironment as env, type ServerProcess, serverFolder, startServer } from './server-process.ts';

/** Why there is no server; false when there is one. For `skip` of a test. */
export function mariadbMissing(): string | false {
  const missing = ['mariadbd', 'mariadb-install-db'].some((name) => spawnSync(name, ['--version'], { env }).error);
  return missing && 'MariaDB is not installed (apt-get install mariadb-server)';
}

export interface MariadbServer extends ServerProcess {
  readonly port: number;
  /** With the user `guest`, its password and the database `test`. */
  readonly url: string;
  /** Runs a statement as that user, who may do everything, over a connection of its own. */
  query(text: string): Promise<Record<string, unknown>[]>;
}

const PASSWORD = 'p@ss wörd';

/** `options` of the server, such as `--ssl-cert=FILE`. */
export async function startMariadb(options: readonly string[] = []): Promise<MariadbServer> {
  const port = await freePort();
  const folder = serverFolder('mariadb');
  const data = path.join(folder, 'data');
  const socket = path.join(folder, 'socket');
  const asRoot = process.getuid?.() === 0 ? ['--user=root'] : [];
  const install = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal', '--skip-test-db'];
  const made = spawnSync('mariadb-install-db', [...install, ...asRoot], { env, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.error?.message ?? made.stderr}`);

  async function ask(text: string, user: object): Promise<Record<string, unknown>[]> {
    const connection = await createConnection(user);
    try {
      const [rows] = await connection.query(text);
      return rows as Record<string, unknown>[];
    } finally {
      await connection.end();
    }
  }
  const asRootUser = (text: string) => ask(text, { socketPath: socket, user: 'root' });
  const settings = [`--datadir=${data}`, `--port=${port}`, `--socket=${socket}`, '--bind-address=127.0.0.1'];
  const small = ['--innodb-buffer-pool-size=32M', '--innodb-flush-log-at-trx-commit=0', '--max-connections=100'];
  const server = await startServer({
    command: ['mariadbd', '--no-defaults', ...settings, ...small, '--skip-name-resolve', ...asRoot, ...options],
    folder,
    // It listens at the port a moment before there is a socket file, so the port alone says too little.
    answers: () =>
      asRootUser('SELECT 1').then(
        () => true,
        () => false,
      ),
  });
  for (const text of [
    'CREATE DATABASE test CHARACTER SET utf8mb4',
    `CREATE USER guest@'%' IDENTIFIED BY '${PASSWORD}'`,
    "GRANT ALL ON *.* TO guest@'%' WITH GRANT OPTION",
  ]) {
    await asRootUser(text);
  }
  const guest = { host: '127.0.0.1', port, user: 'guest', password: PASSWORD, database: 'test' };
  return {
    ...server,
    port,
    url: `mysql://guest:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/test`,
    query: (text) => ask(text, guest),
  };
}
