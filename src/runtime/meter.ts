// What requests cost, stage by stage, summed up for `mayfly bench`. It stands around the host's functions and the pools of an
// app that is measured; any other app has nothing of it.
import type { HostService } from '../host/service.ts';
import type { Guest } from '../invocation/exchange.ts';
import { Timer } from '../sandbox/clock.ts';
import type { GuestActivity, Sandbox } from '../sandbox/sandbox.ts';
import type { Usage } from '../telemetry/usage.ts';
import { type AnyCall, wrapService } from './wrapped-service.ts';

/** Sums since the last reading. Times are milliseconds of the thread unless it says otherwise. */
export interface MeterReading {
  /** Requests whose guests have ended. */
  readonly requests: number;
  /** Getting sandboxes: from those that are kept, or made of the image. */
  readonly sandboxMs: number;
  /** Putting sandboxes back to the image, or throwing them away. */
  readonly resetMs: number;
  /** In guests, without the host's functions that they called. */
  readonly guestMs: number;
  /** In the host's functions. */
  readonly hostMs: number;
  readonly hostCalls: number;
  /** Requests that had to wait for a sandbox, and for how long on the clock. */
  readonly queued: number;
  readonly queuedMs: number;
  /** The largest linear memory of a guest, in bytes. */
  readonly memoryBytes: number;
}

type Sums = { -readonly [Key in keyof MeterReading]: number };

function noSums(): Sums {
  return {
    requests: 0,
    sandboxMs: 0,
    resetMs: 0,
    guestMs: 0,
    hostMs: 0,
    hostCalls: 0,
    queued: 0,
    queuedMs: 0,
    memoryBytes: 0,
  };
}

function usedMs(activity: GuestActivity | undefined): number {
  return activity instanceof Timer ? activity.usedMs : 0;
}

export class Meter {
  #sums = noSums();

  /** What was summed up since it was last asked. */
  take(): MeterReading {
    const taken = this.#sums;
    this.#sums = noSums();
    return taken;
  }

  /** To be called with what each request used. */
  readonly onUsage = ({ cpuMs, hostCalls, memoryBytes }: Usage): void => {
    const sums = this.#sums;
    sums.requests++;
    // What the host's functions took is part of it; `#timed` takes that away.
    sums.guestMs += cpuMs;
    sums.hostCalls += hostCalls;
    sums.memoryBytes = Math.max(sums.memoryBytes, memoryBytes);
  };

  service(service: HostService): HostService {
    return wrapService(service, (call) => this.#timed(call));
  }

  /** Counts the time until the function returns; what it waits for behind a promise is not the thread's. */
  #timed(call: AnyCall): AnyCall {
    return (...given) => {
      const start = performance.now();
      try {
        return call(...given);
      } finally {
        const taken = performance.now() - start;
        this.#sums.hostMs += taken;
        this.#sums.guestMs -= taken;
      }
    };
  }

  pool(pool: Guest['pool']): Guest['pool'] {
    return {
      acquire: (context, activity) => {
        const [start, before] = [performance.now(), usedMs(activity)];
        const sandbox = pool.acquire(context, activity);
        if (sandbox instanceof Promise) return this.#queued(sandbox, start);
        // A guest that is initialised for the request does that on its own time.
        this.#sums.sandboxMs += performance.now() - start - (usedMs(activity) - before);
        return sandbox;
      },
      release: (sandbox, healthy) => {
        const start = performance.now();
        try {
          return pool.release(sandbox, healthy);
        } finally {
          this.#sums.resetMs += performance.now() - start;
        }
      },
      abandon: (context, reason) => pool.abandon?.(context, reason),
    };
  }

  async #queued(sandbox: Promise<Sandbox>, start: number): Promise<Sandbox> {
    try {
      return await sandbox;
    } finally {
      this.#sums.queued++;
      this.#sums.queuedMs += performance.now() - start;
    }
  }
}
