// What is under way is waited for, as long as there is time; then it is given up.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { InFlight } from './in-flight.ts';

const limit = { timeout: 5_000 };

test('nothing under way is nothing to wait for', limit, async () => {
  await new InFlight().end(10_000);
});

test('the end waits for all, and for what they add', limit, async () => {
  const all = new InFlight();
  const [first, second] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  all.add(first.promise);
  let isOver = false;
  const end = all.end(10_000).then(() => {
    isOver = true;
  });
  all.add(second.promise);
  first.resolve();
  await new Promise(setImmediate);
  assert.equal(isOver, false);
  second.resolve();
  await end;
  assert.equal(all.size, 0);
  assert.equal(all.signal.aborted, false);
});

test('what does not end in time is told to', limit, async () => {
  const all = new InFlight();
  const { promise, resolve } = Promise.withResolvers<void>();
  all.signal.addEventListener('abort', () => resolve());
  all.add(promise);
  await all.end(20);
  assert.equal(all.signal.aborted, true);
  assert.equal(all.size, 0);
});

test('what does not end though it was told to is waited for no longer than a second', limit, async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const all = new InFlight();
  all.add(new Promise(() => {}));
  let isOver = false;
  const end = all.end(500).then(() => {
    isOver = true;
  });
  const settle = async (): Promise<void> => {
    for (let turns = 0; turns < 3; turns++) await new Promise(setImmediate);
  };
  t.mock.timers.tick(499);
  await settle();
  assert.equal(all.signal.aborted, false);
  t.mock.timers.tick(1);
  await settle();
  assert.deepEqual([all.signal.aborted, isOver], [true, false]);
  t.mock.timers.tick(999);
  await settle();
  assert.equal(isOver, false);
  t.mock.timers.tick(1);
  await end;
  assert.equal(all.size, 1);
});
