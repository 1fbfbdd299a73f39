// The folder of prepared components: what goes in, what comes out, what is removed, and that nothing ever fails an app.
import assert from 'node:assert/strict';
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { testLog } from '../../telemetry/log.test-kit.ts';
import type { Logger } from '../../telemetry/log.ts';
import { ComponentCache, type MakeEntry } from './component-cache.ts';

interface Bench {
  readonly directory: string;
  /** Where the files are. */
  readonly files: string;
  readonly log: Logger;
  /** What the log tells people. */
  readonly lines: () => string[];
  cache(maximumBytes?: number): ComponentCache;
  path(key: string): string;
}

function bench(t: TestContext): Bench {
  const directory = mkdtempSync(join(tmpdir(), 'mayfly-cache-'));
  t.after(() => rmSync(directory, { recursive: true }));
  const { log, messages } = testLog();
  const files = join(directory, 'components');
  return {
    directory,
    files,
    log,
    lines: () => messages('debug'),
    cache: (maximumBytes) => new ComponentCache({ directory, ...(maximumBytes === undefined ? {} : { maximumBytes }) }),
    path: (key) => join(files, key),
  };
}

const key = (letter: string): string => letter.repeat(64);

const entry = (name: string, bytes = 100): ReturnType<MakeEntry> => ({
  key: name,
  outlines: [Buffer.from('outline')],
  component: { code: { facts: [], modules: [Buffer.alloc(bytes, 1)], whole: [undefined] }, image: undefined },
});

async function put(cache: ComponentCache, one: Bench, name: string, bytes = 100): Promise<void> {
  cache.keep(() => entry(name, bytes), one.log);
  await cache.settled();
}

const MINUTE = 60_000;

function age(path: string, milliseconds: number): void {
  const at = new Date(Date.now() - milliseconds);
  utimesSync(path, at, at);
}

test('what is kept is found, under its key and no other', async (t) => {
  const one = bench(t);
  const cache = one.cache();
  await put(cache, one, key('a'));
  const found = one.cache().find(key('a'), one.log);
  assert.ok(found);
  assert.equal(found.outlines[0]?.toString(), 'outline');
  assert.deepEqual((await found.component).code.modules, [Buffer.alloc(100, 1)]);
  assert.equal(cache.find(key('b'), one.log), undefined);
  assert.deepEqual(one.lines(), []);
});

test('it is written a little later, once, and not before', async (t) => {
  const one = bench(t);
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const cache = one.cache();
  let made = 0;
  cache.keep(() => {
    made++;
    return entry(key('a'));
  }, one.log);
  t.mock.timers.tick(299);
  await new Promise(setImmediate);
  assert.equal(made, 0);
  t.mock.timers.tick(1);
  await cache.settled();
  assert.equal(made, 1);
  t.mock.timers.tick(1000);
  await cache.settled();
  assert.equal(made, 1);
  assert.ok(existsSync(one.path(key('a'))));
});

test('what fails is logged, and the next is written all the same', async (t) => {
  const one = bench(t);
  const cache = one.cache();
  cache.keep(() => {
    throw new Error('no room');
  }, one.log);
  cache.keep(() => entry(key('b')), one.log);
  await cache.settled();
  assert.ok(existsSync(one.path(key('b'))));
  assert.match(one.lines().join('\n'), /Cannot keep a prepared component in .*: no room/);
});

test('files are written one after the other', async (t) => {
  const one = bench(t);
  const cache = one.cache();
  const order: string[] = [];
  for (const letter of ['a', 'b', 'c']) {
    cache.keep(() => {
      order.push(`${letter} after ${existsSync(one.files) ? readdirSync(one.files).length : 0}`);
      return entry(key(letter));
    }, one.log);
  }
  await cache.settled();
  assert.deepEqual(order, ['a after 0', 'b after 1', 'c after 2']);
});

test('a file that is damaged, or of another component, is as good as none, and the log says why', async (t) => {
  const one = bench(t);
  const cache = one.cache();
  await put(cache, one, key('a'));
  writeFileSync(one.path(key('b')), 'nonsense');
  assert.equal(cache.find(key('b'), one.log), undefined);
  assert.match(one.lines().at(-1) ?? '', new RegExp(`Prepared component ${key('b')} is not used: it does not start`));
  rmSync(one.path(key('b')));
  mkdirSync(one.path(key('b')));
  assert.equal(cache.find(key('b'), one.log), undefined);
  await put(cache, one, key('c'));
  copyFileSync(one.path(key('a')), one.path(key('d')));
  assert.equal(cache.find(key('d'), one.log), undefined);
  assert.match(one.lines().at(-1) ?? '', /it belongs to another component/);
});

test('what is used counts as new', async (t) => {
  const one = bench(t);
  const cache = one.cache();
  await put(cache, one, key('a'));
  age(one.path(key('a')), 60 * MINUTE);
  cache.find(key('a'), one.log);
  for (let tries = 0; statSync(one.path(key('a'))).mtimeMs < Date.now() - MINUTE; tries++) {
    assert.ok(tries < 200, 'waited in vain for the time of the file');
    await sleep(10);
  }
});

test('all files together may be as large as the limit, and not larger', async (t) => {
  const one = bench(t);
  await put(one.cache(), one, key('a'));
  const { size } = statSync(one.path(key('a')));
  age(one.path(key('a')), 2 * MINUTE);
  await put(one.cache(2 * size), one, key('b'));
  assert.deepEqual(readdirSync(one.files).sort(), [key('a'), key('b')]);
  age(one.path(key('b')), MINUTE);
  await put(one.cache(3 * size - 1), one, key('c'));
  assert.deepEqual(readdirSync(one.files).sort(), [key('b'), key('c')]);
});

