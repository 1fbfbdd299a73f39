// wasi:clocks@0.2: monotonic-clock, wall-clock, and timezone, in which every sandbox lives in UTC.
import { defineInterface } from '../../service.ts';
import type { ObjectOwner } from '../io/host-object.ts';
import { timerPollable } from '../io/pollables.ts';
import { GuestPollable } from '../io/resources.ts';
import { monotonicNow, toHostInstant, wallNow, wallResolution } from './clocks.ts';

const monotonicClock = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/monotonic-clock', '0.2.12', {
  functions: {
    now: () => monotonicNow(),
    resolution: () => 1n,
    'subscribe-instant': (owner, when: bigint) => timer(owner, when),
    'subscribe-duration': (owner, duration: bigint) => timer(owner, monotonicNow() + duration),
  },
});

const wallClock = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/wall-clock', '0.2.12', {
  functions: { now: () => wallNow(), resolution: () => wallResolution },
});

const timezone = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/timezone', '0.2.12', {
  functions: {
    display: () => ({ utcOffset: 0, name: 'UTC', inDaylightSavingTime: false }),
    'utc-offset': () => 0,
  },
});

export const clocksInterfaces = [monotonicClock, wallClock, timezone];

function timer(owner: ObjectOwner, instant: bigint): GuestPollable {
  return new GuestPollable(owner, timerPollable(toHostInstant(instant)));
}
