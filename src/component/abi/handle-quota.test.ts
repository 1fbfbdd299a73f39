// The tables of a sandbox share one limit of handles, which holds over resets and is counted in the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostMemory } from '../types/host-memory.ts';
import { BYTES_PER_HANDLE, HandleQuota } from './handle-quota.ts';
import { HandleTable, ResourceHandle } from './handles.ts';

const handle = (): ResourceHandle => new ResourceHandle({ name: 'thing' }, 1, true, undefined);
const reached = /Limit reached: handles \(10\)/;

function fill(table: HandleTable, count: number): void {
  for (let made = 0; made < count; made++) table.add(handle());
}

test('all tables of a sandbox together hold as many handles as the limit says, and not one more', () => {
  const quota = new HandleQuota(10, 'handles', new HostMemory(1e9));
  const tables = Array.from({ length: 5 }, () => new HandleTable(quota));
  for (const table of tables) fill(table, 2);
  for (const table of tables) assert.throws(() => table.add(handle()), reached);
  tables[0]?.remove(1);
  fill(tables[3] as HandleTable, 1);
  assert.throws(() => tables[4]?.add(handle()), reached);
  assert.equal(quota.live, 10);
});

test('a guest that fills and empties one table after the other keeps no more than twice the limit of places', () => {
  const quota = new HandleQuota(10, 'handles', new HostMemory(1e9));
  const pass = (): void => {
    const table = new HandleTable(quota);
    fill(table, 10);
    for (let index = 1; index <= 10; index++) table.remove(index);
  };
  pass();
  pass();
  assert.equal(quota.places, 20);
  assert.throws(pass, reached);
});

test('restoring counts what the snapshot holds, whatever the table held', () => {
  const quota = new HandleQuota(10, 'handles', new HostMemory(1e9));
  const [table, other] = [new HandleTable(quota), new HandleTable(quota)];
  fill(table, 3);
  const snapshot = table.snapshot();
  fill(table, 5);
  table.restore(snapshot);
  fill(other, 7);
  assert.throws(() => table.add(handle()), reached);
  assert.throws(() => new HandleTable(quota).restore(snapshot), reached);
  for (const one of [table, other]) one.restore(undefined);
  assert.deepEqual([quota.live, quota.places], [0, 3]);
});

test('handles count among what the process keeps, until the sandbox is put back', () => {
  const memory = new HostMemory(200 * BYTES_PER_HANDLE);
  const [one, other] = [new HandleQuota(1000, 'handles', memory), new HandleQuota(1000, 'handles', memory)];
  const [first, second] = [new HandleTable(one), new HandleTable(other)];
  fill(first, 128);
  fill(second, 64);
  assert.throws(() => second.add(handle()), { code: 'sandbox-exhausted' });
  first.restore(undefined);
  one.settle();
  assert.equal(memory.bytes, 64 * BYTES_PER_HANDLE);
  fill(second, 1);
});
