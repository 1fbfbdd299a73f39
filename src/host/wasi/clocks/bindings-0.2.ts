// wasi:clocks@0.2: monotonic-clock, wall-clock, and timezone, in which every sandbox lives in UTC.
import { defineInterface } from '../../service.ts';
import type { ObjectOwner } from '../io/host-object.ts';
import { monotonicNow, monotonicResolution, wallNow, wallResolution } from './clocks.ts';
import { subscribeDuration, subscribeInstant } from './timers.ts';

export const monotonicClock = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/monotonic-clock', '0.2.12', {
  functions: {
    now: () => monotonicNow(),
    resolution: () => monotonicResolution,
    'subscribe-instant': subscribeInstant,
    'subscribe-duration': subscribeDuration,
  },
});

export const wallClock = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/wall-clock', '0.2.12', {
  functions: { now: () => wallNow(), resolution: () => wallResolution },
});

export const timezone = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/timezone', '0.2.12', {
  functions: {
    display: () => ({ utcOffset: 0, name: 'UTC', inDaylightSavingTime: false }),
    'utc-offset': () => 0,
  },
});

export const clocksInterfaces = [monotonicClock, wallClock, timezone];
