// The clocks of 0.2 tell the time and wake guests, and stop with the request.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ioInterfaces } from '../io/bindings-0.2.ts';
import type { GuestPollable } from '../io/resources.ts';
import { caller, testState } from '../wasi.test-kit.ts';
import { clocksInterfaces } from './bindings-0.2.ts';

const state = testState();
const call = caller([...clocksInterfaces, ...ioInterfaces], state);
const MAX_U64 = 0xffff_ffff_ffff_ffffn;

test('the monotonic clock starts with the process and does not go back', () => {
  const first = call('wasi:clocks/monotonic-clock', 'now') as bigint;
  const second = call('wasi:clocks/monotonic-clock', 'now') as bigint;
  assert.ok(first >= 0n && second >= first);
  assert.ok(first <= BigInt(Math.ceil(process.uptime() * 1e9)));
  assert.equal(call('wasi:clocks/monotonic-clock', 'resolution'), 1n);
});

test('subscriptions: the past and no time at all are ready, the far future is not', () => {
  const ready = (name: string, value: bigint): unknown => {
    const pollable = call('wasi:clocks/monotonic-clock', name, value) as GuestPollable;
    return call('wasi:io/poll', '[method]pollable.ready', pollable);
  };
  assert.equal(ready('subscribe-instant', 0n), true);
  assert.equal(ready('subscribe-duration', 0n), true);
  assert.equal(ready('subscribe-instant', MAX_U64), false);
  assert.equal(ready('subscribe-duration', MAX_U64), false);
});

test('the end of the request stops the timers', () => {
  const timers = () => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = timers();
  const pollable = call('wasi:clocks/monotonic-clock', 'subscribe-duration', 10n ** 12n) as GuestPollable;
  void call('wasi:io/poll', 'poll', [pollable]);
  assert.equal(timers(), before + 1);
  pollable.release();
  assert.equal(timers(), before);
});

test('the wall clock tells the time of day in UTC', () => {
  const { seconds, nanoseconds } = call('wasi:clocks/wall-clock', 'now') as { seconds: bigint; nanoseconds: number };
  assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60);
  assert.ok(Number.isInteger(nanoseconds) && nanoseconds >= 0 && nanoseconds < 1e9);
  assert.equal(call('wasi:clocks/timezone', 'utc-offset', { seconds, nanoseconds }), 0);
});
