// A poll gives all that is ready, waits for the first, and leaves no timer behind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { firstReady, promisePollable, readyIndices, SharedWait, streamPollable, timerPollable } from './pollables.ts';
import type { Pollable } from './streams.ts';

/** A pollable that the test makes ready by hand; counts the waits that were started. */
function manual(): Pollable & { fire(): void; unfire(): void; waits: number } {
  let ready = false;
  let resolvers = Promise.withResolvers<void>();
  return {
    waits: 0,
    ready: () => ready,
    wait() {
      this.waits++;
      return resolvers.promise;
    },
    fire() {
      ready = true;
      resolvers.resolve();
    },
    unfire() {
      ready = false;
      resolvers = Promise.withResolvers<void>();
    },
  };
}

test('gives the indices of all that are ready, repeated ones too', () => {
  const [a, b] = [manual(), manual()];
  const waits = [new SharedWait(a), new SharedWait(b)];
  assert.deepEqual(readyIndices(waits), []);
  b.fire();
  assert.deepEqual(readyIndices([waits[1]!, waits[0]!, waits[1]!]), [0, 2]);
});

test('waits for the first, and leaves one reaction on the others however often it is asked', async () => {
  const [slow, fast] = [manual(), manual()];
  const waits = [new SharedWait(slow), new SharedWait(fast)];
  for (let round = 0; round < 100; round++) {
    const first = firstReady(waits);
    fast.fire();
    assert.deepEqual(await first, [1]);
    fast.unfire();
  }
  assert.equal(slow.waits, 1);
  assert.equal(waits[0]?.waiting, 0);
  assert.equal(fast.waits, 100);
});

test('a wake-up without anything ready is waited over', async () => {
  const pollable = manual();
  const result = firstReady([new SharedWait(pollable)]);
  const { wait } = pollable;
  assert.ok(wait);
  pollable.fire();
  pollable.unfire();
  await new Promise(setImmediate);
  pollable.fire();
  assert.deepEqual(await result, [0]);
});

test('timers: past is ready, future is not, and the wait ends no earlier than the deadline', async () => {
  const now = process.hrtime.bigint();
  assert.equal(timerPollable(now).ready(), true);
  assert.equal(timerPollable(0n).ready(), true);
  const soon = timerPollable(now + 3_000_000n);
  await soon.wait();
  assert.ok(process.hrtime.bigint() >= now + 3_000_000n);
  assert.equal(soon.ready(), true);
});

test('timers: the longest deadline of u64 is accepted, and closing stops the timer', () => {
  const timer = timerPollable(0xffff_ffff_ffff_ffffn);
  assert.equal(timer.ready(), false);
  void timer.wait();
  const active = process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  timer.close?.();
  assert.equal(process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length, active - 1);
});

test('a settled promise is ready, a rejected one too', async () => {
  const pollable = promisePollable(Promise.reject(new Error('no')));
  assert.equal(pollable.ready(), false);
  await pollable.wait();
  assert.equal(pollable.ready(), true);
});

test('a stream is ready when it need not wait', async () => {
  let wait: Promise<void> | undefined = Promise.resolve();
  const pollable = streamPollable({ ready: () => wait });
  assert.equal(pollable.ready(), false);
  const waited = pollable.wait();
  wait = undefined;
  await waited;
  assert.equal(pollable.ready(), true);
});
