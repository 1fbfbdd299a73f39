// What a case does between two requests: `redis stop`, `write data/x some text`, `remove data/x`, `link data/x ../y`,
// `wait 0.5`, `keys 1000` (so many keys into the store of the app, in its file).
import { mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as delay } from 'node:timers/promises';
import type { Needed } from './servers.ts';

export async function act(action: string, folder: string, servers: ReadonlyMap<string, Needed>): Promise<void> {
  const [verb = '', first = '', ...others] = action.split(' ');
  const rest = others.join(' ');
  const server = servers.get(verb)?.actions[first];
  if (server) return void (await server(rest, folder));
  if (verb === 'wait') return delay(Number(first) * 1000);
  if (verb === 'keys') return seedKeys(join(folder, rest), Number(first));
  if (verb === 'write') return write(join(folder, first), rest);
  if (verb === 'remove') return rmSync(join(folder, first), { recursive: true });
  if (verb === 'link') return symlinkSync(rest, join(folder, first));
  throw new Error(`No action is called "${action}"`);
}

export function write(path: string, content: string | Uint8Array): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
}

/** Into a file of Spin's format. */
function seedKeys(path: string, count: number): void {
  mkdirSync(dirname(path), { recursive: true });
  const database = new DatabaseSync(path);
  database.exec(`CREATE TABLE IF NOT EXISTS spin_key_value
    (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key));
    WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})
    INSERT INTO spin_key_value SELECT 'default', 'key-' || i, x'31' FROM n`);
  database.close();
}
