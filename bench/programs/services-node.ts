// Measures operations of services from plain Node, without a sandbox: each as its library has it at its fastest, with
// prepared statements and one connection, one operation after another.
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createClient } from '@redis/client';
import { cpuMicroseconds, serveMeasurements } from '../support/measuring.ts';
import { keyOf, type Operation, type Places, statements, value } from '../support/service-operations.ts';
import type { ServicesInput, ServicesRound } from './services-guest.ts';

/** Does one operation, and gives what came of it. */
type Run = (number: number) => unknown;

/** A turn of the event loop after so many operations in place, as between requests. */
const OPERATIONS_A_TURN = 100;

await serveMeasurements<Places, ServicesInput>(async ({ folder, redisUrl }) => {
  const embedded = { ...storeOperations(folder), ...databaseOperations(folder) };
  const client = redisUrl === undefined ? undefined : await createClient({ url: redisUrl }).connect();
  const runs: Partial<Record<Operation, Run>> = client
    ? { ...embedded, 'redis-get': (number) => client.get(keyOf(number)) }
    : embedded;
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
    'sqlite-select': (number: number) => select.get(number % 1_000)?.text,
    'sqlite-insert': () => insert.run(value).changes === 1 && value,
  };
}

function open(path: string): DatabaseSync {
  const database = new DatabaseSync(path);
  database.exec('PRAGMA synchronous = NORMAL');
  return database;
}
