// The budget of memories says when many are in use, and when few are again.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createMemoryBudget } from './budget.ts';

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
