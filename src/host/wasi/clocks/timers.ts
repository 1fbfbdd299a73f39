// Pollables of time, for which guests of every version of 0.2 wait.
import type { ObjectOwner } from '../io/host-object.ts';
import { timerPollable } from '../io/pollables.ts';
import { GuestPollable } from '../io/resources.ts';
import { monotonicNow, toHostInstant } from './clocks.ts';

/** Makes a pollable that is ready from `when` on. */
export function subscribeInstant(owner: ObjectOwner, when: bigint): GuestPollable {
  return new GuestPollable(owner, timerPollable(toHostInstant(when)));
}

/** Makes a pollable that is ready when `duration`, in nanoseconds, is over. */
export function subscribeDuration(owner: ObjectOwner, duration: bigint): GuestPollable {
  return subscribeInstant(owner, monotonicNow() + duration);
}
