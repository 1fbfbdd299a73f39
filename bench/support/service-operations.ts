// The operations of services that are measured, and the data that they find: a thousand keys and rows, each with a value of
// 16 bytes.
import { DatabaseSync } from 'node:sqlite';

export const operations = [
  'kv-get',
  'kv-set',
  'sqlite-select',
  'sqlite-insert',
  'redis-get',
  'postgres-select',
] as const;
export type Operation = (typeof operations)[number];

export const labels: Readonly<Record<Operation, string>> = {
  'kv-get': 'key-value get',
  'kv-set': 'key-value set',
  'sqlite-select': 'SQLite select',
  'sqlite-insert': 'SQLite insert',
  'redis-get': 'Redis get',
  'postgres-select': 'PostgreSQL select',
};

export const ENTRIES = 1_000;
export const value = 'value of 16 byte';

export function keyOf(number: number): string {
  return `key-${number % ENTRIES}`;
}

/** Where the services are. */
export interface Places {
  /** A folder for the files of this side. */
  readonly folder: string;
  /** The addresses of servers, by the operation that asks them; without those that are missing. */
  readonly servers: Partial<Record<Operation, string>>;
}

export const statements = {
  select: 'SELECT text FROM items WHERE id = ?',
  insert: 'INSERT INTO lines (text) VALUES (?)',
  postgresSelect: 'SELECT text FROM items WHERE id = $1',
} as const;

/** The database of rows: `items` to read, `lines` to write. */
export function fillDatabase(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE items (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    CREATE TABLE lines (id INTEGER PRIMARY KEY, text TEXT NOT NULL);
    BEGIN`);
  const insert = database.prepare('INSERT INTO items VALUES (?, ?)');
  for (let id = 0; id < ENTRIES; id++) insert.run(id, value);
  database.exec('COMMIT');
  database.close();
}

/** The file of a key-value store, as Spin and Mayfly have it. */
export function fillStore(path: string): void {
  const database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = WAL;
    CREATE TABLE spin_key_value
      (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key));
    BEGIN`);
  const insert = database.prepare('INSERT INTO spin_key_value VALUES (?, ?, ?)');
  for (let number = 0; number < ENTRIES; number++) insert.run('default', keyOf(number), Buffer.from(value));
  database.exec('COMMIT');
  database.close();
}
