// Against a small server of the protocol, over node:sqlite.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, before, type TestContext, test } from 'node:test';
import { within } from '../../../../test/support/within.ts';
import { type Database, MOST_RESULT_BYTES, type SqlValue } from '../database.ts';
import { bind, parameterNames } from '../parameters.ts';
import { all, databaseContract, patientCaller, rowsOf } from './database.contract.ts';
import { libsqlDatabase } from './libsql.ts';

type Wire = { type: string; value?: string | number; base64?: string };

const TOKEN = 'a token';
const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-libsql-'));
const streams = new Map<string, DatabaseSync>();
const requests: { authorization: string | undefined; body: string }[] = [];
let server: Server;
let port = 0;
let last = 0;

before(async () => {
  server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = Buffer.concat(chunks).toString();
      requests.push({ authorization: request.headers.authorization, body });
      if (request.url?.startsWith('/hang')) return;
      if (request.url?.startsWith('/moved')) return response.writeHead(302, { location: '/' }).end();
      if (request.headers.authorization !== `Bearer ${TOKEN}`) {
        return response.writeHead(401).end('{"error":"Unauthorized"}');
      }
      return response.end(pipeline((request.url ?? '').split('/')[1] ?? '', body));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  port = (server.address() as { port: number }).port;
});
after(() => {
  for (const stream of streams.values()) stream.close();
  server.closeAllConnections();
  server.close();
  rmSync(folder, { recursive: true });
});

function pipeline(name: string, body: string): string {
  const { baton, requests } = JSON.parse(body) as {
    baton: string | null;
    requests: { type: string; sql: string; stmt: { sql: string; args: Wire[] } }[];
  };
  const key = baton ?? `${++last}`;
  const database = streams.get(key) ?? new DatabaseSync(path.join(folder, `${name}.db`));
  if (!streams.has(key)) database.exec('PRAGMA journal_mode = WAL');
  streams.set(key, database);
  const results = requests.map((request) => {
    try {
      if (request.type === 'close') {
        streams.delete(key);
        database.close();
        return { type: 'ok', response: { type: 'close' } };
      }
      if (request.type === 'sequence') {
        database.exec(request.sql);
        return { type: 'ok', response: { type: 'sequence' } };
      }
      return {
        type: 'ok',
        response: { type: 'execute', result: execute(database, request.stmt.sql, request.stmt.args) },
      };
    } catch (error) {
      return { type: 'error', error: { message: `SQLite error: ${(error as Error).message}`, code: 'SQLITE_ERROR' } };
    }
  });
  return floats(JSON.stringify({ baton: streams.has(key) ? key : null, base_url: null, results }));
}

/** JSON.stringify has no -0. */
const floats = (text: string): string => text.replaceAll('"negative zero"', '-0.0');

function execute(database: DatabaseSync, sql: string, args: Wire[]): unknown {
  const statement = database.prepare(sql);
  statement.setReadBigInts(true);
  statement.setReturnArrays(true);
  const values = args.map((arg): SqlValue => {
    if (arg.type === 'integer') return BigInt(arg.value as string);
    if (arg.type === 'blob') return Buffer.from(arg.base64 as string, 'base64');
    return arg.type === 'null' ? null : (arg.value as string | number);
  });
  const cols = statement.columns().map(({ name }) => ({ name }));
  const bound = bind(parameterNames(sql), values);
  const rows = cols.length > 0 ? (statement.all(...bound) as unknown as SqlValue[][]) : [];
  if (cols.length === 0) statement.run(...bound);
  const { changes, lastInsertRowid } = database.prepare('SELECT 1 WHERE 0').run();
  const encoded = rows.map((row) =>
    row.map((value) => {
      if (value === null) return { type: 'null' };
      if (typeof value === 'bigint') return { type: 'integer', value: String(value) };
      if (typeof value === 'number') return { type: 'float', value: Object.is(value, -0) ? 'negative zero' : value };
      if (typeof value === 'string') return { type: 'text', value };
      return { type: 'blob', base64: Buffer.from(value).toString('base64').replace(/=+$/, '') };
    }),
  );
  return { cols, rows: encoded, affected_row_count: Number(changes), last_insert_rowid: String(lastInsertRowid) };
}

let made = 0;
const open = (folder = `db${++made}`, token = TOKEN): Promise<Database> =>
  libsqlDatabase({ url: `http://127.0.0.1:${port}/${folder}/`, token });

databaseContract('libsql', () => open());

test('libsql: a server that refuses the token, is not there, or leads elsewhere', async () => {
  for (const [database, message] of [
    [await open('x', 'wrong'), 'libSQL: the server answered 401: Unauthorized'],
    [await libsqlDatabase({ url: 'http://127.0.0.1:1', token: '' }), /^libSQL: .*(ECONNREFUSED|bad port)/],
    [await open('moved'), /^libSQL: .*redirect/],
  ] as const) {
    const connection = database.session().connect();
    await assert.rejects(all(connection, 'SELECT 1'), { name: 'SqlFault', message });
  }
});

