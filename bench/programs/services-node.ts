// Measures operations of services from plain Node, without a sandbox: SQLite with statements that were prepared before, servers
// over one connection, one operation after another.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@redis/client';
import pg from 'pg';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';
import { ENTRIES, keyOf, type Operation, type Places, statements, value } from '../support/service-operations.ts';
import type { ServicesInput, ServicesRound } from './services-guest.ts';

/** Does one operation, and gives what came of it. */
type Run = (number: number) => unknown;

/** A turn of the event loop after so many operations in place, as between requests. */
const OPERATIONS_A_TURN = 100;

await serveMeasurements<Places, ServicesInput>(async ({ folder, servers }) => {
  const runs: Partial<Record<Operation, Run>> = {
    ...storeOperations(folder),
    ...databaseOperations(folder),
    ...(await redisOperations(servers['redis-get'])),
    ...(await postgresOperations(servers['postgres-select'])),
  };
  return async ({ operation, milliseconds }) => {
    const run = runs[operation];
    if (!run) throw new Error(`plain Node has no ${operation}`);
    return measure(operation, run, milliseconds);
  };
});

async function measure(operation: Operation, run: Run, milliseconds: number): Promise<ServicesRound> {
  const cpu = cpuMicroseconds();
  const start = performance.now();
  let done = 0;
  while (performance.now() - start < milliseconds) {
    for (let count = 0; count < OPERATIONS_A_TURN; count++) {
      const result = run(done++);
      const found = result instanceof Promise ? await result : result;
      if (String(found) !== value) throw new Error(`${operation} gave ${String(found)}`);
    }
    await new Promise(setImmediate);
  }
  return { operations: done, cpuUs: cpuMicroseconds() - cpu, wallUs: (performance.now() - start) * 1000 };
}

function storeOperations(folder: string) {
  const database = open(join(folder, 'sqlite_key_value.db'));
  const get = database.prepare('SELECT value FROM spin_key_value WHERE store = ? AND key = ?');
  const set = database.prepare(`INSERT INTO spin_key_value (store, key, value) VALUES (?, ?, ?)
    ON CONFLICT (store, key) DO UPDATE SET value = excluded.value`);
  const bytes = Buffer.from(value);
  return {
    'kv-get': (number: number) => Buffer.from(get.get('default', keyOf(number))?.value as Uint8Array),
    'kv-set': (number: number) => set.run('default', keyOf(number), bytes).changes === 1 && value,
  };
}

function databaseOperations(folder: string) {
  const database = open(join(folder, 'sqlite_db.db'));
  const select = database.prepare(statements.select);
  const insert = database.prepare(statements.insert);
  return {
    'sqlite-select': (number: number) => select.get(number % ENTRIES)?.text,
    'sqlite-insert': () => insert.run(value).changes === 1 && value,
  };
}

async function redisOperations(url: string | undefined): Promise<Partial<Record<Operation, Run>>> {
  if (url === undefined) return {};
  const client = await createClient({ url }).connect();
  return { 'redis-get': (number) => client.get(keyOf(number)) };
}

async function postgresOperations(url: string | undefined): Promise<Partial<Record<Operation, Run>>> {
  if (url === undefined) return {};
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return {
    'postgres-select': async (number) => {
      const { rows } = await client.query<{ text: string }>(statements.postgresSelect, [number % ENTRIES]);
      return rows[0]?.text;
    },
  };
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA synchronous = NORMAL');
  return database;
}
