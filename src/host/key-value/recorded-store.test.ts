// Each call on a store is told of, with what it was called with then, and is done as without.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StoreCall } from '../test-harness.ts';
import { memoryBackend } from './backends/memory.ts';
import { allKeys, patientCaller } from './backends/store.contract.ts';
import { RecordedStore } from './recorded-store.ts';

test('calls are told of and done', async () => {
  const told: StoreCall[] = [];
  const inner = memoryBackend().store('a');
  const store = new RecordedStore(inner, (call) => told.push(call));
  const caller = patientCaller();
  const value = Uint8Array.of(49);
  await store.set('a', value, caller);
  value.fill(0);
  await store.setMany([['b', value]], caller);
  value.fill(9);
  assert.deepEqual(await store.get('a', caller), Uint8Array.of(49));
  assert.deepEqual(await store.getMany(['b', 'c'], caller), [Uint8Array.of(0), undefined]);
  assert.equal(await store.exists('a', caller), true);
  await store.delete('a', caller);
  await store.deleteMany(['b', 'c'], caller);
  assert.deepEqual(await allKeys(store), []);
  assert.equal(await store.increment('n', 5n, caller), 5n);
  assert.equal(await store.swap('s', undefined, Buffer.from('x'), caller), true);
  assert.deepEqual(await allKeys(inner), ['n', 's']);
  assert.deepEqual(told, [
    { tag: 'set', val: ['a', Uint8Array.of(49)] },
    { tag: 'set', val: ['b', Uint8Array.of(0)] },
    { tag: 'get', val: 'a' },
    { tag: 'get', val: 'b' },
    { tag: 'get', val: 'c' },
    { tag: 'exists', val: 'a' },
    { tag: 'delete', val: 'a' },
    { tag: 'delete', val: 'b' },
    { tag: 'delete', val: 'c' },
    { tag: 'get-keys' },
  ]);
});

test('the pieces of a long list of keys are one call', async () => {
  const told: StoreCall[] = [];
  const inner = memoryBackend().store('a');
  for (let index = 0; index < 2500; index++) await inner.set(`k${index}`, new Uint8Array(), patientCaller());
  const store = new RecordedStore(inner, (call) => told.push(call));
  assert.equal((await allKeys(store)).length, 2500);
  assert.deepEqual(told, [{ tag: 'get-keys' }]);
});
