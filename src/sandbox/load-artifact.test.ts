// A component that comes from the cache is the one that was prepared, and a damaged file is never believed.
import assert from 'node:assert/strict';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { crc32 } from 'node:zlib';
import { pino } from 'pino';
import { seeded } from '../../test/support/random.ts';
import { assemble, callExport } from '../../test/support/wat.ts';
import type { Instance } from '../component/canon/instance.ts';
import { HostRegistry } from '../component/link/host-registry.ts';
import { ComponentCache } from './cache/component-cache.ts';
import { createFactory } from './factory.ts';
import type { ImageData } from './image.ts';
import { loadArtifact } from './load-artifact.ts';

let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'mayfly-cached-'));
});
after(() => rm(folder, { recursive: true }));

/** Data, globals of each type, a start function, a table, and code that reads all of it. */
const text = (letter: string): string => `(component
  (core module $m
    (memory 2) (data (i32.const 70000) "${letter}bc") (data (i32.const 5) "z")
    (global $i (mut i32) (i32.const 7)) (global $l (mut i64) (i64.const -9000000000000000000))
    (global $f (mut f32) (f32.const -0)) (global $d (mut f64) (f64.const inf))
    (table 1 funcref) (elem (i32.const 0) $eleven) (func $eleven (result i32) (i32.const 11))
    (func $start (i32.store8 (i32.const 9) (i32.const 33)) (global.set $i (i32.const 8)) (global.set $d (f64.const 0.1)))
    (start $start)
    (func (export "read") (param i32) (result i32) (i32.load8_u (local.get 0)))
    (func (export "state") (result i64)
      (i64.add (i64.add (global.get $l) (i64.extend_i32_u (global.get $i)))
        (i64.extend_i32_u (call_indirect (result i32) (i32.const 0))))))
  (core instance $i (instantiate $m))
  (func (export "read") (param "at" u32) (result u32) (canon lift (core func $i "read")))
  (func (export "state") (result s64) (canon lift (core func $i "state"))))`;

interface Loaded {
  /** Out of the cache, and whether with an image. */
  readonly from: 'afresh' | 'code' | 'image';
  readonly values: readonly unknown[];
  readonly image: ImageData | undefined;
  readonly log: string;
}

const basics = { strategy: 'copy', maximumPages: 100, handleLimit: 10, extraImports: {} } as const;

interface LoadOptions {
  readonly directory: string;
  readonly maximumPages?: number;
  readonly takesImage?: boolean;
  readonly maximumBytes?: number;
}

async function load(file: string, { directory, maximumPages = 100, takesImage = true, maximumBytes }: LoadOptions) {
  let log = '';
  const write = (line: string): void => {
    log += line;
  };
  const cache = new ComponentCache({ directory, ...(maximumBytes === undefined ? {} : { maximumBytes }) });
  const loaded = await loadArtifact([file], {
    host: new HostRegistry(),
    maximumPages,
    maximumTableElements: 1000,
    interruptible: false,
    cache,
    takesImage,
    log: pino({ level: 'debug' }, { write }),
  });
  let image: ImageData | undefined = loaded.storedImage;
  const factory = await createFactory(loaded.artifact, {
    ...basics,
    maximumPages,
    preinitialize: takesImage ? undefined : false,
    stored: loaded.storedImage,
    keep: (data) => {
      image = data;
    },
  });
  loaded.keep(image);
  await cache.settled();
  const { instance } = factory.make({ state: () => undefined });
  const values: unknown[] = [];
  for (const at of [70_000, 70_001, 5, 9, 131_071]) values.push(await callExport(instance as Instance, 'read', at));
  values.push(await callExport(instance as Instance, 'state'));
  const from = log.includes('is used, with its image') ? 'image' : log.includes('is used') ? 'code' : 'afresh';
  return { from, values, image, log } satisfies Loaded;
}

const expected = (letter: string): unknown[] => [letter.charCodeAt(0), 98, 122, 33, 0, -8999999999999999981n];

let number = 0;
const newDirectory = (): string => join(folder, `cache${++number}`);

async function component(name: string, letter = 'a'): Promise<string> {
  const file = join(folder, `${name}.wasm`);
  writeFileSync(file, await assemble(text(letter)));
  return file;
}

const prepared = (directory: string): string[] =>
  readdirSync(join(directory, 'components')).filter((name) => !name.includes('.'));

function onlyFile(directory: string): string {
  const names = prepared(directory);
  assert.equal(names.length, 1);
  return join(directory, 'components', names[0] as string);
}

test('the second load needs no preparation, and its image is the one that was made, byte for byte', async () => {
  const file = await component('twice');
  const directory = newDirectory();
  const first = await load(file, { directory });
  const second = await load(file, { directory });
  assert.deepEqual([first.from, second.from], ['afresh', 'image']);
  assert.deepEqual(first.values, expected('a'));
  assert.deepEqual(second.values, first.values);
  const contents = ({ image }: Loaded): unknown =>
    image?.memories.map(({ byteLength, parts }) => [byteLength, parts.map(({ at, bytes }) => [at, [...bytes]])]);
  assert.deepEqual(contents(second), contents(first));
  assert.deepEqual(second.image?.globals, first.image?.globals);
  assert.ok(Object.is(second.image?.globals[2], -0));
});

