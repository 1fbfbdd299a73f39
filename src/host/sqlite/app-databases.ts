// The databases of one app by their labels, as the runtime configuration has them. Each is opened when first asked for.
import type { SqliteDatabaseConfig } from '../../app/runtime-config/runtime-config.ts';
import type { Database, Later } from './database.ts';

export class AppDatabases {
  readonly #configs: ReadonlyMap<string, SqliteDatabaseConfig>;
  readonly #opened = new Map<string, Database>();
  /** By what they stand for: labels with one file share it. Each label without a file has one of its own. */
  readonly #opening = new Map<string, Promise<Database>>();

  constructor(configs: ReadonlyMap<string, SqliteDatabaseConfig>) {
    this.#configs = configs;
  }

  has(label: string): boolean {
    return this.#configs.has(label);
  }

  get(label: string): Later<Database | undefined> {
    const known = this.#opened.get(label);
    const config = this.#configs.get(label);
    return known || !config ? known : this.#open(label, config);
  }

  async #open(label: string, config: SqliteDatabaseConfig): Promise<Database> {
    const key = JSON.stringify(config.type === 'spin' && config.path === undefined ? { label } : config);
    const opening = this.#opening.get(key) ?? openDatabase(config);
    this.#opening.set(key, opening);
    const database = await opening;
    this.#opened.set(label, database);
    return database;
  }

  async close(): Promise<void> {
    for (const opening of this.#opening.values()) await (await opening).close();
  }
}

async function openDatabase(config: SqliteDatabaseConfig): Promise<Database> {
  switch (config.type) {
    case 'spin':
      return (await import('./backends/spin.ts')).spinDatabase(config);
    case 'libsql':
      return (await import('./backends/libsql.ts')).libsqlDatabase(config);
  }
}
