// The key-value service through each version of its interface: permissions, values, errors and limits.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { ProducedStream, StreamChunk, StreamWriter } from '../../component/types/streams.ts';
import { keyValueApp, okOf, type TestGuest } from './guest.test-kit.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'mayfly-kv-service-'));
after(() => rmSync(folder, { recursive: true }));
let files = 0;
const file = () => ({ type: 'spin', path: path.join(folder, `${files++}.db`) }) as const;

const one = 'fermyon:spin/key-value';
const two = 'fermyon:spin/key-value@2.0.0';
const three = 'spin:key-value/key-value@3.0.0';
const store = 'wasi:keyvalue/store@0.2.0-draft2';
const batch = 'wasi:keyvalue/batch@0.2.0-draft2';
const atomics = 'wasi:keyvalue/atomics@0.2.0-draft2';

const err = (val: unknown) => ({ tag: 'err', val });
const bytes = (text: string) => Buffer.from(text);
const text = (value: unknown) => (value === undefined ? undefined : Buffer.from(value as Uint8Array).toString());

/** `open` of each interface, and what it gives handles to. */
const opens = { [one]: 'open', [two]: '[static]store.open', [three]: '[static]store.open', [store]: 'open' };

async function read(stream: ProducedStream<string>): Promise<string[]> {
  const keys: string[] = [];
  const end = Promise.withResolvers<void>();
  stream.produce({
    write: async (chunk: StreamChunk<string>) => keys.push(...Array.from(chunk)) && chunk.length,
    close: end.resolve,
    dropped: false,
  } as unknown as StreamWriter<string>);
  await end.promise;
  return keys;
}

async function allKeys(guest: TestGuest, opened: unknown): Promise<unknown> {
  const [keys, end] = (await guest.call(`${three} [method]store.get-keys`, opened)) as [
    ProducedStream<string>,
    unknown,
  ];
  const read3 = await read(keys);
  assert.deepEqual(await end, { tag: 'ok', val: undefined });
  return read3;
}

test('all versions work on the same keys, each in its own words', async () => {
  for (const config of [file(), { type: 'spin', path: undefined } as const]) {
    const app = await keyValueApp({ default: config });
    const guest = app.request();
    const number = okOf(await guest.call(`${one} open`, 'default'));
    const second = okOf(await guest.call(`${two} [static]store.open`, 'default'));
    const third = okOf(await guest.call(`${three} [static]store.open`, 'default'));
    const bucket = okOf(await guest.call(`${store} open`, 'default'));

    okOf(await guest.call(`${one} set`, number, 'one', bytes('1')));
    okOf(await guest.call(`${two} [method]store.set`, second, 'two', bytes('2')));
    okOf(await guest.call(`${three} [method]store.set`, third, 'three', bytes('3')));
    okOf(await guest.call(`${store} [method]bucket.set`, bucket, 'wasi', bytes('4')));

    assert.equal(text(okOf(await guest.call(`${one} get`, number, 'two'))), '2');
    assert.equal(text(okOf(await guest.call(`${two} [method]store.get`, second, 'three'))), '3');
    assert.equal(text(okOf(await guest.call(`${three} [method]store.get`, third, 'wasi'))), '4');
    assert.equal(text(okOf(await guest.call(`${store} [method]bucket.get`, bucket, 'one'))), '1');

    const keys = ['one', 'three', 'two', 'wasi'];
    assert.deepEqual(okOf(await guest.call(`${one} get-keys`, number)), keys);
    assert.deepEqual(okOf(await guest.call(`${two} [method]store.get-keys`, second)), keys);
    assert.deepEqual(await allKeys(guest, third), keys);
    assert.deepEqual(okOf(await guest.call(`${store} [method]bucket.list-keys`, bucket, undefined)), {
      keys,
      cursor: undefined,
    });

    okOf(await guest.call(`${one} delete`, number, 'wasi'));
    okOf(await guest.call(`${one} delete`, number, 'wasi'));
    okOf(await guest.call(`${two} [method]store.delete`, second, 'one'));
    okOf(await guest.call(`${three} [method]store.delete`, third, 'two'));
    okOf(await guest.call(`${store} [method]bucket.delete`, bucket, 'none'));
    assert.equal(okOf(await guest.call(`${one} exists`, number, 'one')), false);
    assert.equal(okOf(await guest.call(`${two} [method]store.exists`, second, 'three')), true);
    assert.equal(okOf(await guest.call(`${three} [method]store.exists`, third, 'two')), false);
    assert.equal(okOf(await guest.call(`${store} [method]bucket.exists`, bucket, 'wasi')), false);

    assert.deepEqual(await guest.call(`${one} get`, number, 'one'), err({ tag: 'no-such-key' }));
    assert.equal(okOf(await guest.call(`${two} [method]store.get`, second, 'one')), undefined);
    assert.equal(guest.hostBytes.bytes, 0);
    await app.close();
  }
});

