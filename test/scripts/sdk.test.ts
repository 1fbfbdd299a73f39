// The services of the host in programs, by mayfly/sdk and by the interfaces themselves: denied by default, and with real
// servers where they are allowed. In both engines.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { connectAsync } from 'mqtt';
import type * as own from '../../sdk/script/index.ts';
import { type EngineName, engineNames } from '../../src/app/script-file.ts';
import { load } from '../../src/index.ts';
import type { LibraryOptions } from '../../src/library/load.ts';
import { testLog } from '../../src/telemetry/log.test-kit.ts';
import type * as declared from '../../types/sdk.d.ts';
import { mosquittoMissing, startMosquitto } from '../support/servers/brokers.ts';
import { mariadbMissing, startMariadb } from '../support/servers/mariadb.ts';
import { postgresMissing, startPostgres } from '../support/servers/postgres.ts';
import { redisMissing, startRedis } from '../support/servers/redis.ts';

type Fits<A, B> = [A] extends [B] ? true : never;

/** This file would not compile if the declarations promised what the code has not. */
const declarations: { readonly [Name in keyof typeof declared]: true } = {
  ServiceError: true satisfies Fits<InstanceType<typeof own.ServiceError>, Omit<declared.ServiceError, never>>,
  keyValue: true satisfies Fits<typeof own.keyValue, typeof declared.keyValue>,
  llm: true satisfies Fits<typeof own.llm, typeof declared.llm>,
  mqtt: true satisfies Fits<typeof own.mqtt, typeof declared.mqtt>,
  mysql: true satisfies Fits<typeof own.mysql, typeof declared.mysql>,
  postgres: true satisfies Fits<typeof own.postgres, typeof declared.postgres>,
  redis: true satisfies Fits<typeof own.redis, typeof declared.redis>,
  sqlite: true satisfies Fits<typeof own.sqlite, typeof declared.sqlite>,
  variables: true satisfies Fits<typeof own.variables, typeof declared.variables>,
  websocket: true satisfies Fits<typeof own.websocket, typeof declared.websocket>,
};

const timeout = 60_000;

interface Asked extends LibraryOptions {
  readonly engine: EngineName;
}

/** What a program answers whose body, between braces, makes a value; bigints and bytes as texts. */
async function ask(t: TestContext, options: Asked, imports: string, body: string): Promise<unknown> {
  const script = `import { ${imports}, ServiceError } from 'mayfly/sdk';
const shown = (key, value) => typeof value === 'bigint' ? value + 'n' : value instanceof Uint8Array ? 'bytes ' + [...value] : value;
const failing = (call) => { try { return call(); } catch (error) { return error instanceof ServiceError ? [error.service, error.code, error.message] : String(error); } };
export default { async fetch(request) { ${body} }, };
function answer(value) { return new Response(JSON.stringify(value, shown)); }`;
  const log = testLog();
  const app = await load({ script }, { log: log.log, ...options });
  t.after(() => app.close());
  const response = await app.fetch('http://app/');
  const text = await response.text();
  assert.equal(response.status, 200, log.messages().join('\n'));
  return JSON.parse(text);
}