test('nobody else may read or write what is kept', async () => {
  const directory = newDirectory();
  await load(await component('private'), { directory });
  assert.equal(statSync(join(directory, 'components')).mode & 0o777, 0o700);
  assert.equal(statSync(onlyFile(directory)).mode & 0o777, 0o600);
});

test('a component that is initialised for each request keeps its data, and no image', async () => {
  const file = await component('each');
  const directory = newDirectory();
  const results = [];
  for (const _ of [1, 2]) results.push(await load(file, { directory, takesImage: false }));
  assert.deepEqual(
    results.map(({ from }) => from),
    ['afresh', 'code'],
  );
  for (const { values } of results) assert.deepEqual(values, expected('a'));
});

test('a data segment whose offset is computed', async () => {
  const file = join(folder, 'computed.wasm');
  const offset = '(offset (i32.add (i32.const 69999) (i32.const 1)))';
  writeFileSync(file, await assemble(text('a').replace('(data (i32.const 70000)', `(data ${offset}`)));
  const directory = newDirectory();
  const results = [
    await load(file, { directory, takesImage: false }),
    await load(file, { directory, takesImage: false }),
  ];
  assert.deepEqual(
    results.map(({ from }) => from),
    ['afresh', 'code'],
  );
  for (const { values } of results) assert.deepEqual(values, expected('a'));
});

test('other options are another component', async () => {
  const file = await component('options');
  const directory = newDirectory();
  await load(file, { directory });
  assert.equal((await load(file, { directory, maximumPages: 99 })).from, 'afresh');
  assert.equal((await load(file, { directory, takesImage: false })).from, 'afresh');
  assert.equal((await load(file, { directory })).from, 'image');
  assert.equal(prepared(directory).length, 3);
});

test('a file that changed is another component, with the same size and time of writing, too', async () => {
  const file = await component('changed', 'a');
  const directory = newDirectory();
  const old = new Date(Date.now() - 86_400_000);
  const results = [];
  for (const letter of ['a', 'a', 'q', 'a']) {
    await component('changed', letter);
    utimesSync(file, old, old);
    results.push(await load(file, { directory }));
  }
  assert.deepEqual(
    results.map(({ from }) => from),
    ['afresh', 'image', 'afresh', 'image'],
  );
  assert.deepEqual(
    results.map(({ values }) => values[0]),
    [97, 97, 113, 97],
  );
});

test('damaged files are prepared afresh and written again', async () => {
  const file = await component('damaged');
  const directory = newDirectory();
  await load(file, { directory });
  const path = onlyFile(directory);
  const good = readFileSync(path);
  const random = seeded(1);
  const bad: Buffer[] = [0, 1, 7, 23, 24, 100, good.length - 1].map((length) => good.subarray(0, length));
  bad.push(Buffer.concat([good, Buffer.of(0)]), Buffer.alloc(good.length, 0xff));
  for (let turn = 0; turn < 60; turn++) {
    const changed = Buffer.from(good);
    const at = random.int(good.length);
    changed[at] = (changed[at] as number) ^ (1 << random.int(8));
    bad.push(changed);
  }
  for (const bytes of bad) {
    writeFileSync(path, bytes);
    const { from, values, log } = await load(file, { directory });
    assert.equal(from, 'afresh');
    assert.match(log, /is not used: /);
    assert.deepEqual(values, expected('a'));
    assert.deepEqual(readFileSync(path).subarray(0, 24), good.subarray(0, 24));
  }
  assert.equal((await load(file, { directory })).from, 'image');
});

test('a head that says something else, under a checksum that fits, is found out', async () => {
  const file = await component('forged');
  const directory = newDirectory();
  await load(file, { directory });
  const path = onlyFile(directory);
  const good = readFileSync(path);
  const headLength = good.readUInt32LE(8);
  const jsonLength = good.readUInt32LE(24);
  const head = good.toString('utf8', 28, 28 + jsonLength);
  const random = seeded(2);
  for (let turn = 0; turn < 200; turn++) {
    const at = random.int(head.length);
    const changed =
      head.slice(0, at) + random.pick(['0', '9', '-', '"', 'null', '[]', '{', '1e9', ',']) + head.slice(at + 1);
    const json = Buffer.from(changed);
    const outlines = good.subarray(28 + jsonLength, 24 + headLength);
    const length = Buffer.alloc(4);
    length.writeUInt32LE(json.length);
    const newHead = Buffer.concat([length, json, outlines]);
    const prefix = Buffer.from(good.subarray(0, 24));
    prefix.writeUInt32LE(newHead.length, 8);
    prefix.writeUInt32LE(crc32(newHead), 12);
    writeFileSync(path, Buffer.concat([prefix, newHead, good.subarray(24 + headLength)]));
    // Whoever writes this may choose what the component does, and no more than that.
    await load(file, { directory }).catch((error: unknown) => assert.ok(error instanceof Error));
  }
});