test('a label that the manifest does not name is denied, in every version, and the log says what to write', async () => {
  const app = await keyValueApp({ default: file(), other: file() }, ['other']);
  for (const [name, open] of Object.entries(opens)) {
    const guest = app.request();
    for (const label of ['default', '', 'none', '__proto__']) {
      assert.deepEqual(await guest.call(`${name} ${open}`, label), err({ tag: 'access-denied' }), `${name} ${label}`);
    }
    okOf(await guest.call(`${name} ${open}`, 'other'));
  }
  assert.equal(
    app.warnings[0],
    'It may not open the key-value store "default". To allow it, add to [component.hello]: key_value_stores = ["default"]',
  );
  await app.close();
});

test('a label that the runtime configuration does not have is a problem at load, and no store', async () => {
  const app = await keyValueApp({ default: file() }, ['default', 'zzz']);
  assert.deepEqual(
    app.problems.map(({ code, message }) => [code, message]),
    [['manifest-value', 'unknown key_value_stores label "zzz" for component "hello"']],
  );
  for (const [name, open] of Object.entries(opens)) {
    assert.deepEqual(await app.request().call(`${name} ${open}`, 'zzz'), err({ tag: 'no-such-store' }));
  }
  await app.close();
});

test('three hundred stores are open at once, but not any number; closing makes room', async () => {
  const app = await keyValueApp();
  for (const [name, open] of Object.entries(opens)) {
    const guest = app.request();
    const opened: unknown[] = [];
    let result: unknown;
    for (;;) {
      result = await guest.call(`${name} ${open}`, 'default');
      if ((result as { tag: string }).tag === 'err') break;
      opened.push(okOf(result));
    }
    assert.equal(opened.length, 1024);
    assert.deepEqual(
      result,
      err(name === store ? { tag: 'other', val: 'store table full' } : { tag: 'store-table-full' }),
    );
    if (name === one) await guest.call(`${one} close`, opened[0]);
    else guest.drop(name, name === store ? 'bucket' : 'store', opened[0]);
    okOf(await guest.call(`${name} ${open}`, 'default'));
  }
  await app.close();
});

test('numbers of stores end with their request, and others are none', async () => {
  const app = await keyValueApp();
  const guest = app.request();
  const number = okOf(await guest.call(`${one} open`, 'default')) as number;
  await guest.call(`${one} close`, number);
  await guest.call(`${one} close`, number);
  for (const wrong of [number, 0, 77, 0xffffffff]) {
    assert.deepEqual(await guest.call(`${one} get`, wrong, 'a'), err({ tag: 'invalid-store' }));
    assert.deepEqual(await guest.call(`${one} get-keys`, wrong), err({ tag: 'invalid-store' }));
  }
  okOf(await guest.call(`${one} open`, 'default'));
  assert.deepEqual(await app.request().call(`${one} exists`, number + 1, 'a'), err({ tag: 'invalid-store' }));
  await app.close();
});

test('wasi:keyvalue: many at once, without those that are not there; there is no cursor', async () => {
  const app = await keyValueApp({ default: file() });
  const guest = app.request();
  const bucket = okOf(await guest.call(`${store} open`, 'default'));
  okOf(
    await guest.call(`${batch} set-many`, bucket, [
      ['a', bytes('1')],
      ['b', bytes('2')],
    ]),
  );
  const found = okOf(await guest.call(`${batch} get-many`, bucket, ['b', 'none', 'a'])) as [string, unknown][];
  assert.deepEqual(
    found.map(([key, value]) => [key, text(value)]),
    [
      ['b', '2'],
      ['a', '1'],
    ],
  );
  okOf(await guest.call(`${batch} delete-many`, bucket, ['a', 'none']));
  assert.deepEqual(okOf(await guest.call(`${batch} get-many`, bucket, ['a', 'none'])), []);
  assert.deepEqual(
    await guest.call(`${store} [method]bucket.list-keys`, bucket, 'next'),
    err({ tag: 'other', val: 'list_keys: cursor not supported' }),
  );
  await app.close();
});

