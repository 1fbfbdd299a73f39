// A handle table gives out, checks, frees and restores indices as the specification says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Trap } from '../../errors.ts';
import { HandleQuota, MAX_TABLE_LENGTH } from './handle-quota.ts';
import { HandleTable, ResourceHandle } from './handles.ts';

const type = { name: 'thing' };
const handle = (): ResourceHandle => new ResourceHandle(type, 1, true, undefined);

test('indices start at 1, and the one freed last is given out first', () => {
  const table = new HandleTable();
  assert.deepEqual([table.add(handle()), table.add(handle()), table.add(handle())], [1, 2, 3]);
  table.remove(1);
  table.remove(3);
  assert.deepEqual([table.add(handle()), table.add(handle()), table.add(handle())], [3, 1, 4]);
});

test('unknown indices trap, freed ones included', () => {
  const table = new HandleTable();
  const index = table.add(handle());
  table.remove(index);
  for (const unknown of [0, index, 99, 0xffff_ffff]) assert.throws(() => table.get(unknown), Trap);
  assert.throws(() => table.remove(index), Trap);
});

test('a handle of another type traps', () => {
  const table = new HandleTable();
  const index = table.add(handle());
  assert.throws(() => table.resource(index, { name: 'other' }), /is a resource "thing", not "other"/);
});

test('the limit of live handles is named', () => {
  const table = new HandleTable(new HandleQuota(2));
  table.add(handle());
  table.add(handle());
  assert.throws(() => table.add(handle()), /Limit reached: handles \(2\)/);
  table.remove(1);
  assert.equal(table.add(handle()), 1);
});

test('restoring without a snapshot leaves nothing behind', () => {
  const table = new HandleTable();
  table.add(handle());
  table.remove(table.add(handle()));
  table.restore(undefined);
  assert.equal(table.live, 0);
  assert.equal(table.add(handle()), 1);
});

test('a snapshot keeps indices and the order of free ones; objects of the host are dead in it', () => {
  const table = new HandleTable();
  const hostType = { name: 'stream', host: { name: 'stream' } };
  const [first, second] = [table.add(handle()), table.add(new ResourceHandle(hostType, {}, true, undefined))];
  table.remove(table.add(handle()));
  const snapshot = table.snapshot();
  table.remove(first);
  table.add(handle());
  table.add(handle());
  table.restore(snapshot);
  assert.equal(table.live, 2);
  assert.equal(table.resource(first, type).isDead, false);
  assert.equal(table.resource(second, hostType).isDead, true);
  assert.equal(table.add(handle()), 3);
});

test('a table that holds anything but resources has no snapshot', () => {
  const table = new HandleTable();
  table.add({});
  assert.equal(table.snapshot(), undefined);
});

test('a snapshot is taken of resources only, and what is restored from it is its own', () => {
  const table = new HandleTable();
  const own = table.add(new ResourceHandle(type, 7, true, undefined));
  const borrowed = table.add(new ResourceHandle(type, 8, false, { borrows: 1 }));
  const snapshot = table.snapshot();
  table.resource(own, type).lends = 3;
  table.restore(snapshot);
  const [first, second] = [table.resource(own, type), table.resource(borrowed, type)];
  assert.deepEqual([first.rep, first.own, first.lends], [7, true, 0]);
  assert.deepEqual([second.rep, second.own, second.scope], [8, false, undefined]);
  first.lends = 5;
  table.restore(snapshot);
  assert.equal(table.resource(own, type).lends, 0);
  table.add({});
  assert.equal(table.snapshot(), undefined);
});

test('what is live, and in what order it is given out', () => {
  const table = new HandleTable(new HandleQuota(MAX_TABLE_LENGTH + 10));
  assert.equal(MAX_TABLE_LENGTH, 2 ** 28 - 1);
  const entries = [{}, {}, {}];
  for (const entry of entries) table.add(entry);
  assert.deepEqual([table.live, [...table]], [3, entries]);
  assert.equal(table.remove(2), entries[1]);
  assert.deepEqual([table.live, [...table]], [2, [entries[0], entries[2]]]);
  assert.throws(() => table.resource(1, type), /Handle index 1 is not a resource/);
  assert.throws(() => table.get(2), /Unknown handle index 2/);
});
