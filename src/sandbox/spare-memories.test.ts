// Memories that are kept count among the idle sandboxes, and go when there are too many of these.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { IdleSandboxes } from './idle-sandboxes.ts';
import type { ImagedMemory } from './memory/imaged-memory.ts';
import { type OwnMemories, SpareMemories } from './spare-memories.ts';

function own(): OwnMemories & { readonly isDiscarded: boolean } {
  let isDiscarded = false;
  const discard = (): void => {
    isDiscarded = true;
  };
  return {
    memories: [{ discard } as unknown as ImagedMemory],
    pollPages: [],
    get isDiscarded() {
      return isDiscarded;
    },
  };
}

test('the last one comes back first, and sixteen are kept', () => {
  const all = new IdleSandboxes();
  const spare = new SpareMemories(all);
  const kept = Array.from({ length: 16 }, own);
  for (const one of kept) {
    assert.ok(spare.hasRoom);
    spare.push(one);
  }
  assert.deepEqual([spare.hasRoom, all.count], [false, 16]);
  assert.equal(spare.pop(), kept.at(-1));
  assert.deepEqual([spare.hasRoom, all.count], [true, 15]);
});

test('beyond what a process keeps, those that were used longest ago are discarded', () => {
  const all = new IdleSandboxes();
  const spares = Array.from({ length: 7 }, () => new SpareMemories(all));
  const kept = spares.map((spare) => {
    const few = Array.from({ length: 15 }, own);
    for (const one of few) spare.push(one);
    return few;
  });
  assert.equal(all.count, 96);
  assert.equal(kept.flat().filter(({ isDiscarded }) => isDiscarded).length, 9);
  assert.deepEqual(
    kept[0]?.map(({ isDiscarded }) => isDiscarded),
    [...Array(9).fill(true), ...Array(6).fill(false)],
  );
});

test('a close discards all, and nothing is kept afterwards', () => {
  const all = new IdleSandboxes();
  const spare = new SpareMemories(all);
  const one = own();
  spare.push(one);
  spare.close();
  assert.deepEqual([one.isDiscarded, all.count, spare.hasRoom, spare.pop()], [true, 0, false, undefined]);
});
