// The clocks of 0.3: instants and durations, and what becomes of a guest that waits.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { releaseAll } from '../io/host-object.ts';
import { caller, testState } from '../wasi.test-kit.ts';
import { clocksInterfaces } from './bindings-0.2.ts';
import { clocksInterfaces03 } from './bindings-0.3.ts';

type Wait = (Promise<void> & { cancel(): void }) | undefined;

const MONOTONIC = 'wasi:clocks/monotonic-clock';
const SECOND = 1_000_000_000n;

function guest(t: TestContext) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const time = { now: process.hrtime.bigint() };
  t.mock.method(process.hrtime, 'bigint', () => time.now);
  const state = testState();
  const call = caller(clocksInterfaces03, state);
  const pass = (ms: number): void => {
    time.now += BigInt(ms) * 1_000_000n;
    t.mock.timers.tick(ms);
  };
  return { state, call, pass };
}

async function isOver(wait: Wait): Promise<boolean> {
  let over = false;
  void wait?.then(() => (over = true));
  await new Promise(setImmediate);
  return over;
}

test('a wait is over when its time has come, not before', async (t) => {
  const { state, call, pass } = guest(t);
  const now = call(MONOTONIC, 'now') as bigint;
  const until = call(MONOTONIC, 'wait-until', now + SECOND) as Wait;
  const during = call(MONOTONIC, 'wait-for', SECOND) as Wait;
  assert.equal(state.open.size, 2);
  pass(999);
  assert.deepEqual([await isOver(until), await isOver(during)], [false, false]);
  pass(1);
  assert.deepEqual([await isOver(until), await isOver(during), state.open.size], [true, true, 0]);
});

test('a time that has come is no wait at all', (t) => {
  const { state, call } = guest(t);
  assert.equal(call(MONOTONIC, 'wait-for', 0n), undefined);
  assert.equal(call(MONOTONIC, 'wait-until', 0n), undefined);
  assert.equal(call(MONOTONIC, 'wait-until', call(MONOTONIC, 'now') as bigint), undefined);
  assert.equal(state.open.size, 0);
});

test('a task that waits no more, and the end of the request, end the wait', async (t) => {
  const { state, call } = guest(t);
  const cancelled = call(MONOTONIC, 'wait-for', SECOND) as Wait;
  cancelled?.cancel();
  assert.deepEqual([await isOver(cancelled), state.open.size], [true, 0]);
  const left = call(MONOTONIC, 'wait-for', 2n ** 64n - 1n) as Wait;
  releaseAll(state);
  assert.equal(await isOver(left), true);
});

test('the time of day, what it can tell apart, and where every guest lives', (t) => {
  t.mock.timers.enable({ apis: ['Date'], now: 1_700_000_001_234 });
  const now = { seconds: 1_700_000_001n, nanoseconds: 234_000_000 };
  const new3 = caller(clocksInterfaces03, testState());
  const new2 = caller(clocksInterfaces, testState());
  assert.deepEqual(new3('wasi:clocks/system-clock', 'now'), now);
  assert.equal(new3('wasi:clocks/system-clock', 'get-resolution'), 1_000_000n);
  assert.equal(new3(MONOTONIC, 'get-resolution'), 1n);
  assert.deepEqual(new2('wasi:clocks/wall-clock', 'now'), now);
  assert.deepEqual(new2('wasi:clocks/wall-clock', 'resolution'), { seconds: 0n, nanoseconds: 1_000_000 });
  const zone = 'wasi:clocks/timezone';
  assert.deepEqual(new2(zone, 'display', now), { utcOffset: 0, name: 'UTC', inDaylightSavingTime: false });
  assert.deepEqual([new3(zone, 'utc-offset', now), new3(zone, 'iana-id')], [0n, 'UTC']);
});
