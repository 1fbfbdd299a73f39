// The servers that operations of services are asked of, with the data that they find. What is not installed is missing.
import { createClient } from '@redis/client';
import { postgresMissing, startPostgres } from '../../test/support/servers/postgres.ts';
import { redisMissing, startRedis } from '../../test/support/servers/redis.ts';
import { ENTRIES, keyOf, type Operation, value } from './service-operations.ts';

export interface Servers {
  /** Their addresses, by the operation that asks them. */
  readonly urls: Partial<Record<Operation, string>>;
  close(): Promise<void>;
}

/** Starts those that `operations` need. Puts operations that have no server into `missing`, with the reason. */
export async function startServers(
  operations: readonly Operation[],
  missing: Map<Operation, string>,
): Promise<Servers> {
  const canStart = (operation: Operation, reason: string | false): boolean => {
    if (reason !== false && operations.includes(operation)) missing.set(operation, reason);
    return reason === false && operations.includes(operation);
  };
  const redis = canStart('redis-get', redisMissing()) ? await startRedis() : undefined;
  const postgres = canStart('postgres-select', postgresMissing()) ? await startPostgres() : undefined;
  if (redis) await fillRedis(redis.url);
  await postgres?.query(`CREATE TABLE items (id int PRIMARY KEY, text text NOT NULL);
    INSERT INTO items SELECT id, '${value}' FROM generate_series(0, ${ENTRIES - 1}) AS id`);
  return {
    urls: { ...(redis && { 'redis-get': redis.url }), ...(postgres && { 'postgres-select': postgres.url }) },
    async close() {
      await redis?.close();
      await postgres?.close();
    },
  };
}

async function fillRedis(url: string): Promise<void> {
  const client = await createClient({ url }).connect();
  for (let number = 0; number < ENTRIES; number++) await client.set(keyOf(number), value);
  client.destroy();
}
