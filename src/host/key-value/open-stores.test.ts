// What a request has open is counted, whichever way it was opened and closed.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import { testLog } from '../../telemetry/log.test-kit.ts';
import type { SandboxContext } from '../service.ts';
import type { AppStores } from './app-stores.ts';
import { OpenStores } from './open-stores.ts';
import type { KeyValueStore } from './store.ts';

function opened() {
  const { log, lines } = testLog();
  const component = { id: 'c', keyValueStores: ['here', 'later', 'none'] };
  const { signal } = new AbortController();
  const sandbox = { component, log, signal, hostBytes: new HostByteBudget(1) } as unknown as SandboxContext;
  const store = {} as KeyValueStore;
  const stores = { here: store, later: Promise.resolve(store), none: undefined };
  const get = (label: keyof typeof stores) => stores[label];
  const state = new OpenStores({ get } as unknown as AppStores, sandbox);
  return { state, lines, signal, hostBytes: sandbox.hostBytes, store };
}

test('1024 stores are open at once, and one that is closed makes room for one', async () => {
  const { state, store, signal, hostBytes } = opened();
  const numbers: number[] = [];
  for (let count = 0; count < 1024; count++) {
    const result = await state.open(count % 2 === 0 ? 'here' : 'later');
    assert.ok(result.tag === 'ok' && result.val.store === store);
    if (count < 2) numbers.push(state.number(result.val));
  }
  assert.deepEqual([state.signal, state.hostBytes], [signal, hostBytes]);
  const full = { tag: 'err', val: { tag: 'store-table-full' } };
  assert.deepEqual([state.open('here'), state.open('later')], [full, full]);
  const [one = 0, two = 0] = numbers;
  assert.ok(one !== two && state.numbered.get(one)?.store === store);
  state.closeNumber(one);
  state.closeNumber(one);
  assert.equal(state.numbered.has(one), false);
  assert.equal((await state.open('here')).tag, 'ok');
  assert.deepEqual(state.open('here'), full);
  state.closed();
  assert.equal((await state.open('later')).tag, 'ok');
  assert.deepEqual(state.open('here'), full);
});

test('a store that is not there takes no room, and one that is denied three lines of the log at most', () => {
  const { state, lines } = opened();
  for (let count = 0; count < 2000; count++) {
    assert.deepEqual(state.open('none'), { tag: 'err', val: { tag: 'no-such-store' } });
    assert.deepEqual(state.open('other'), { tag: 'err', val: { tag: 'access-denied' } });
  }
  assert.equal((state.open('here') as { tag: string }).tag, 'ok');
  assert.equal(lines.length, 3);
  assert.deepEqual(lines[0]?.fields, { event: 'label-denied', label: 'other' });
});
