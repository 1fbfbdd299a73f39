// Stops guests that hold the thread for too long: a thread of its own raises the flag that rewritten code checks, or
// takes away the pages that it polls (component/rewrite). It knows no requests and no limits; who calls `enter` and
// `leave` counts the time.
import { Worker } from 'node:worker_threads';
import { noPollPages, processPollPages } from './poll-pages.ts';
import { type WatchData, watch } from './watch.ts';
import {
  ASLEEP_UNTIL,
  DEADLINE,
  FIRST_POLL_PAGE,
  FLAG,
  MAXIMUM_MS,
  MOST_POLL_PAGES,
  POLL_PAGES,
  SIGNAL,
  SLICE,
  STOPPED,
  STOPPING,
  TICKS_PER_MS,
} from './words.ts';

export interface Watchdog {
  /** The memory that rewritten modules import as their flag. */
  readonly flagMemory: WebAssembly.Memory;
  /**
   * Says that a guest starts which may run for so many milliseconds; with none it traps at its first check. If another
   * guest's slice is under way, that one's time stands still until `leave`. `pages` are the addresses of the pages that
   * the guest polls. `now` is `performance.now()`, for callers that have just asked for it. Costs some 20 ns.
   */
  enter(milliseconds: number, pages?: readonly bigint[], now?: number): void;
  /**
   * Says that the guest stopped running. True when its time was up and the flag was raised, whether it came to a check
   * or not.
   */
  leave(): boolean;
  /** Ends the thread; guests that run on are not stopped any more. */
  close(): void;
}

/** Makes the watchdog of one thread that runs guests, on which one guest runs at a time. */
export function createWatchdog(): Watchdog {
  const flagMemory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true });
  const words = new Int32Array(flagMemory.buffer);
  const longs = new BigInt64Array(flagMemory.buffer);
  const polls = processPollPages();
  const canPoll = typeof polls !== 'string';
  const worker = startThread(flagMemory.buffer as SharedArrayBuffer, canPoll ? polls.byteLength : undefined);
  /** The guests that wait for one that they called, the outermost first. */
  const waiting: Waiting[] = [];
  /** When the guest that runs is to be stopped, in milliseconds; undefined while none runs. */
  let deadline: number | undefined;
  /** The addresses of the pages that the guest which runs polls. */
  let pages = noPollPages;
  let isClosed = false;

  const start = (milliseconds: number, polled: readonly bigint[], now: number): void => {
    const isSpent = milliseconds <= 0;
    deadline = now + (isSpent ? MAXIMUM_MS : Math.min(milliseconds, MAXIMUM_MS));
    if (polled !== pages) {
      pages = polled;
      writePages(words, longs, pages);
    }
    const tick = (deadline * TICKS_PER_MS) | 0;
    Atomics.store(words, DEADLINE, tick);
    Atomics.add(words, SLICE, 1);
    // A guest whose time is spent is stopped here: it could run many steps before another thread could do anything
    // about them.
    if (isSpent) {
      if (canPoll) pages.forEach(polls.takeAway);
      Atomics.store(words, FLAG, STOPPED);
    } else if (((tick - Atomics.load(words, ASLEEP_UNTIL)) | 0) < 0) wake(words);
  };

  const stop = (): boolean => {
    deadline = undefined;
    Atomics.add(words, SLICE, 1); // from here on the watchdog cannot raise the flag
    if (words[FLAG] === 0) return false;
    // A watchdog thread that was ended in the middle of this never sets STOPPED: the wait is then cut short.
    while (Atomics.load(words, FLAG) === STOPPING) {
      if (Atomics.wait(words, FLAG, STOPPING, PATIENCE_MS) === 'timed-out' && isClosed) break;
    }
    if (canPoll) pages.forEach(polls.restore);
    Atomics.store(words, FLAG, 0);
    return true;
  };

  return {
    flagMemory,
    enter: (milliseconds, polled = noPollPages, now = performance.now()) => {
      if (deadline !== undefined) {
        const left = deadline - now;
        waiting.push({ left: stop() ? 0 : left, pages });
      }
      start(milliseconds, polled, now);
    },
    leave: () => {
      if (deadline === undefined) return false;
      const stopped = stop();
      const outer = waiting.pop();
      if (outer !== undefined) start(outer.left, outer.pages, performance.now());
      return stopped;
    },
    close: () => {
      isClosed = true;
      void worker.terminate();
    },
  };
}

interface Waiting {
  /** Milliseconds that the waiting guest has left. */
  readonly left: number;
  readonly pages: readonly bigint[];
}

/**
 * The longest wait for the watchdog: taking pages away is a matter of microseconds, but the system may have other
 * things to do first.
 */
const PATIENCE_MS = 100;

function writePages(words: Int32Array, longs: BigInt64Array, pages: readonly bigint[]): void {
  if (pages.length > MOST_POLL_PAGES) throw new Error(`A guest polls ${pages.length} pages`);
  for (let page = 0; page < pages.length; page++) longs[FIRST_POLL_PAGE + page] = pages[page] as bigint;
  words[POLL_PAGES] = pages.length;
}

function wake(words: Int32Array): void {
  Atomics.add(words, SIGNAL, 1);
  Atomics.notify(words, SIGNAL);
}

/** The value of WatchData.origin: what this thread's monotonic clock showed when `performance.now()` was 0. */
function clockOrigin(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1e3 + nanoseconds / 1e6 - performance.now();
}

function startThread(buffer: SharedArrayBuffer, pollPageBytes: number | undefined): Worker {
  const workerData: WatchData = {
    buffer,
    origin: Math.max(clockOrigin(), clockOrigin()), // the first call of a clock takes long
    words: { FLAG, STOPPED, SLICE, DEADLINE, ASLEEP_UNTIL, SIGNAL, POLL_PAGES, FIRST_POLL_PAGE },
    pollPageBytes,
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
