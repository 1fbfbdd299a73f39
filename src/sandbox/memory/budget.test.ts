// The budget of memories says when many are in use, and when few are again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createMemoryBudget, type MemoryBudget } from './budget.ts';

test('it is told when many memories are in use and when they are few again, once each', () => {
  const told: boolean[] = [];
  const budget = createMemoryBudget(9000, (isCrowded) => told.push(isCrowded));
  const memories: WebAssembly.Memory[] = [];
  const take = (count: number): void => {
    for (let made = 0; made < count; made++) memories.push(budget.take({ initial: 0 }));
  };
  take(1000);
  assert.deepEqual(told, []);
  take(100);
  assert.deepEqual(told, [true]);
  budget.released(600);
  assert.deepEqual(told, [true]);
  budget.released(1);
  assert.deepEqual(told, [true, false]);
  take(100);
  assert.deepEqual(told, [true, false]);
  assert.equal(memories.length, 1200);
});

/** Takes as many as there is room for; nobody holds them afterwards. */
function takeAll(budget: MemoryBudget): number {
  const own: WebAssembly.Memory[] = [];
  try {
    for (;;) own.push(budget.take({ initial: 0 }));
  } catch {
    return own.length;
  }
}

test('the collector is asked each time that memories wait for it', { timeout: 20_000 }, async () => {
  const budget = createMemoryBudget(8);
  assert.equal(takeAll(budget), 8);
  for (let round = 0; round < 3; round++) {
    budget.released(1);
    let taken = 0;
    // A refusal asks for the collector, which has its turn later.
    while (taken === 0) {
      taken = takeAll(budget);
      await delay(5);
    }
    assert.ok(taken <= 8);
  }
});