test('what is no file of ours is not read: links, folders, files of another component', async () => {
  const file = await component('links');
  const directory = newDirectory();
  await load(file, { directory });
  const path = onlyFile(directory);
  const good = readFileSync(path);
  const elsewhere = join(folder, 'elsewhere');
  writeFileSync(elsewhere, good);
  await rm(path);
  symlinkSync(elsewhere, path);
  assert.equal((await load(file, { directory })).from, 'afresh');
  await rm(path);
  mkdirSync(path);
  assert.equal((await load(file, { directory })).from, 'afresh');
  await rm(path, { recursive: true });
  const other = await component('other', 'o');
  await load(other, { directory });
  writeFileSync(onlyFile(directory), good);
  const { from, values } = await load(other, { directory });
  assert.equal(from, 'afresh');
  assert.deepEqual(values, expected('o'));
});

test('a folder that others may write to, or that cannot be made, is not used', async () => {
  const file = await component('folders');
  const directory = newDirectory();
  await load(file, { directory });
  chmodSync(join(directory, 'components'), 0o777);
  const open = await load(file, { directory });
  assert.equal(open.from, 'afresh');
  assert.match(open.log, /others may write there/);
  const none = await load(file, { directory: join(file, 'below-a-file') });
  assert.deepEqual([none.from, none.values], ['afresh', expected('a')]);
  assert.match(none.log, /are not kept in/);
});

test('many writers at once leave one whole file', async () => {
  const file = await component('writers');
  const directory = newDirectory();
  const results = await Promise.all(Array.from({ length: 12 }, () => load(file, { directory })));
  for (const { values } of results) assert.deepEqual(values, expected('a'));
  onlyFile(directory);
  assert.deepEqual(
    readdirSync(join(directory, 'components')).filter((name) => name.endsWith('.tmp')),
    [],
  );
  assert.equal((await load(file, { directory })).from, 'image');
});

test('those that were not used for longest go when there are too many', async () => {
  const directory = newDirectory();
  const files = await Promise.all(['a', 'b', 'c'].map((name) => component(name, name)));
  const [one, two, three] = files as [string, string, string];
  await load(one, { directory });
  const { size } = statSync(onlyFile(directory));
  const maximumBytes = Math.floor(size * 2.5);
  const past = new Date(Date.now() - 60_000);
  const age = (): void => {
    for (const name of prepared(directory)) utimesSync(join(directory, 'components', name), past, past);
  };
  await load(two, { directory, maximumBytes });
  age();
  assert.equal((await load(one, { directory, maximumBytes })).from, 'image');
  await load(three, { directory, maximumBytes });
  assert.equal(prepared(directory).length, 2);
  assert.equal((await load(one, { directory, maximumBytes })).from, 'image');
  assert.equal((await load(two, { directory, maximumBytes })).from, 'afresh');
});

test('files of writers that died go, and those of others stay', async () => {
  const directory = newDirectory();
  const file = await component('abandoned');
  await load(file, { directory });
  const path = join(directory, 'components');
  const past = new Date(Date.now() - 86_400_000);
  const name = 'a'.repeat(64);
  for (const one of [`${name}.0123456789abcdef.tmp`, `${name}.fedcba9876543210.tmp`, 'notes.txt']) {
    writeFileSync(join(path, one), '');
    if (!one.includes('fedc')) utimesSync(join(path, one), past, past);
  }
  await load(file, { directory, maximumPages: 50 });
  const left = readdirSync(path);
  assert.ok(!left.includes(`${name}.0123456789abcdef.tmp`));
  assert.ok(left.includes(`${name}.fedcba9876543210.tmp`));
  assert.ok(left.includes('notes.txt'));
});

test('a component that is not valid is never kept', async () => {
  const file = join(folder, 'invalid.wasm');
  // `drop` without a value, which only V8 finds out.
  const good = Buffer.from(await assemble(text('a')));
  const at = good.indexOf(Buffer.of(0x41, 0x0b, 0x0b)); // i32.const 11, end
  good[at] = 0x1a;
  good[at + 1] = 0x01;
  writeFileSync(file, good);
  const directory = newDirectory();
  for (const _ of [1, 2]) await assert.rejects(load(file, { directory }), { code: 'component-corrupt' });
  assert.deepEqual(prepared(directory), []);
});

test('a file is not read again when it has not changed', async () => {
  const file = await component('noted');
  const directory = newDirectory();
  await new Promise((resolve) => setTimeout(resolve, 2_100));
  await load(file, { directory });
  const notes = readdirSync(join(directory, 'components')).filter((name) => name.endsWith('.seen'));
  assert.equal(notes.length, 1);
  const note = join(directory, 'components', notes[0] as string);
  assert.equal((await load(file, { directory })).from, 'image');
  for (const damaged of ['', '{', '{"state":"x","digest":"y"}', 'null']) {
    writeFileSync(note, damaged);
    assert.equal((await load(file, { directory })).from, 'image');
  }
});
