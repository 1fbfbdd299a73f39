// The limit of memories, what the engine says, and when garbage is collected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { createMemoryBudget, processMemoryBudget } from './budget.ts';

const exhausted = (message: RegExp) => (error: unknown) =>
  error instanceof MayflyError && error.code === 'sandbox-exhausted' && message.test(error.message);

test('as many memories as the limit says, and not one more', () => {
  const budget = createMemoryBudget(3);
  const held = [1, 2, 3].map(() => budget.take({ initial: 1, maximum: 2 }));
  assert.deepEqual([budget.live, budget.limit], [3, 3]);
  assert.throws(() => budget.take({ initial: 1 }), exhausted(/^All 3 linear memories of this process are in use$/));
  assert.equal(budget.live, 3);
  assert.deepEqual(
    held.map(({ buffer }) => buffer.byteLength),
    [65_536, 65_536, 65_536],
  );
});

test('when the engine has no room, it is asked again after a second, or when there are fewer', (t) => {
  let now = 10_000;
  t.mock.method(performance, 'now', () => now);
  const budget = createMemoryBudget(10);
  const held = budget.take({ initial: 1 });
  const tooLarge = { initial: 70_000 };
  assert.throws(() => budget.take(tooLarge), exhausted(/^The engine has no room for a linear memory of 70000 pages$/));
  assert.throws(() => budget.take({ initial: 2 }), exhausted(/no room for a linear memory of 2 pages/));
  now += 999;
  assert.throws(() => budget.take({ initial: 2 }), exhausted(/no room/));
  now += 1;
  assert.equal(budget.take({ initial: 2 }).buffer.byteLength, 2 * 65_536);
  assert.equal(budget.live, 2);
  assert.ok(budget.take({ initial: 1 }));
  assert.ok(held);
});

test('the process has one budget for all apps', () => {
  assert.equal(processMemoryBudget(), processMemoryBudget());
  assert.ok(processMemoryBudget().limit >= 1);
});

test('memories that nobody uses are collected when enough of them were given back, and not counted any more', async () => {
  const budget = createMemoryBudget(20);
  let collected = 0;
  for (let index = 0; index < 5; index++) budget.take({ initial: 1 }, () => collected++);
  assert.equal(budget.live, 5);
  budget.released(4);
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(collected, 0);
  budget.released(1);
  for (let tries = 0; collected < 5; tries++) {
    assert.ok(tries < 200, `waited in vain for the collector: ${collected} of 5`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  assert.equal(budget.live, 0);
});
