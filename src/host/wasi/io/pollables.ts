// Pollables of streams and of time, and the wait for the first of many. WIT is not known here: bindings-0.2.ts has it.
import type { InputStream, OutputStream, Pollable } from './streams.ts';

/** The longest time that setTimeout takes, which has 32 bits: longer waits are made of several. */
const LONGEST_TIMEOUT_MS = 2_147_483_647;
const NS_PER_MS = 1_000_000n;

export const readyPollable: Pollable = { ready: () => true, wait: () => Promise.resolve() };

/** Makes a pollable that is ready whenever an operation on the stream would not have to wait. */
export function streamPollable(stream: Pick<InputStream | OutputStream, 'ready'>): Pollable {
  return {
    ready: () => stream.ready() === undefined,
    wait: async () => {
      for (let wait = stream.ready(); wait !== undefined; wait = stream.ready()) await wait;
    },
  };
}

/**
 * Makes a pollable that is ready from the time `deadline` on, in nanoseconds of `process.hrtime.bigint()`. Closing it
 * stops its timer.
 */
export function timerPollable(deadline: bigint): Pollable {
  let timer: NodeJS.Timeout | undefined;
  const ready = (): boolean => process.hrtime.bigint() >= deadline;
  const arm = (done: () => void): void => {
    const left = (deadline - process.hrtime.bigint() + NS_PER_MS - 1n) / NS_PER_MS;
    const ms = left > LONGEST_TIMEOUT_MS ? LONGEST_TIMEOUT_MS : Math.max(0, Number(left));
    timer = setTimeout(() => (ready() ? done() : arm(done)), ms);
  };
  return { ready, wait: () => new Promise(arm), close: () => clearTimeout(timer) };
}

/** Makes a pollable that is ready once `promise` has settled, whichever way. */
export function promisePollable(promise: Promise<unknown>): Pollable {
  let settled = false;
  const wait = promise.then(
    () => {
      settled = true;
    },
    () => {
      settled = true;
    },
  );
  return { ready: () => settled, wait: () => wait };
}

/**
 * Several waits on one pollable that share one reaction on its promise, so that a guest that polls a slow pollable
 * together with a fast one a million times leaves nothing behind.
 */
export class SharedWait {
  readonly #pollable: Pollable;
  readonly #wakers = new Set<() => void>();
  #armed = false;

  constructor(pollable: Pollable) {
    this.#pollable = pollable;
  }

  /** The number of waits that are under way. */
  get waiting(): number {
    return this.#wakers.size;
  }

  ready(): boolean {
    return this.#pollable.ready();
  }

  add(wake: () => void): void {
    this.#wakers.add(wake);
    if (this.#armed) return;
    this.#armed = true;
    void this.#pollable.wait().then(() => {
      this.#armed = false;
      for (const waker of [...this.#wakers]) waker();
    });
  }

  remove(wake: () => void): void {
    this.#wakers.delete(wake);
  }

  close(): void {
    this.#pollable.close?.();
  }
}

/** The indices of those that are ready, in order; empty when none is. */
export function readyIndices(waits: readonly SharedWait[]): number[] {
  const indices: number[] = [];
  for (const [index, wait] of waits.entries()) if (wait.ready()) indices.push(index);
  return indices;
}

/** Waits until at least one is ready, and gives the indices of all that are then. */
export async function firstReady(waits: readonly SharedWait[]): Promise<number[]> {
  for (;;) {
    await new Promise<void>((resolve) => {
      const wake = (): void => {
        for (const wait of waits) wait.remove(wake);
        resolve();
      };
      for (const wait of waits) wait.add(wake);
    });
    const indices = readyIndices(waits);
    if (indices.length > 0) return indices;
  }
}
