// The tests that every kind of key-value store passes, called from their test files. Not part of the product.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Backend, Caller, KeyValueStore } from '../store.ts';

/** For a caller that never gives up. `kept` is what it was told of. */
export function patientCaller(): Caller & { kept: number } {
  return {
    signal: new AbortController().signal,
    kept: 0,
    keep(bytes) {
      this.kept += bytes;
    },
  };
}

const bytes = (text: string): Uint8Array => Buffer.from(text);
const textOf = (value: Uint8Array | undefined): string | undefined => value && Buffer.from(value).toString();

export async function allKeys(store: KeyValueStore): Promise<string[]> {
  const keys: string[] = [];
  let from: unknown;
  do {
    const piece = await store.keys(from, patientCaller());
    keys.push(...piece.keys);
    from = piece.next;
  } while (from !== undefined);
  return keys.sort();
}

export function storeContract(
  name: string,
  make: () => Promise<Backend>,
  options: { readonly skip?: string | false; readonly counter: (value: bigint) => Uint8Array },
): void {
  const { skip = false, counter } = options;
  const contract = (title: string, run: (store: KeyValueStore, caller: Caller) => Promise<void>): void => {
    test(`${name}: ${title}`, { skip, timeout: 60_000 }, async () => {
      const backend = await make();
      try {
        await run(backend.store('default'), patientCaller());
      } finally {
        await backend.close();
        await backend.close();
      }
    });
  };

  contract('what was set is there, and gone when it was deleted', async (store, caller) => {
    assert.equal(await store.get('a', caller), undefined);
    assert.equal(await store.exists('a', caller), false);
    await store.delete('a', caller);
    await store.set('a', bytes('1'), caller);
    assert.equal(textOf(await store.get('a', caller)), '1');
    assert.equal(await store.exists('a', caller), true);
    await store.set('a', bytes('2'), caller);
    assert.equal(textOf(await store.get('a', caller)), '2');
    await store.delete('a', caller);
    assert.equal(await store.get('a', caller), undefined);
    assert.deepEqual(await allKeys(store), []);
  });

  contract('every text is a key and every bytes are a value', async (store, caller) => {
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const keys = [
      '',
      'a\0b',
      'a',
      '__proto__',
      'constructor',
      "'; DROP TABLE x; --",
      '\u00e4 \u{1f600}',
      '*',
      '?',
      '[a]',
      '\ufeffx',
    ];
    for (const key of keys) await store.set(key, Buffer.concat([every, bytes(key)]), caller);
    for (const key of keys) {
      assert.deepEqual(Buffer.from((await store.get(key, caller)) ?? []), Buffer.concat([every, bytes(key)]), key);
    }
    assert.deepEqual(await allKeys(store), keys.toSorted());
    await store.set('empty', new Uint8Array(), caller);
    assert.equal((await store.get('empty', caller))?.byteLength, 0);
    assert.equal(await store.exists('empty', caller), true);
  });

  contract('keys of a megabyte and values of twenty', async (store, caller) => {
    const key = 'k'.repeat(1_000_000);
    await store.set(key, bytes('long'), caller);
    assert.equal(textOf(await store.get(key, caller)), 'long');
    for (const length of [16_383, 16_384, 16_385, 20_000_000]) {
      const value = Buffer.alloc(length, 7);
      value[length - 1] = 9;
      await store.set('large', value, caller);
      assert.ok(value.equals((await store.get('large', caller)) ?? bytes('')), String(length));
    }
  });

  contract('what a store was given it does not share', async (store, caller) => {
    const value = bytes('before');
    await store.set('a', value, caller);
    value.fill(0);
    assert.equal(textOf(await store.get('a', caller)), 'before');
  });

  contract('many keys come in pieces, each of them', async (store, caller) => {
    const entries = Array.from({ length: 5000 }, (_, index) => [`key-${index}`, bytes('v')] as const);
    await store.setMany(entries, caller);
    const keys = new Set(await allKeys(store));
    assert.equal(keys.size, 5000);
    const first = await store.keys(undefined, caller);
    assert.ok(first.keys.length < 3000, `${first.keys.length} keys in one piece`);
  });

  contract('many at once', async (store, caller) => {
    await store.setMany([], caller);
    await store.deleteMany([], caller);
    assert.deepEqual(await store.getMany([], caller), []);
    await store.setMany(
      [
        ['a', bytes('1')],
        ['b', bytes('2')],
        ['a', bytes('3')],
      ],
      caller,
    );
    assert.deepEqual((await store.getMany(['b', 'none', 'a', 'b'], caller)).map(textOf), ['2', undefined, '3', '2']);
    await store.deleteMany(['a', 'none'], caller);
    assert.deepEqual(await allKeys(store), ['b']);
  });

  contract('many more at once come in the order in which they were asked for', async (store, caller) => {
    const keys = Array.from({ length: 130 }, (_, index) => `k${index}`);
    await store.setMany(
      keys.map((key) => [key, bytes(`of ${key}`)]),
      caller,
    );
    assert.deepEqual(
      (await store.getMany(keys, caller)).map(textOf),
      keys.map((key) => `of ${key}`),
    );
  });

  contract('counters are exact, and what is none stays as it is', async (store, caller) => {
    assert.equal(await store.increment('n', 5n, caller), 5n);
    assert.equal(await store.increment('n', -7n, caller), -2n);
    assert.deepEqual(Buffer.from((await store.get('n', caller)) ?? []), Buffer.from(counter(-2n)));
    const most = 2n ** 63n - 1n;
    await store.set('n', counter(most - 1n), caller);
    assert.equal(await store.increment('n', 1n, caller), most);
    await assert.rejects(async () => store.increment('n', 1n, caller), {
      name: 'StoreFault',
      message: /overflow|64 bits/,
    });
    assert.deepEqual(Buffer.from((await store.get('n', caller)) ?? []), Buffer.from(counter(most)));
    await store.set('text', bytes('no number'), caller);
    await assert.rejects(async () => store.increment('text', 1n, caller), { name: 'StoreFault' });
    assert.equal(textOf(await store.get('text', caller)), 'no number');
    await Promise.all(Array.from({ length: 50 }, () => store.increment('shared', 1n, caller)));
    assert.equal(await store.increment('shared', 0n, caller), 50n);
  });

  contract('a swap is done only on what was expected', async (store, caller) => {
    assert.equal(await store.swap('a', bytes('x'), bytes('1'), caller), false);
    assert.equal(await store.exists('a', caller), false);
    assert.equal(await store.swap('a', undefined, bytes('1'), caller), true);
    assert.equal(await store.swap('a', undefined, bytes('2'), caller), false);
    assert.equal(await store.swap('a', bytes('x'), bytes('2'), caller), false);
    assert.equal(textOf(await store.get('a', caller)), '1');
    assert.equal(await store.swap('a', bytes('1'), bytes(''), caller), true);
    assert.equal(await store.swap('a', bytes(''), bytes('3'), caller), true);
    assert.equal(textOf(await store.get('a', caller)), '3');
  });
}