test('wasi:keyvalue: increment, and a counter that is none is an error', async () => {
  const app = await keyValueApp({ default: file() });
  const guest = app.request();
  const bucket = okOf(await guest.call(`${store} open`, 'default'));
  assert.equal(okOf(await guest.call(`${atomics} increment`, bucket, 'n', 2n ** 62n)), 2n ** 62n);
  assert.equal(okOf(await guest.call(`${atomics} increment`, bucket, 'n', -1n)), 2n ** 62n - 1n);
  const stored = okOf(await guest.call(`${store} [method]bucket.get`, bucket, 'n')) as Uint8Array;
  assert.deepEqual(Buffer.from(stored).toString('hex'), 'ffffffffffffff3f');
  okOf(await guest.call(`${store} [method]bucket.set`, bucket, 'n', bytes('abc')));
  assert.deepEqual(
    await guest.call(`${atomics} increment`, bucket, 'n', 1n),
    err({ tag: 'other', val: 'the value of "n" is no counter: it has 3 bytes, not 8' }),
  );
  await app.close();
});

test('wasi:keyvalue: a swap that comes too late gives a new comparison, with the value as it is', async () => {
  for (const config of [file(), { type: 'spin', path: undefined } as const]) {
    const app = await keyValueApp({ default: config });
    const guest = app.request();
    const bucket = okOf(await guest.call(`${store} open`, 'default'));
    const cas = okOf(await guest.call(`${atomics} [static]cas.new`, bucket, 'a'));
    assert.equal(okOf(await guest.call(`${atomics} [method]cas.current`, cas)), undefined);
    okOf(await guest.call(`${store} [method]bucket.set`, bucket, 'a', bytes('other')));
    const failed = (await guest.call(`${atomics} swap`, cas, bytes('mine'))) as { val: { tag: string; val: unknown } };
    assert.equal(failed.val.tag, 'cas-failed');
    assert.equal(text(okOf(await guest.call(`${atomics} [method]cas.current`, failed.val.val))), 'other');
    okOf(await guest.call(`${atomics} swap`, failed.val.val, bytes('mine')));
    assert.equal(text(okOf(await guest.call(`${store} [method]bucket.get`, bucket, 'a'))), 'mine');

    const blind = okOf(await guest.call(`${atomics} [static]cas.new`, bucket, 'a'));
    okOf(await guest.call(`${atomics} swap`, blind, bytes('blind')));
    assert.equal(guest.hostBytes.bytes, 0);
    await app.close();
  }
});

test('what a comparison remembers is counted, and given back with it', async () => {
  const app = await keyValueApp();
  const guest = app.request(100_000);
  const bucket = okOf(await guest.call(`${store} open`, 'default'));
  okOf(await guest.call(`${store} [method]bucket.set`, bucket, 'a', Buffer.alloc(40_000)));
  const first = okOf(await guest.call(`${atomics} [static]cas.new`, bucket, 'a'));
  assert.equal(guest.hostBytes.bytes, 256 + 2 + 40_000);
  const long = okOf(await guest.call(`${atomics} [static]cas.new`, bucket, 'k'.repeat(1000)));
  assert.equal(guest.hostBytes.bytes, 256 + 2 + 40_000 + 256 + 2000);
  guest.drop(atomics, 'cas', long);
  okOf(await guest.call(`${atomics} [static]cas.new`, bucket, 'a'));
  await assert.rejects(guest.call(`${atomics} [static]cas.new`, bucket, 'a'), { message: /Limit reached: held/ });
  guest.drop(atomics, 'cas', first);
  okOf(await guest.call(`${atomics} [static]cas.new`, bucket, 'a'));
  await app.close();
});

