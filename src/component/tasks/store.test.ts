// A store is active as long as anything of a request is left in it, wherever that is.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComponentState } from '../abi/context.ts';
import { HostByteBudget } from '../types/host-byte-budget.ts';
import { Store } from './store.ts';

function store(components: number): Store {
  const instance = {
    components: Array.from({ length: components }, () => ({}) as ComponentState),
    activity: undefined,
    hostBytes: new HostByteBudget(),
  };
  return new Store(instance, 0, undefined);
}

test('backpressure of any component, work of the host, and a failure', () => {
  for (const count of [0, 1, 3]) assert.equal(store(count).active, false);
  for (const index of [0, 1, 2]) {
    const one = store(3);
    const component = one.components[index] ?? assert.fail();
    component.backpressure = 1;
    assert.equal(one.active, true);
    component.backpressure = 0;
    assert.equal(one.active, false);
  }
  const working = store(1);
  working.hostWork = 1;
  assert.equal(working.active, true);
  const failed = store(1);
  failed.fail(new Error('no'));
  assert.equal(failed.active, true);
});
