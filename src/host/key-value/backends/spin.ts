// Key-value stores in an SQLite file of Spin's own format: one table for all labels. Several processes may use one file.
// Operations are short, and so they run in place; only a lock that another process holds is waited for, in between.
import { dirname } from 'node:path';
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite';
import { makeFolders } from '../../../app/files/make-folders.ts';
import { messageOf } from '../../../errors.ts';
import { isLocked, patiently, sqliteCode } from '../../sql/sqlite-locks.ts';
import { counterBytes, incremented } from '../counter.ts';
import {
  type Backend,
  type Caller,
  type KeyPiece,
  type KeyValueStore,
  type Later,
  MOST_RESULT_BYTES,
  resultTooLarge,
  StoreFault,
} from '../store.ts';

const PIECE = 1000;
/** Of UTF-16. */
const PIECE_UNITS = 1_048_576;

const schema = `CREATE TABLE IF NOT EXISTS spin_key_value (
  store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))`;

const statements = {
  get: 'SELECT value FROM spin_key_value WHERE store = ? AND key = ?',
  set: `INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?)
    ON CONFLICT (store, key) DO UPDATE SET value = excluded.value`,
  delete: 'DELETE FROM spin_key_value WHERE store = ? AND key = ?',
  exists: 'SELECT 1 FROM spin_key_value WHERE store = ? AND key = ?',
  keys: 'SELECT key FROM spin_key_value WHERE store = ? ORDER BY key',
  keysAfter: 'SELECT key FROM spin_key_value WHERE store = ? AND key > ? ORDER BY key',
};

interface Open {
  readonly database: DatabaseSync;
  readonly prepared: Readonly<Record<keyof typeof statements, StatementSync>>;
}

/** `path`: absolute. The file and its folder are made when a store is first used. */
export async function spinBackend(path: string): Promise<Backend> {
  const sqlite = await import('node:sqlite');
  let opened: Open | undefined;
  let closed = false;

  function open(): Open {
    if (closed) throw new StoreFault('the store is closed');
    opened ??= openFile(sqlite.DatabaseSync, path);
    return opened;
  }

  return {
    store: (label) => spinStore(label, open),
    close() {
      closed = true;
      opened?.database.close();
      opened = undefined;
    },
  };
}

function openFile(Database: typeof DatabaseSync, path: string): Open {
  makeFolders(dirname(path));
  const database = new Database(path, { timeout: 0 });
  try {
    beginWriteAheadLog(database);
    database.exec(schema);
    const prepared = Object.entries(statements).map(([name, text]) => [name, database.prepare(text)]);
    return { database, prepared: Object.fromEntries(prepared) as Open['prepared'] };
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * Readers and a writer do not wait for each other then, and a commit costs no sync of the disk: a file is whole whatever
 * happens, and the last writes before a power failure may be gone. A file that cannot be written keeps its journal.
 */
function beginWriteAheadLog(database: DatabaseSync): void {
  try {
    database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL');
  } catch (error) {
    if (isLocked(error)) throw error;
  }
}

function spinStore(label: string, open: () => Open): KeyValueStore {
  const read = ({ prepared }: Open, key: string): Uint8Array | undefined =>
    bytesOf(prepared.get.get(label, key)?.value);
  const write = ({ prepared }: Open, key: string, value: Uint8Array): void => {
    prepared.set.run(label, key, value);
  };
  const now = <T>(work: (open: Open) => T, caller: Caller): Later<T> =>
    patiently(() => told(() => work(open())), caller);
  const whole = <T>(work: (open: Open) => T, caller: Caller): Later<T> =>
    now((file) => transaction(file.database, () => work(file)), caller);

  return {
    get: (key, caller) => now((file) => read(file, key), caller),
    set: (key, value, caller) => now((file) => write(file, key, value), caller),
    delete: (key, caller) => now(({ prepared }) => void prepared.delete.run(label, key), caller),
    exists: (key, caller) => now(({ prepared }) => prepared.exists.get(label, key) !== undefined, caller),
    keys: (from, caller) =>
      now(({ prepared }) => {
        const after = from as string | undefined;
        return pieceOf(after === undefined ? prepared.keys.iterate(label) : prepared.keysAfter.iterate(label, after));
      }, caller),
    getMany: (keys, caller) =>
      now((file) => {
        let room = MOST_RESULT_BYTES;
        return keys.map((key) => {
          const value = read(file, key);
          room -= value?.byteLength ?? 0;
          if (room < 0) throw resultTooLarge();
          return value;
        });
      }, caller),
    setMany: (entries, caller) =>
      whole((file) => {
        for (const [key, value] of entries) write(file, key, value);
      }, caller),
    deleteMany: (keys, caller) =>
      whole(({ prepared }) => {
        for (const key of keys) prepared.delete.run(label, key);
      }, caller),
    increment: (key, delta, caller) =>
      whole((file) => {
        const sum = incremented(key, read(file, key), delta);
        write(file, key, counterBytes(sum));
        return sum;
      }, caller),
    swap: (key, expected, value, caller) =>
      whole((file) => {
        const found = read(file, key);
        const same = found === undefined ? expected === undefined : expected && Buffer.compare(found, expected) === 0;
        if (same) write(file, key, value);
        return same === true;
      }, caller),
  };
}

function pieceOf(rows: Iterable<Record<string, unknown>>): KeyPiece {
  const keys: string[] = [];
  let units = 0;
  for (const { key } of rows) {
    keys.push(String(key));
    units += String(key).length;
    if (keys.length === PIECE || units > PIECE_UNITS) return { keys, next: keys.at(-1) };
  }
  return { keys, next: undefined };
}

/** Other programs may have put numbers or text where Spin has bytes. */
function bytesOf(value: SQLInputValue | undefined): Uint8Array | undefined {
  if (value === undefined) return undefined;
  const bytes = value instanceof Uint8Array ? value : Buffer.from(String(value));
  if (bytes.byteLength > MOST_RESULT_BYTES) throw resultTooLarge();
  return bytes;
}

function transaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('BEGIN IMMEDIATE');
  try {
    const result = work();
    database.exec('COMMIT');
    return result;
  } catch (error) {
    if (database.isTransaction) database.exec('ROLLBACK');
    throw error;
  }
}

/** Errors of the file become faults, which the guest is told; those of locks stay, since they are waited for. */
function told<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof StoreFault || typeof code !== 'string') throw error;
    throw Object.assign(new StoreFault(messageOf(error), { cause: error }), { errcode: sqliteCode(error) });
  }
}