test('a list of many keys is gathered with pauses, counted, and comes whole', async () => {
  const app = await keyValueApp({ default: file() });
  const guest = app.request();
  const bucket = okOf(await guest.call(`${store} open`, 'default'));
  const pairs = Array.from({ length: 20_000 }, (_, index) => [`key-${String(index).padStart(6, '0')}`, bytes('v')]);
  okOf(await guest.call(`${batch} set-many`, bucket, pairs));
  let turns = 0;
  const count = setInterval(() => turns++, 0);
  const { keys } = okOf(await guest.call(`${store} [method]bucket.list-keys`, bucket, undefined)) as { keys: string[] };
  clearInterval(count);
  assert.deepEqual(
    keys,
    pairs.map(([key]) => key),
  );
  assert.ok(turns > 3, `${turns} turns of others`);
  assert.equal(guest.hostBytes.bytes, 0);
  assert.deepEqual(await allKeys(guest, bucket), keys);
  assert.equal(guest.hostBytes.bytes, 0);

  const poor = app.request(100_000);
  const again = okOf(await poor.call(`${store} open`, 'default'));
  await assert.rejects(poor.call(`${store} [method]bucket.list-keys`, again, undefined), { message: /held/ });
  assert.equal(((await allKeys(poor, again)) as string[]).length, 20_000, 'a stream needs no room for all');
  guest.abort();
  await assert.rejects(guest.call(`${store} [method]bucket.list-keys`, bucket, undefined), { name: 'AbortError' });
  await app.close();
});

test('labels of one file are apart, and components with the same label share it', async () => {
  const shared = file();
  const app = await keyValueApp({ default: shared, second: shared });
  const first = app.request();
  const a = okOf(await first.call(`${two} [static]store.open`, 'default'));
  const b = okOf(await first.call(`${two} [static]store.open`, 'second'));
  okOf(await first.call(`${two} [method]store.set`, a, 'k', bytes('1')));
  assert.equal(okOf(await first.call(`${two} [method]store.exists`, b, 'k')), false);
  const later = app.request();
  const c = okOf(await later.call(`${two} [static]store.open`, 'default'));
  assert.equal(text(okOf(await later.call(`${two} [method]store.get`, c, 'k'))), '1');
  await app.close();
});

test('values of the command line are in the store "default" when the app starts, over what was there', async () => {
  const config = file();
  for (const value of ['1', '2=3']) {
    const app = await keyValueApp({ default: config }, ['default'], {
      values: [
        ['a', value],
        ['ä', ''],
      ],
    });
    const guest = app.request();
    const opened = okOf(await guest.call(`${two} [static]store.open`, 'default'));
    assert.equal(text(okOf(await guest.call(`${two} [method]store.get`, opened, 'a'))), value);
    assert.equal(text(okOf(await guest.call(`${two} [method]store.get`, opened, 'ä'))), '');
    await app.close();
  }
  const nowhere = { type: 'spin', path: path.join(folder, '0.db', 'below') } as const;
  await assert.rejects(keyValueApp({ default: nowhere }, [], { values: [['a', '1']] }), { code: 'service-start' });
});

test('a store that cannot be opened is an error of each call, not of open', async () => {
  const app = await keyValueApp({
    default: { type: 'spin', path: folder },
    redis: { type: 'redis', url: 'redis://127.0.0.1:1' },
  });
  const guest = app.request();
  for (const label of ['default', 'redis']) {
    const opened = okOf(await guest.call(`${two} [static]store.open`, label));
    for (const name of ['get', 'exists', 'delete']) {
      const result = (await guest.call(`${two} [method]store.${name}`, opened, 'a')) as {
        val: { tag: string; val: string };
      };
      assert.deepEqual([result.val.tag, result.val.val.length > 5], ['other', true], name);
    }
    const number = okOf(await guest.call(`${one} open`, label));
    const result = (await guest.call(`${one} get`, number, 'a')) as { val: { tag: string } };
    assert.equal(result.val.tag, 'io');
    const [keys, end] = (await guest.call(`${three} [method]store.get-keys`, opened)) as [
      ProducedStream<string>,
      Promise<{ val: { tag: string } }>,
    ];
    assert.deepEqual(await read(keys), []);
    assert.equal((await end).val.tag, 'other');
  }
  assert.equal(guest.hostBytes.bytes, 0);
  await app.close();
});
