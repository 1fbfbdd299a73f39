// The store in memory passes the contract of all backends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { counterBytes } from '../counter.ts';
import { MOST_RESULT_BYTES } from '../store.ts';
import { memoryBackend } from './memory.ts';
import { patientCaller, storeContract } from './store.contract.ts';

storeContract('memory', async () => memoryBackend(), { counter: counterBytes });

test('all stores of an app share one limit, and what is deleted makes room', async () => {
  const backend = memoryBackend(10_000);
  const [one, two, caller] = [backend.store('one'), backend.store('two'), patientCaller()];
  await one.set('a', new Uint8Array(6000), caller);
  assert.throws(() => two.set('a', new Uint8Array(6000), caller), { message: 'database or disk is full' });
  await one.set('a', new Uint8Array(3000), caller);
  await two.set('a', new Uint8Array(6000), caller);
  assert.throws(() => one.increment('n', 1n, caller) && one.set('b', new Uint8Array(800), caller), {
    name: 'StoreFault',
  });
  await two.delete('a', caller);
  await two.delete('a', caller);
  await one.set('b', new Uint8Array(6000), caller);
  assert.throws(() => two.set('a', new Uint8Array(1000), caller), { name: 'StoreFault' });
});

test('values of just as many bytes as a result may have come at once, one more is refused', async () => {
  const [store, caller] = [memoryBackend(2 * MOST_RESULT_BYTES).store('one'), patientCaller()];
  await store.set('half', new Uint8Array(MOST_RESULT_BYTES / 2), caller);
  await store.set('byte', new Uint8Array(1), caller);
  assert.equal((await store.getMany(['half', 'half', 'none'], caller)).length, 3);
  assert.throws(() => store.getMany(['half', 'byte', 'half'], caller));
});

test('labels are apart, and keys come in the order of their bytes', async () => {
  const backend = memoryBackend();
  const caller = patientCaller();
  for (const key of ['\u{10ffff}', '\u{1f600}', '\uffff', '\ue000', 'b', 'abc', 'a', 'ab', '\ud7ff'])
    await backend.store('one').set(key, Buffer.of(1), caller);
  assert.equal(await backend.store('two').get('a', caller), undefined);
  const { keys } = await backend.store('one').keys(undefined, caller);
  assert.deepEqual(keys, ['a', 'ab', 'abc', 'b', '\ud7ff', '\ue000', '\uffff', '\u{1f600}', '\u{10ffff}']);
});

test('an entry takes 128 bytes, two for each unit of its key, and those of its value; what is taken out is free again', () => {
  const backend = memoryBackend(1000);
  const [store, caller] = [backend.store('one'), patientCaller()];
  assert.equal(backend.store('one'), store);
  const fill = (bytes: number): unknown => store.set('kk', new Uint8Array(bytes - 128 - 4), caller);
  assert.throws(() => fill(1001), { message: 'database or disk is full' });
  fill(1000);
  assert.throws(() => store.set('', new Uint8Array(), caller), { name: 'StoreFault' });
  fill(500);
  store.set('', new Uint8Array(500 - 128), caller);
  store.deleteMany(['kk', '', 'none'], caller);
  fill(1000);
  assert.throws(() => fill(1001), { name: 'StoreFault' });
});

test('keys come a thousand at a time, as they were at the beginning', () => {
  const caller = patientCaller();
  for (const [count, pieces] of [
    [999, [999]],
    [1000, [1000]],
    [1001, [1000, 1]],
    [2000, [1000, 1000]],
  ] as const) {
    const store = memoryBackend().store('one');
    for (let index = 0; index < count; index++) store.set(`k${index}`, new Uint8Array(), caller);
    const found: number[] = [];
    let from: unknown;
    do {
      const piece = store.keys(from, caller);
      assert.ok(!(piece instanceof Promise));
      found.push(piece.keys.length);
      from = piece.next;
      store.delete('k5', caller);
    } while (from !== undefined);
    assert.deepEqual(found, pieces);
  }
});
