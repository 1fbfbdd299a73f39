// Guests that call one another, and the time of each: the clock's own clock is the test's.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { GuestClock, type Stopper, type Timer } from './clock.ts';

const limits = { cpuSliceMs: 1000, cpuMs: 5000, wallMs: 60_000 };

function bench(t: TestContext) {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const allowances: number[] = [];
  let isStopped = false;
  const stopper: Stopper = {
    enter: (milliseconds) => void allowances.push(milliseconds),
    leave: () => {
      const was = isStopped;
      isStopped = false;
      return was;
    },
  };
  const clock = new GuestClock(stopper);
  return {
    clock,
    allowances,
    timer: (): Timer => clock.timer(limits),
    at: (time: number, what: () => void): void => {
      now = time;
      what();
    },
    stopNext: (): void => {
      isStopped = true;
    },
  };
}

test('while a guest calls another, only that one’s time goes on', (t) => {
  const { timer, at, allowances } = bench(t);
  const [outer, inner] = [timer(), timer()];
  at(0, () => outer.enter());
  at(10, () => inner.enter());
  at(30, () => inner.leave());
  at(35, () => outer.leave());
  assert.deepEqual([outer.usedMs, inner.usedMs], [15, 20]);
  assert.deepEqual(allowances, [1000, 1000, 1000]);
});

test('three levels, each on its own time, and what each has used counts for the next slice', (t) => {
  const { timer, at, allowances } = bench(t);
  const [one, two, three] = [timer(), timer(), timer()];
  at(0, () => one.enter());
  at(4500, () => two.enter());
  at(4600, () => three.enter());
  at(4610, () => three.leave());
  at(4630, () => two.leave());
  at(4650, () => one.leave());
  assert.deepEqual([one.usedMs, two.usedMs, three.usedMs], [4520, 120, 10]);
  assert.deepEqual(allowances, [1000, 1000, 1000, 1000, 500]);
});

test('a guest that is called and waits gives the time back to its caller', (t) => {
  const { timer, at } = bench(t);
  const [outer, inner] = [timer(), timer()];
  at(0, () => outer.enter());
  at(1, () => inner.enter());
  at(2, () => inner.suspend());
  at(5, () => outer.leave());
  at(6, () => inner.resume()); // still in the same turn: together they have had less than it gives
  at(8, () => inner.leave());
  assert.deepEqual([outer.usedMs, inner.usedMs], [4, 3]);
});

test('a guest in the middle that ends does not take the time of those around it', (t) => {
  const { timer, at } = bench(t);
  const [one, two, three] = [timer(), timer(), timer()];
  at(0, () => one.enter());
  at(10, () => two.enter());
  at(20, () => three.enter());
  at(30, () => two.leave());
  at(40, () => three.leave());
  at(50, () => one.leave());
  assert.deepEqual([one.usedMs, two.usedMs, three.usedMs], [20, 10, 20]);
});

test('the one that runs is stopped, not the one that waits for it', (t) => {
  const { timer, at, stopNext } = bench(t);
  const [outer, inner] = [timer(), timer()];
  at(0, () => outer.enter());
  at(10, () => inner.enter());
  stopNext();
  at(20, () => inner.leave());
  at(30, () => outer.leave());
  assert.deepEqual([outer.stopped, inner.stopped], [false, true]);
});

test('a slice is what is left of slice, CPU time and wall time', (t) => {
  const { clock, at } = bench(t);
  const timer = clock.timer({ cpuSliceMs: 100, cpuMs: 250, wallMs: 1000 });
  assert.equal(timer.allowance(0), 100);
  timer.usedMs = 200;
  assert.equal(timer.allowance(0), 50);
  assert.equal(timer.allowance(960), 40);
  assert.equal(timer.allowance(1000), 0);
  assert.equal(timer.allowance(5000), 0);
  timer.usedMs = 300;
  assert.equal(timer.allowance(0), 0);
  timer.usedMs = 0;
  timer.stopped = true;
  assert.equal(timer.allowance(0), 0);
  timer.usedMs = 249;
  at(999, () => assert.equal(timer.limitReached, 'cpu_slice'));
  at(1000, () => assert.equal(timer.limitReached, 'wall'));
  timer.usedMs = 250;
  assert.equal(timer.limitReached, 'cpu');
});
