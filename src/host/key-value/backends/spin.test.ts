// The store in Spin's own file passes the contract of all backends, and is shared by processes.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { counterBytes } from '../counter.ts';
import { MOST_RESULT_BYTES } from '../store.ts';
import { spinBackend } from './spin.ts';
import { allKeys, patientCaller, storeContract } from './store.contract.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-kv-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const freshPath = (): string => path.join(folder, `${files++}`, 'deep', 'sqlite_key_value.db');

storeContract('spin', () => spinBackend(freshPath()), { counter: counterBytes });

test('the file is made at first use, with the table that Spin has', async () => {
  const file = freshPath();
  const backend = await spinBackend(file);
  const store = backend.store('mine');
  assert.equal(existsSync(file), false);
  await store.set('a', Buffer.from('1'), patientCaller());
  await backend.close();
  const database = new DatabaseSync(file);
  const rows = database.prepare('SELECT store, key, value, typeof(value) AS type FROM spin_key_value').all();
  assert.deepEqual(
    rows.map((row) => ({ ...row })),
    [{ store: 'mine', key: 'a', value: Uint8Array.of(49), type: 'blob' }],
  );
  const columns = database.prepare('PRAGMA table_info(spin_key_value)').all();
  assert.deepEqual(
    columns.map(({ name, type, notnull, pk }) => [name, type, notnull, pk]),
    [
      ['store', 'TEXT', 1, 1],
      ['key', 'TEXT', 1, 2],
      ['value', 'BLOB', 1, 0],
    ],
  );
  database.close();
  assert.equal(existsSync(`${file}-wal`), false, 'the file is whole without others beside it');
});

test('a file that Spin made is read, its counters too', async () => {
  const file = path.join(folder, 'of-spin.db');
  const database = new DatabaseSync(file);
  database.exec(
    'CREATE TABLE spin_key_value (store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))',
  );
  database.exec(`INSERT INTO spin_key_value VALUES ('default', 'b', x'0001ff'), ('default', 'n', x'0200000000000000'),
    ('other', 'a', x'')`);
  database.close();
  const backend = await spinBackend(file);
  const caller = patientCaller();
  const store = backend.store('default');
  assert.deepEqual(await store.get('b', caller), Uint8Array.of(0, 1, 255));
  assert.equal(await store.increment('n', 40n, caller), 42n);
  assert.deepEqual(await allKeys(store), ['b', 'n']);
  await backend.close();
});

test('a lock of another process is waited for without holding the thread, and ends with the request', async () => {
  const file = freshPath();
  const backend = await spinBackend(file);
  const store = backend.store('default');
  await store.set('a', Buffer.from('1'), patientCaller());
  const other = new DatabaseSync(file);
  other.exec('BEGIN IMMEDIATE');
  const patient = store.set('a', Buffer.from('2'), patientCaller());
  const controller = new AbortController();
  const impatient = store.set('a', Buffer.from('3'), { signal: controller.signal, keep: () => undefined });
  assert.ok(patient instanceof Promise && impatient instanceof Promise, 'others run meanwhile');
  assert.equal(Buffer.from((await store.get('a', patientCaller())) ?? []).toString(), '1', 'readers need not wait');
  controller.abort(new Error('gone'));
  await assert.rejects(impatient, { name: 'AbortError' });
  await delay(30);
  other.exec('COMMIT');
  await patient;
  assert.equal(Buffer.from((await store.get('a', patientCaller())) ?? []).toString(), '2');
  other.close();
  await backend.close();
});

test('a file that is no database, and one that cannot be made, are told to the guest', async () => {
  const file = path.join(folder, 'text.db');
  writeFileSync(file, 'this is no database, whatever its name says. '.repeat(100));
  for (const [where, message] of [
    [file, /not a database/],
    [path.join(file, 'below.db'), /ENOTDIR|EEXIST/],
    [folder, /unable to open/],
  ] as const) {
    const backend = await spinBackend(where);
    const attempt = async (): Promise<unknown> => backend.store('default').get('a', patientCaller());
    await assert.rejects(attempt, { name: 'StoreFault', message });
    await assert.rejects(attempt, { name: 'StoreFault', message }, 'and again');
    await backend.close();
  }
});