test('one that is larger than the limit alone is not written, one that is as large is', async (t) => {
  const one = bench(t);
  await put(one.cache(), one, key('a'));
  const { size } = statSync(one.path(key('a')));
  rmSync(one.path(key('a')));
  await put(one.cache(size - 1), one, key('a'));
  assert.deepEqual(readdirSync(one.files), []);
  await put(one.cache(size), one, key('a'));
  assert.deepEqual(readdirSync(one.files), [key('a')]);
});

test('of the notes about files the newest 4096 stay', async (t) => {
  const one = bench(t);
  await put(one.cache(), one, key('a'));
  const note = (index: number): string => `${index.toString(16).padStart(64, '0')}.seen`;
  for (let index = 0; index < 4098; index++) {
    const path = one.path(note(index));
    writeFileSync(path, '');
    age(path, (index + 1) * 1000);
  }
  await put(one.cache(), one, key('b'));
  const left = new Set(readdirSync(one.files));
  assert.equal(left.size, 2 + 4096);
  assert.deepEqual(
    [0, 4095, 4096, 4097].map((index) => left.has(note(index))),
    [true, true, false, false],
  );
});

test('temporary files go after an hour, and files of other names stay', async (t) => {
  const one = bench(t);
  await put(one.cache(), one, key('a'));
  const hour = 60 * MINUTE;
  const temporary = (name: string): string => `${name}.0123456789abcdef.tmp`;
  const files: readonly (readonly [name: string, age: number, stays: boolean])[] = [
    [temporary(key('1')), hour + MINUTE, false],
    [temporary(`${key('2')}.seen`), hour + MINUTE, false],
    [temporary(key('3')), hour - MINUTE, true],
    ['notes.txt', 100 * hour, true],
    [`${key('4')}.tmp`, 100 * hour, true],
    [`x${key('5')}`, 100 * hour, true],
    [`${key('6')}x`, 100 * hour, true],
    [temporary('short'), 100 * hour, true],
  ];
  for (const [name, old] of files) {
    writeFileSync(one.path(name), 'x'.repeat(1000));
    age(one.path(name), old);
  }
  await put(one.cache(900), one, key('b'));
  const left = readdirSync(one.files);
  for (const [name, , stays] of files) assert.equal(left.includes(name), stays, name);
});

test('a folder that others may write to is not used, whoever the others are', async (t) => {
  for (const [mode, usable] of [
    [0o700, true],
    [0o755, true],
    [0o744, true],
    [0o720, false],
    [0o770, false],
    [0o702, false],
  ] as const) {
    const one = bench(t);
    mkdirSync(one.files);
    chmodSync(one.files, mode);
    const cache = one.cache();
    assert.equal((await cache.digests([], one.log)) !== undefined, usable, mode.toString(8));
    await put(cache, one, key('a'));
    assert.equal(existsSync(one.path(key('a'))), usable, mode.toString(8));
    if (!usable) assert.match(one.lines().join('\n'), /are not kept in .*: others may write there/);
  }
});

test('a file in place of the folder, and the folder of another user, are not used', async (t) => {
  const one = bench(t);
  writeFileSync(one.files, '');
  assert.equal(await one.cache().digests([], one.log), undefined);
  rmSync(one.files);
  mkdirSync(join(one.directory, 'elsewhere'));
  symlinkSync(join(one.directory, 'elsewhere'), one.files);
  assert.equal(await one.cache().digests([], one.log), undefined);
  assert.match(one.lines().at(-1) ?? '', /it is no folder/);
  rmSync(one.files);
  if (process.getuid?.() !== 0) return;
  mkdirSync(one.files, { mode: 0o700 });
  chownSync(one.files, 12_345, 12_345);
  assert.equal(await one.cache().digests([], one.log), undefined);
  assert.match(one.lines().at(-1) ?? '', /it belongs to another user/);
});

test('the folder is made for this user alone, and looked at once', async (t) => {
  const one = bench(t);
  const cache = one.cache();
  const file = join(one.directory, 'app.wasm');
  writeFileSync(file, 'x');
  const digests = await cache.digests([file, file], one.log);
  assert.equal(digests?.length, 2);
  assert.equal(statSync(one.files).mode & 0o777, 0o700);
  chmodSync(one.files, 0o777);
  assert.equal((await cache.digests([file], one.log))?.length, 1);
  await assert.rejects(cache.digests([join(one.directory, 'none')], one.log), { code: 'ENOENT' });
});

test('digests are remembered once there is time', async (t) => {
  const one = bench(t);
  const cache = one.cache();
  const file = join(one.directory, 'app.wasm');
  writeFileSync(file, 'x');
  // The file is too new until the clock has gone on.
  await sleep(2100);
  await cache.digests([file], one.log);
  assert.deepEqual(readdirSync(one.files), []);
  await cache.settled();
  assert.equal(readdirSync(one.files).length, 1);
});

test('settling with nothing to write is at once', async (t) => {
  await bench(t).cache().settled();
});

test('several processes that remove the same files at once do not get into each other’s way', async (t) => {
  const one = bench(t);
  for (const letter of ['a', 'b', 'c', 'd', 'e', 'f']) await put(one.cache(), one, key(letter), 5000);
  for (let round = 0; round < 10; round++) {
    const caches = Array.from({ length: 6 }, () => one.cache(6000));
    await Promise.all(caches.map((cache, index) => put(cache, one, key(String(index)), 5000)));
  }
  assert.deepEqual(one.lines(), []);
});