for (const engine of engineNames) {
  test(`${engine}: every service is denied by default, and the log says what allows it`, { timeout }, async (t) => {
    const log = testLog();
    const denied = await ask(
      t,
      { engine, log: log.log },
      'keyValue, llm, mqtt, mysql, postgres, redis, sqlite, variables',
      `return answer([
        () => keyValue.open(), () => sqlite.open(), () => redis.open('redis://localhost:6379'),
        () => postgres.open('postgres://u:p@localhost/d'), () => mysql.open('mysql://u:p@localhost/d'),
        () => mqtt.open('mqtt://localhost:1883'), () => llm.infer('llama2-chat', 'hi'), () => llm.embed('m', ['a']),
        () => variables.get('greeting') ?? 'none',
      ].map((call) => { const found = failing(call); return Array.isArray(found) ? found.slice(0, 2).join(' ') : found; }));`,
    );
    assert.deepEqual(denied, [
      'key-value access-denied',
      'sqlite access-denied',
      'redis invalid-address',
      'postgres connection-failed',
      'mysql connection-failed',
      'mqtt connection-failed',
      'llm invalid-input',
      'llm invalid-input',
      'none',
    ]);
    const said = log.messages('warn').join('\n');
    for (const key of ['key_value_stores', 'sqlite_databases', 'redis://', 'postgres://', 'mysql://', 'mqtt://'])
      assert.match(said, new RegExp(key));
    const web = `fetch('http://example.com/').then(() => 'answered', (error) => error.message)`;
    assert.match(String(await ask(t, { engine }, 'keyValue', `return answer(await ${web})`)), /allowed/);
  });

  test(`${engine}: every interface by its own name is denied, too`, { timeout }, async (t) => {
    const opened: readonly (readonly [from: string, call: string])[] = [
      ['fermyon:spin/key-value@2.0.0', "it.Store.open('default')"],
      ['wasi:keyvalue/store@0.2.0-draft2', "it.open('default')"],
      ['fermyon:spin/sqlite@2.0.0', "it.Connection.open('default')"],
      ['spin:sqlite/sqlite@3.1.0', "it.Connection.open('default')"],
      ['fermyon:spin/redis@2.0.0', "it.Connection.open('redis://localhost')"],
      ['fermyon:spin/postgres@2.0.0', "it.Connection.open('postgres://localhost')"],
      ['spin:postgres/postgres@3.0.0', "it.Connection.open('postgres://localhost')"],
      ['spin:postgres/postgres@4.2.0', "it.Connection.open('postgres://localhost')"],
      ['fermyon:spin/mysql@2.0.0', "it.Connection.open('mysql://localhost')"],
      ['fermyon:spin/mqtt@2.0.0', "it.Connection.open('mqtt://localhost', '', '', 10n)"],
      ['fermyon:spin/llm@2.0.0', "it.infer('m', 'hi', undefined)"],
      ['fermyon:spin/variables@2.0.0', "it.get('nothing')"],
      ['wasi:config/store@0.2.0-draft-2024-09-27', "it.get('nothing') ?? (() => { throw { tag: 'none' }; })()"],
    ];
    const imports = opened.map(([from], index) => `import * as i${index} from '${from}';`);
    const calls = opened.map(([, call], index) => `[(it) => ${call}, i${index}]`);
    const script = `${imports.join('\n')}
const calls = [${calls.join(',\n')}];
export default { fetch: () => Response.json(calls.map(([call, it]) => {
  try { call(it); return 'opened'; } catch (error) { return error.tag ?? error.payload?.tag ?? String(error); }
})) };`;
    const app = await load({ script }, { engine });
    t.after(() => app.close());
    const got = (await (await app.fetch('http://app/')).json()) as string[];
    assert.deepEqual(
      got.map((tag, index) => `${opened[index]?.[0]} ${tag}`),
      [
        'fermyon:spin/key-value@2.0.0 access-denied',
        'wasi:keyvalue/store@0.2.0-draft2 access-denied',
        'fermyon:spin/sqlite@2.0.0 access-denied',
        'spin:sqlite/sqlite@3.1.0 access-denied',
        'fermyon:spin/redis@2.0.0 invalid-address',
        'fermyon:spin/postgres@2.0.0 connection-failed',
        'spin:postgres/postgres@3.0.0 connection-failed',
        'spin:postgres/postgres@4.2.0 connection-failed',
        'fermyon:spin/mysql@2.0.0 connection-failed',
        'fermyon:spin/mqtt@2.0.0 connection-failed',
        'fermyon:spin/llm@2.0.0 invalid-input',
        'fermyon:spin/variables@2.0.0 undefined',
        'wasi:config/store@0.2.0-draft-2024-09-27 none',
      ],
    );
  });

  test(`${engine}: key-value stores and variables`, { timeout }, async (t) => {
    const found = await ask(
      t,
      { engine, permissions: { keyValueStores: ['default'] }, variables: { greeting: 'hi' } },
      'keyValue, variables',
      `const store = keyValue.open();
      store.set('text', 'wört'); store.set('bytes', new Uint8Array([1, 2, 255])); store.setJson('json', { a: [1] });
      const all = [store.getText('text'), store.get('bytes'), store.getJson('json'), store.has('text'), store.keys().sort()];
      store.delete('text');
      return answer([...all, store.has('text'), store.get('text') === undefined, store.getText('no') === undefined,
        store.getJson('no') === undefined, failing(() => store.setJson('x', undefined)), failing(() => store.set('x', 7)),
        failing(() => keyValue.open('other')), variables.get('greeting'), failing(() => variables.get('Not a name'))[1]]);`,
    );
    assert.deepEqual(found, [
      ...['wört', 'bytes 1,2,255', { a: [1] }, true, ['bytes', 'json', 'text']],
      ...[false, true, true, true],
      'TypeError: JSON cannot hold the value',
      'TypeError: A value must be a string, a Uint8Array or an ArrayBuffer, not a number',
      ['key-value', 'access-denied', 'key-value: access-denied'],
      ...['hi', 'invalid-name'],
    ]);
  });

  test(`${engine}: SQLite, with integers beyond 2^53`, { timeout }, async (t) => {
    const big = engine === 'starlingmonkey' ? ['9007199254740993n', '9223372036854775807n'] : 'RangeError';
    const found = (await ask(
      t,
      { engine, permissions: { sqliteDatabases: ['default'] } },
      'sqlite',
      `const db = sqlite.open();
      db.run('CREATE TABLE t (id INTEGER PRIMARY KEY, a, b, c, d, e)');
      const run = db.run('INSERT INTO t (a, b, c, d, e) VALUES (?, ?, ?, ?, ?)', [7, 1.5, "it's", new Uint8Array([0, 1]), true]);
      const exact = (call) => { try { return call(); } catch (error) { return error.name; } };
      return answer([run, db.query('SELECT a, b, c, d, e, NULL FROM t'), db.all('SELECT a AS x, -1 AS y FROM t'),
        exact(() => db.query('SELECT ?, 9223372036854775807', [9007199254740993n]).rows[0]),
        failing(() => db.query('SELECT nothing')).slice(0, 2), failing(() => db.query('SELECT ?', [{}])),
        failing(() => sqlite.open('other'))[1], db.all('SELECT 1 AS a, 2 AS a')]);`,
    )) as unknown[];
    assert.deepEqual(found, [
      { changes: 1, lastInsertRowid: 1 },
      { columns: ['a', 'b', 'c', 'd', 'e', 'NULL'], rows: [[7, 1.5, "it's", 'bytes 0,1', 1, null]] },
      [{ x: 7, y: -1 }],
      big,
      ['sqlite', 'io'],
      'TypeError: SQLite has no value for an object (Object)',
      'access-denied',
      [{ a: 2 }],
    ]);
  });

  test(`${engine}: Redis`, { timeout, skip: redisMissing() }, async (t) => {
    const server = await startRedis();
    t.after(() => server.close());
    const found = await ask(
      t,
      { engine, permissions: { allowedOutboundHosts: ['redis://*:*'] } },
      'redis',
      `const db = redis.open('${server.url}');
      db.set('a', 'text');
      return answer([db.getText('a'), db.get('a'), db.get('none') === undefined, db.incr('n'), db.sadd('s', 'x', 'y'), db.smembers('s').sort(),
        db.srem('s', 'x'), db.del('a', 'none'), db.publish('news', 'hi') === undefined,
        db.execute('SET', 'k', 42), db.execute('GET', 'k'), db.execute('GET', 'none'), db.execute('LPUSH', 'l', 'a', new Uint8Array([98])),
        failing(() => db.incr('s')).slice(0, 2), failing(() => redis.open('redis://' + 'x'.repeat(9) + ':0'))[0]]);`,
    );
    assert.deepEqual(found, [
      ...['text', 'bytes 116,101,120,116', true, 1, 2, ['x', 'y'], 1, 1, true],
      ...[['OK'], ['bytes 52,50'], [null], [2]],
      ...[['redis', 'other'], 'redis'],
    ]);
  });

  test(`${engine}: PostgreSQL, its types both ways`, { timeout, skip: postgresMissing() }, async (t) => {
    const server = await startPostgres();
    t.after(() => server.close());
    const found = (await ask(
      t,
      { engine, permissions: { allowedOutboundHosts: ['postgres://*:*'] } },
      'postgres',
      `const db = postgres.open(${JSON.stringify(server.url)});
      db.run('CREATE TABLE t (a int4, b int8, c float8, d text, e bytea, f bool, g timestamp, h numeric, i jsonb, j int4, k uuid)');
      const json = { tag: 'jsonb', val: new TextEncoder().encode('{"x":[1]}') };
      const uuid = { tag: 'uuid', val: '00000000-0000-0000-0000-00000000000a' };
      const date = new Date('2026-01-31T10:00:00.250Z');
      const given = [1, 2n, 1.5, "it's", new Uint8Array([0, 255]), true, date, { tag: 'decimal', val: '1.50' }, json, null, uuid];
      return answer([db.run('INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)', given), db.all('SELECT * FROM t')[0],
        db.query("SELECT date '2026-01-31', time '10:00:00.5', ARRAY[1, NULL, 3], ARRAY['a'], int4range(1, 5), interval '1 month 2 days 3 seconds', 3000000000::int8"),
        failing(() => db.query('SELECT nothing')).slice(0, 2), failing(() => db.query('SELECT $1::int4', ['x'])).slice(0, 2),
        failing(() => db.query('SELECT $1', [() => 1]))]);`,
    )) as unknown[];
    assert.deepEqual(found, [
      1,
      {
        ...{ a: 1, b: 2, c: 1.5, d: "it's", e: 'bytes 0,255', f: true, g: '2026-01-31T10:00:00.250000', h: '1.50' },
        ...{ i: { x: [1] }, j: null, k: '00000000-0000-0000-0000-00000000000a' },
      },
      {
        columns: ['date', 'time', 'array', 'array', 'int4range', 'interval', 'int8'],
        rows: [
          [
            ...['2026-01-31', '10:00:00.500000', [1, null, 3], ['a']],
            { lower: { value: 1, isInclusive: true }, upper: { value: 5, isInclusive: false } },
            { micros: 3_000_000, days: 2, months: 1 },
            3_000_000_000,
          ],
        ],
      },
      ['postgres', 'query-failed'],
      ['postgres', 'query-failed'],
      'TypeError: PostgreSQL has no value for a function: pass { tag, val } of its interface',
    ]);
  });

  test(`${engine}: MariaDB`, { timeout, skip: mariadbMissing() }, async (t) => {
    const server = await startMariadb();
    t.after(() => server.close());
    const found = (await ask(
      t,
      { engine, permissions: { allowedOutboundHosts: ['mysql://*:*'] } },
      'mysql',
      `const db = mysql.open(${JSON.stringify(server.url)});
      db.run('CREATE TABLE t (a INT, b BIGINT UNSIGNED, c DOUBLE, d TEXT, e BLOB, f BOOL, g DATETIME(3), h INT)');
      const given = [1, 2n, 1.5, "it's", new Uint8Array([0, 255]), true, new Date('2026-01-31T10:00:00.250Z'), null];
      db.run('INSERT INTO t VALUES (?, ?, ?, ?, ?, ?, ?, ?)', given);
      return answer([db.query('SELECT * FROM t'), db.all('SELECT a FROM t WHERE d = ?', ["it's"]), failing(() => db.query('SELECT nothing')).slice(0, 2)]);`,
    )) as unknown[];
    assert.deepEqual(found, [
      {
        columns: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'],
        rows: [[1, 2, 1.5, "it's", 'bytes 0,255', 1, '2026-01-31 10:00:00.250', null]],
      },
      [{ a: 1 }],
      ['mysql', 'query-failed'],
    ]);
  });

  test(`${engine}: MQTT`, { timeout, skip: mosquittoMissing() }, async (t) => {
    const broker = await startMosquitto({ password: 'secret' });
    t.after(() => broker.close());
    const client = await connectAsync(broker.url, { username: 'guest', password: 'secret' });
    t.after(() => client.endAsync(true));
    await client.subscribeAsync('news', { qos: 1 });
    const heard: string[] = [];
    const both = new Promise<void>((resolve) => {
      client.on('message', (_topic, payload) => {
        heard.push(payload.toString());
        if (heard.length === 2) resolve();
      });
    });
    const found = await ask(
      t,
      { engine, permissions: { allowedOutboundHosts: ['mqtt://*:*'] } },
      'mqtt',
      `const to = mqtt.open('${broker.url}', { username: 'guest', password: 'secret', keepAliveSeconds: 5 });
      to.publish('news', 'one', 'at-least-once'); to.publish('news', new Uint8Array([50]), 'at-least-once');
      return answer([failing(() => mqtt.open('${broker.url}').publish('a', 'b', 'at-least-once'))[0], failing(() => mqtt.open('nothing'))[0]]);`,
    );
    assert.deepEqual(found, ['mqtt', 'mqtt']);
    await both;
    assert.deepEqual(heard, ['one', '2']);
  });

  test(`${engine}: language models`, { timeout }, async (t) => {
    const server = createServer((request, response) => {
      response.setHeader('content-type', 'application/json');
      const answers: Readonly<Record<string, unknown>> = {
        '/infer': { text: 'hello', usage: { promptTokenCount: 3, generatedTokenCount: 5 } },
        '/embed': { embeddings: [[0.5, 1]], usage: { promptTokenCount: 2 } },
      };
      response.end(JSON.stringify(answers[request.url ?? ''] ?? {}));
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { port } = server.address() as AddressInfo;
    const folder = mkdtempSync(join(tmpdir(), 'mayfly-llm-'));
    t.after(() => rmSync(folder, { recursive: true }));
    const runtimeConfig = join(folder, 'runtime-config.toml');
    writeFileSync(
      runtimeConfig,
      `[llm_compute]\ntype = "remote_http"\nurl = "http://127.0.0.1:${port}"\nauth_token = "x"\n`,
    );
    const found = await ask(
      t,
      { engine, runtimeConfig, permissions: { aiModels: ['llama2-chat', 'all-minilm-l6-v2'] } },
      'llm',
      `return answer([llm.infer('llama2-chat', 'hi', { maxTokens: 9 }), llm.infer('llama2-chat', 'hi').text,
        llm.embed('all-minilm-l6-v2', ['a']), failing(() => llm.infer('other', 'hi'))[1]]);`,
    );
    assert.deepEqual(found, [
      { text: 'hello', usage: { promptTokenCount: 3, generatedTokenCount: 5 } },
      'hello',
      { embeddings: [[0.5, 1]], usage: { promptTokenCount: 2 } },
      'invalid-input',
    ]);
  });
}

test('quickjs: what an interface does not take is a TypeError that says what it does', { timeout }, async (t) => {
  const script = `import { Store } from 'fermyon:spin/key-value@2.0.0';
import * as mqtt from 'fermyon:spin/mqtt@2.0.0';
import { Connection } from 'fermyon:spin/sqlite@2.0.0';
import { getMany } from 'wasi:keyvalue/batch@0.2.0-draft2';
import * as buckets from 'wasi:keyvalue/store@0.2.0-draft2';
const failing = (call) => { try { return call() ?? 'none'; } catch (error) { return String(error); } };
export default { fetch() {
  const store = Store.open('default');
  const db = Connection.open('default');
  const { get } = store;
  return Response.json([
    () => Store.open(7), () => store.get(), () => store.set('a', 'text'), () => store.set('a', [1, 2]), () => store.get('a').length,
    () => get('a'), () => store.get('none') === undefined, () => db.execute('SELECT 1', 'x'), () => db.execute('SELECT 1', [{ tag: 'number', val: 1 }]),
    () => db.execute('SELECT ?', [{ tag: 'integer', val: 1.5 }]), () => db.execute('SELECT ?', [{ tag: 'integer', val: 2n ** 64n }]),
    () => typeof db.execute('SELECT ?', [{ tag: 'integer', val: 3n }]).rows[0].values[0].val,
    () => db.execute('SELECT 9007199254740993', []), () => mqtt.Connection.open('a', 'b', 'c', -1),
    () => getMany('default', ['a']), () => getMany(buckets.open('default'), ['a', 'none']).length, () => buckets.open('default').get('none') === undefined,
  ].map(failing));
} };`;
  const permissions = { keyValueStores: ['default'], sqliteDatabases: ['default'] };
  const app = await load({ script }, { engine: 'quickjs', permissions });
  t.after(() => app.close());
  const large = 'and QuickJS hands over integers up to 2^53 only: use \'engine = "starlingmonkey"\', or a text';
  assert.deepEqual(await (await app.fetch('http://app/')).json(), [
    'TypeError: argument 1 of open must be a string, not number 7',
    'TypeError: argument 1 of get must be a string, not undefined',
    'TypeError: argument 2 of set must be a Uint8Array, not string',
    'none',
    2,
    'TypeError: get is a method: call it on what it belongs to',
    true,
    'TypeError: argument 2 of execute must be an array, not string',
    "TypeError: element 0 of argument 2 of execute must be { tag, val } with a tag of 'integer', 'real', 'text', 'blob', 'null', not object",
    'TypeError: the value of element 0 of argument 2 of execute must be a bigint, not number 1.5',
    'TypeError: the value of element 0 of argument 2 of execute must be an integer from -9223372036854775808 to 9223372036854775807, not bigint 18446744073709551616',
    'bigint',
    `RangeError: An integer that the host returned is 9007199254740992, ${large}`,
    'TypeError: argument 4 of open must be an integer from 0 to 18446744073709551615, not number -1',
    'TypeError: argument 1 of getMany must be a wasi:keyvalue/store/bucket, not string',
    ...[1, true],
  ]);
});

test('what is declared of the SDK is there, and nothing else', async () => {
  const script =
    "import * as sdk from 'mayfly/sdk'; export default { fetch: () => Response.json(Object.keys(sdk).sort()) };";
  const app = await load({ script });
  const names = await (await app.fetch('http://app/')).json();
  await app.close();
  assert.deepEqual(names, Object.keys(declarations).sort());
});
