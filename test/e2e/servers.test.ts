// PostgreSQL and MariaDB as a component meets them, through the whole of a request.
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { type App, load } from '../../src/index.ts';
import { guestPath } from '../guests/build.ts';
import { mariadbMissing, startMariadb } from '../support/servers/mariadb.ts';
import { postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { within } from '../support/within.ts';

interface Server {
  readonly url: string;
  readonly port: number;
  query(text: string): Promise<Record<string, unknown>[]>;
  close(): Promise<void>;
}

/** What differs between the two. */
const kinds = [
  {
    name: 'postgres',
    skip: postgresMissing(),
    start: (): Promise<Server> => startPostgres(),
    select: 'SELECT 9223372036854775807, $1::text, NULL',
    insert: 'INSERT INTO things VALUES ($1)',
    sleep: 'SELECT pg_sleep(600)',
    running: "SELECT 1 FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'",
    denied: 'address postgres://127.0.0.1:1 is not permitted',
  },
  {
    name: 'mysql',
    skip: mariadbMissing(),
    start: (): Promise<Server> => startMariadb(),
    select: 'SELECT 9223372036854775807, ?, NULL',
    insert: 'INSERT INTO things VALUES (?)',
    sleep: 'SELECT SLEEP(600)',
    running: "SELECT 1 FROM information_schema.processlist WHERE info = 'SELECT SLEEP(600)'",
    denied: 'address mysql://127.0.0.1:1 is not permitted',
  },
] as const;

let built: Promise<string> | undefined;
/** Built once: what runs before tests runs at the same time. */
const guest = (): Promise<string> => {
  built ??= guestPath('servers-c');
  return built;
};

for (const { name, skip, start, select, insert, sleep, running, denied } of kinds) {
  let server: Server;
  let app: App;
  let folder: string;

  const ask = async (query: Record<string, string>): Promise<string> => {
    const parameters = new URLSearchParams({ url: server.url, ...query });
    const response = await app.fetch(new Request(`http://localhost/${name}?${parameters}`));
    return response.ok ? response.text() : String(response.status);
  };

  before(async () => {
    if (skip) return;
    server = await start();
    folder = await mkdtemp(join(tmpdir(), 'mayfly-servers-'));
    const manifest = `spin_manifest_version = 2
application.name = "servers"
[[trigger.http]]
route = "/..."
component = "guest"
[component.guest]
source = ${JSON.stringify(await guest())}
allowed_outbound_hosts = ["${name}://127.0.0.1:${server.port}"]
[component.guest.tool.mayfly.limits]
wall = "3s"
`;
    await writeFile(join(folder, 'spin.toml'), manifest);
    app = await load(join(folder, 'spin.toml'));
  });
  after(async () => {
    await app?.close();
    await server?.close();
    if (folder) await rm(folder, { recursive: true });
  });

  test(`${name}: values and parameters pass, and what is not allowed is denied`, {
    skip,
    timeout: 60_000,
  }, async () => {
    const evil = "'); DROP TABLE things; --";
    assert.equal(await ask({ text: select, value: evil }), `1 rows, int64 9223372036854775807, str ${evil}, null`);
    assert.match(await ask({ url: `${name}://127.0.0.1:1` }), new RegExp(`^error 0 ${denied}$`));
    assert.match(await ask({ text: 'SELECT nope' }), /^error 2 .*nope/);
  });

  test(`${name}: a guest that ends in the middle of a transaction leaves none`, { skip, timeout: 60_000 }, async () => {
    await server.query('CREATE TABLE things (thing TEXT)');
    assert.equal(await ask({ text: insert, value: 'a', hold: '1' }), '500');
    assert.equal(await ask({ text: insert, value: 'b' }), '0 rows');
    assert.equal(await ask({ text: 'SELECT thing FROM things' }), '1 rows, str b');
  });

  test(`${name}: a statement that does not end is ended with its request, and others are served meanwhile`, {
    skip,
    timeout: 60_000,
  }, async () => {
    const runaway = ask({ text: sleep });
    const others = await Promise.all(Array.from({ length: 50 }, () => ask({ text: 'SELECT 5' })));
    assert.deepEqual(new Set(others), new Set(['1 rows, int32 5']));
    assert.equal(await within(runaway, 'the end of the statement'), '504');
    for (let tries = 0; (await server.query(running)).length > 0; tries++) assert.ok(tries < 1000, 'it still runs');
  });
}
