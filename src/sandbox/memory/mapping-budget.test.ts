// Memories and stacks together never take more mappings than the system gives the process.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Gate } from '../gate.ts';
import { createMemoryBudget, MAPPINGS_PER_MEMORY } from './budget.ts';
import { MAPPINGS_PER_STACK, MappingBudget } from './mapping-budget.ts';

/** So many mappings are kept free for the rest of the process. */
const KEPT = 10_000;

test('memories and stacks take from one budget, which keeps mappings for the rest of the process', () => {
  const mappings = new MappingBudget(KEPT + 3 * MAPPINGS_PER_MEMORY + 2 * MAPPINGS_PER_STACK);
  const memories = createMemoryBudget(100, undefined, mappings);
  const made = [0, 1].map(() => memories.take({ initial: 0 }));
  assert.equal(mappings.stacks.tryTake(2), true);
  made.push(memories.take({ initial: 0 }));
  assert.throws(() => memories.take({ initial: 0 }), { code: 'sandbox-exhausted', message: /vm\.max_map_count/ });
  assert.equal(mappings.stacks.tryTake(1), false);
  mappings.stacks.giveBack(1);
  assert.equal(mappings.stacks.tryTake(1), true);
  assert.equal(made.length, 3);
  assert.equal(mappings.taken, mappings.limit);
});

test('a memory that the engine has no room for takes no mappings', () => {
  const mappings = new MappingBudget(KEPT + 100);
  const memories = createMemoryBudget(100, undefined, mappings);
  assert.throws(() => memories.take({ initial: 70_000 }), { code: 'sandbox-exhausted' });
  assert.equal(mappings.taken, 0);
});

test('the gate lets in as many stacks as there are mappings, whoever comes first in any case', () => {
  const mappings = new MappingBudget(KEPT + 3 * MAPPINGS_PER_STACK);
  const gate = new Gate(10, mappings.stacks);
  for (let busy = 0; busy < 3; busy++) assert.equal(gate.enter(), true);
  assert.equal(gate.enter(), false);
  assert.match(gate.whyClosed(1), /vm\.max_map_count/);
  gate.leave(3);
  assert.equal(mappings.taken, 0);
  assert.equal(gate.enter(5), true);
  assert.equal(gate.enter(), false);
  gate.leave(5);
  assert.equal(mappings.taken, 0);
});

test('mappings that others have taken are found out, and leave less for guests', async () => {
  let all = 0;
  const mappings = new MappingBudget(KEPT + 100, async () => all);
  mappings.take(60);
  // 5,000 are what half of those that are kept free are for; 20 more are not there for guests.
  all = 61 + KEPT / 2 + 20;
  assert.equal(mappings.tryTake(1), true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(mappings.tryTake(19), true);
  assert.equal(mappings.tryTake(1), false);
});

test('half of the mappings in use: nobody counts them', () => {
  const mappings = new MappingBudget(KEPT + 100, () => assert.fail('counted'));
  assert.equal(mappings.tryTake(50), true);
  assert.equal(mappings.tryTake(1), true);
});
