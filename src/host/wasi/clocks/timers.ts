// Pollables of time: what guests of every version of 0.2 wait for.
import type { ObjectOwner } from '../io/host-object.ts';
import { timerPollable } from '../io/pollables.ts';
import { GuestPollable } from '../io/resources.ts';
import { monotonicNow, toHostInstant } from './clocks.ts';

/** Ready from `when` on. */
export function subscribeInstant(owner: ObjectOwner, when: bigint): GuestPollable {
  return new GuestPollable(owner, timerPollable(toHostInstant(when)));
}

/** Ready when `duration` is over, in nanoseconds. */
export function subscribeDuration(owner: ObjectOwner, duration: bigint): GuestPollable {
  return subscribeInstant(owner, monotonicNow() + duration);
}