test('libsql: a server that hangs costs its own request', async () => {
  const connection = (await open('hang')).session().connect();
  const controller = new AbortController();
  setTimeout(() => controller.abort(new Error('gone')), 20);
  const waiting = Promise.resolve(connection.query('SELECT 1', [], patientCaller(controller.signal)));
  await assert.rejects(within(waiting, 'the end of the request'), { message: 'gone' });
});

/** A database whose server gives this answer to everything. */
async function answering(t: TestContext, answer: string): Promise<Database> {
  const liar = createServer((request, response) => {
    request.resume().on('end', () => response.end(answer));
  }).listen(0, '127.0.0.1');
  t.after(() => {
    liar.closeAllConnections();
    liar.close();
  });
  await new Promise((resolve) => liar.once('listening', resolve));
  return libsqlDatabase({ url: `http://127.0.0.1:${(liar.address() as { port: number }).port}`, token: TOKEN });
}

const resultWith = (parts: object): string => {
  const result = { cols: [], rows: [], affected_row_count: 0, last_insert_rowid: null, ...parts };
  return JSON.stringify({ results: [{ type: 'ok', response: { result } }] });
};

for (const answer of [
  'null',
  '[]',
  '{"results":7}',
  '{"results":[null]}',
  '{"results":[{"type":"error","error":{"message":{"toString":1}}}]}',
  resultWith({ cols: 5 }),
  resultWith({ cols: [null] }),
  resultWith({ rows: [7] }),
  resultWith({ rows: [[null]] }),
  resultWith({ affected_row_count: 'many' }),
  resultWith({ last_insert_rowid: '9'.repeat(100_000) }),
  resultWith({ rows: [[{ type: 'integer', value: '9223372036854775808' }]] }),
  resultWith({ rows: [[{ type: 'integer', value: {} }]] }),
  resultWith({ rows: [[{ type: 'float', value: 'x' }]] }),
  resultWith({ rows: [[{ type: 'text', value: 7 }]] }),
  resultWith({ rows: [[{ type: 'blob', base64: 7 }]] }),
]) {
  test(`libsql: an answer that is none is a fault for the guest: ${answer.slice(0, 100)}`, async (t) => {
    const connection = (await answering(t, answer)).session().connect();
    const waiting = Promise.resolve(connection.query('SELECT 1', [], patientCaller()));
    await assert.rejects(within(waiting, 'the fault'), { name: 'SqlFault' });
  });
}

test('libsql: an answer of many small rows is counted as what they take, before it is read', async (t) => {
  const rows = `[${'[],'.repeat(500_000)}[]]`;
  const connection = (await answering(t, resultWith({}).replace('"rows":[]', `"rows":${rows}`))).session().connect();
  let kept = 0;
  const keep = (bytes: number): void => {
    kept += bytes;
    if (kept > 16_777_216) throw new Error('the limit');
  };
  const waiting = Promise.resolve(connection.query('SELECT 1', [], { signal: new AbortController().signal, keep }));
  await assert.rejects(within(waiting, 'the limit'), { message: 'the limit' });
});

test('libsql: an answer of just as many bytes as a result may have is read, one byte more is refused', async (t) => {
  const answer = resultWith({}).padEnd(MOST_RESULT_BYTES);
  assert.deepEqual(await rowsOf((await answering(t, answer)).session().connect(), 'SELECT 1'), []);
  const more = (await answering(t, `${answer} `)).session().connect();
  await assert.rejects(rowsOf(more, 'SELECT 1'), { message: /exceeds limit of 134217728 bytes/ });
});

test('libsql: what JSON cannot hold is an error', async () => {
  const connection = (await open()).session().connect();
  await assert.rejects(all(connection, 'SELECT ?', Number.POSITIVE_INFINITY), {
    name: 'SqlFault',
    message: /^Infinity cannot/,
  });
});

test('libsql: a stream is closed with its connection, and an answer is counted as it comes', async () => {
  const database = await open();
  const session = database.session();
  assert.deepEqual(await rowsOf(session.connect(), 'SELECT 1'), [[1n]]);
  let kept = 0;
  const counting = {
    signal: new AbortController().signal,
    keep(bytes: number) {
      kept += bytes;
    },
  };
  await session.connect().query("SELECT 'x' || zeroblob(0)", [], counting);
  assert.ok(kept > 50, `${kept} bytes`);
  const before = streams.size;
  session.close();
  for (let tries = 0; streams.size > before - 2 && tries < 100; tries++)
    await new Promise((done) => setTimeout(done, 10));
  assert.equal(streams.size, before - 2);
  assert.ok(requests.every(({ body }) => !body.includes(TOKEN)));
});

test('libsql: a stream is closed once, however often its connection is', async () => {
  const session = (await open()).session();
  const connection = session.connect();
  await all(connection, 'SELECT 1');
  const closings = (): number => requests.filter(({ body }) => body.includes('"close"')).length;
  const before = closings();
  connection.close();
  connection.close();
  session.close();
  for (let tries = 0; closings() === before && tries < 100; tries++) await new Promise((done) => setTimeout(done, 10));
  await new Promise((done) => setTimeout(done, 50));
  assert.equal(closings(), before + 1);
  await assert.rejects(all(connection, 'SELECT 1'), { name: 'SqlFault' });
});
