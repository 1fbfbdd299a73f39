// wasi:clocks@0.3: monotonic-clock, system-clock, and timezone, in which every sandbox lives in UTC.
import { defineInterface, suspending } from '../../service.ts';
import { HostObject, type ObjectOwner } from '../io/host-object.ts';
import { timerPollable } from '../io/pollables.ts';
import type { Pollable } from '../io/streams.ts';
import { monotonicNow, monotonicResolution, toHostInstant, wallNow, wallResolution } from './clocks.ts';

/** The wait of a guest: the end of the request stops its timer, whoever waits for it. */
class Wait extends HostObject {
  readonly #timer: Pollable;
  readonly #over = Promise.withResolvers<void>();

  constructor(owner: ObjectOwner, instant: bigint) {
    super(owner);
    this.#timer = timerPollable(toHostInstant(instant));
  }

  /** The promise of the wait's end. Its `cancel` is for tasks that wait no more. */
  promise(): (Promise<void> & { cancel(): void }) | undefined {
    if (this.#timer.ready()) {
      this.release();
      return undefined;
    }
    void this.#timer.wait().then(() => this.release());
    return Object.assign(this.#over.promise, { cancel: () => this.release() });
  }

  protected close(): void {
    this.#timer.close?.();
    this.#over.resolve();
  }
}

const waitUntil = (owner: ObjectOwner, when: bigint) => new Wait(owner, when).promise();

const monotonicClock = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/monotonic-clock', '0.3.0', {
  functions: {
    now: () => monotonicNow(),
    'get-resolution': () => monotonicResolution,
    'wait-until': suspending(waitUntil),
    'wait-for': suspending((owner: ObjectOwner, duration: bigint) => waitUntil(owner, monotonicNow() + duration)),
  },
});

const systemClock = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/system-clock', '0.3.0', {
  functions: { now: () => wallNow(), 'get-resolution': () => BigInt(wallResolution.nanoseconds) },
});

const timezone = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/timezone', '0.3.0', {
  functions: { 'iana-id': () => 'UTC', 'utc-offset': () => 0n, 'to-debug-string': () => 'UTC' },
});

const types = defineInterface<ObjectOwner>('wasi', 'wasi:clocks/types', '0.3.0', { functions: {} });

export const clocksInterfaces03 = [types, monotonicClock, systemClock, timezone];