test('two processes write one store at once: no count is lost', { timeout: 60_000 }, async () => {
  const file = freshPath();
  const script = path.join(import.meta.dirname, 'count.fixture.ts');
  const children = [0, 1].map(() => fork(script, [file, '300'], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] }));
  const codes = await Promise.all(children.map(async (child) => (await once(child, 'exit'))[0]));
  assert.deepEqual(codes, [0, 0]);
  const backend = await spinBackend(file);
  assert.equal(await backend.store('default').increment('count', 0n, patientCaller()), 600n);
  await backend.close();
});

/** How many keys are in each piece. */
async function pieces(keys: readonly string[]): Promise<number[]> {
  const backend = await spinBackend(freshPath());
  const [store, caller] = [backend.store('default'), patientCaller()];
  await store.setMany(
    keys.map((key) => [key, new Uint8Array()]),
    caller,
  );
  const found: number[] = [];
  let from: unknown;
  do {
    const piece = await store.keys(from, caller);
    found.push(piece.keys.length);
    from = piece.next;
  } while (from !== undefined);
  await backend.close();
  return found;
}

test('keys come a thousand at a time, and fewer where they are long', async () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `k${index}`);
  assert.deepEqual(await pieces(many(999)), [999]);
  assert.deepEqual(await pieces(many(1000)), [1000, 0]);
  assert.deepEqual(await pieces(many(1001)), [1000, 1]);
  const long = (units: number) => [`a${'x'.repeat(units - 1)}`, `b${'x'.repeat(524_287)}`, 'c'];
  assert.deepEqual(await pieces(long(524_288)), [3, 0]);
  assert.deepEqual(await pieces(long(524_289)), [2, 1]);
});

test('of several values all are set, or none', async () => {
  const backend = await spinBackend(freshPath());
  const [store, caller] = [backend.store('default'), patientCaller()];
  const entries = [
    ['a', Buffer.from('1')],
    ['b', {} as Uint8Array],
  ] as const;
  await assert.rejects(async () => store.setMany(entries, caller), { name: 'StoreFault' });
  assert.deepEqual(await allKeys(store), []);
  await store.setMany([['a', Buffer.from('2')]], caller);
  assert.deepEqual(await allKeys(store), ['a']);
  await backend.close();
  await assert.rejects(async () => store.get('a', caller), { name: 'StoreFault', message: 'the store is closed' });
});

test('values that other programs wrote as text or numbers are their text; a result has a bound', async () => {
  const file = freshPath();
  const backend = await spinBackend(file);
  const [store, caller] = [backend.store('default'), patientCaller()];
  await store.set('a', Buffer.from('1'), caller);
  const outside = new DatabaseSync(file);
  outside.exec(`INSERT INTO spin_key_value VALUES ('default', 'text', 'words'), ('default', 'number', 7),
    ('default', 'half', zeroblob(${MOST_RESULT_BYTES / 2})), ('default', 'more', zeroblob(${MOST_RESULT_BYTES + 1}))`);
  outside.close();
  assert.equal(String(await store.get('text', caller)), 'words');
  assert.equal(String(await store.get('number', caller)), '7');
  assert.equal((await store.getMany(['half', 'none', 'half'], caller)).length, 3);
  const message = `query result exceeds limit of ${MOST_RESULT_BYTES} bytes`;
  await assert.rejects(async () => store.getMany(['half', 'half', 'a'], caller), { name: 'StoreFault', message });
  await assert.rejects(async () => store.get('more', caller), { name: 'StoreFault', message });
  await backend.close();
});

test('a file that is locked when it is opened is waited for', async () => {
  const file = path.join(folder, 'locked.db');
  const outside = new DatabaseSync(file);
  outside.exec('CREATE TABLE other (a); BEGIN EXCLUSIVE');
  const backend = await spinBackend(file);
  const reading = backend.store('default').get('a', patientCaller());
  assert.ok(reading instanceof Promise);
  await delay(30);
  outside.exec('COMMIT');
  assert.equal(await reading, undefined);
  outside.close();
  await backend.close();
});
