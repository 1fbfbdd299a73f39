// Stops guests that hold the thread for too long: a thread of its own raises the flag that rewritten code checks
// (component/rewrite). Knows no requests and no limits; who calls `enter` and `leave` counts the time.
import { Worker } from 'node:worker_threads';
import { type WatchData, watch } from './watch.ts';
import { ASLEEP_UNTIL, DEADLINE, FLAG, MAXIMUM_MS, SIGNAL, SLICE, TICKS_PER_MS } from './words.ts';

export interface Watchdog {
  /** What rewritten modules import as their flag. */
  readonly flagMemory: WebAssembly.Memory;
  /**
   * The guest that starts now may run for so many milliseconds. Inside another guest's slice, that one's time stands
   * still until `leave`. `now` is `performance.now()`, for callers that have just asked for it. Costs some 20 ns.
   */
  enter(milliseconds: number, now?: number): void;
  /** The guest stopped running. True when its time was up and the flag was raised, whether it came to a check or not. */
  leave(): boolean;
  /** Ends the thread; guests that run on are not stopped any more. */
  close(): void;
}

/** One per thread that runs guests: one guest runs at a time on a thread. */
export function createWatchdog(): Watchdog {
  const flagMemory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const words = new Int32Array(flagMemory.buffer);
  const worker = startThread(flagMemory.buffer as SharedArrayBuffer);
  /** Milliseconds that the guests have left that wait for one that they called, the outermost first. */
  const waiting: number[] = [];
  /** When the guest that runs is to be stopped, in milliseconds; undefined while none runs. */
  let deadline: number | undefined;

  const start = (milliseconds: number, now: number): void => {
    deadline = now + Math.min(milliseconds, MAXIMUM_MS);
    const tick = (deadline * TICKS_PER_MS) | 0;
    Atomics.store(words, DEADLINE, tick);
    Atomics.add(words, SLICE, 1);
    if (((tick - Atomics.load(words, ASLEEP_UNTIL)) | 0) < 0) wake(words);
  };

  const stop = (): boolean => {
    deadline = undefined;
    Atomics.add(words, SLICE, 1); // from here on the watchdog cannot raise the flag
    if (words[FLAG] === 0) return false;
    Atomics.store(words, FLAG, 0);
    return true;
  };

  return {
    flagMemory,
    enter: (milliseconds, now = performance.now()) => {
      if (deadline !== undefined) {
        waiting.push(deadline - now);
        if (stop()) waiting[waiting.length - 1] = 0;
      }
      start(milliseconds, now);
    },
    leave: () => {
      if (deadline === undefined) return false;
      const stopped = stop();
      const left = waiting.pop();
      if (left !== undefined) start(left, performance.now());
      return stopped;
    },
    close: () => void worker.terminate(),
  };
}

function wake(words: Int32Array): void {
  Atomics.add(words, SIGNAL, 1);
  Atomics.notify(words, SIGNAL);
}

/** See WatchData.origin. */
function clockOrigin(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6 - performance.now();
}

function startThread(buffer: SharedArrayBuffer): Worker {
  const workerData: WatchData = {
    buffer,
    origin: Math.max(clockOrigin(), clockOrigin()), // the first call of a clock takes long
    words: { FLAG, SLICE, DEADLINE, ASLEEP_UNTIL, SIGNAL },
    ticksPerMs: TICKS_PER_MS,
    maximumMs: MAXIMUM_MS,
  };
  const worker = new Worker(`(${watch})(require('node:worker_threads').workerData)`, {
    eval: true,
    name: 'watchdog',
    execArgv: [],
    env: {},
    workerData,
    resourceLimits: { maxOldGenerationSizeMb: 16, maxYoungGenerationSizeMb: 2 },
  });
  worker.unref();
  return worker;
}
