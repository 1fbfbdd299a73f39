// Decides when the engine collects garbage: on request, and by telling it how to judge its heap and what lies outside.
// Memories of discarded sandboxes hold addresses that the collector does not see as pressure: left alone, it may not
// come before all are taken.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; execution: 'async' }) => Promise<void>;

let collect: Collect | undefined;

/**
 * Tells V8 whether to count memory outside of its heap together with the heap. By default it starts a collection for
 * every 64 MiB outside: some fifty sandboxes. Where thousands are in use such a collection finds next to nothing and
 * takes ever longer: 10,000 requests that waited took 34 s of CPU time. They take 12 s when V8 counts both together,
 * and waits until they have grown by a share. That would be wrong at other times: where few sandboxes are in use and
 * each request leaves an instance behind, that share comes to a gigabyte, instead of 0.4 GB.
 */
function countOutsideMemory(withHeap: boolean): void {
  setFlagsFromString(`--${withHeap ? '' : 'no-'}external-memory-accounted-in-global-limit`);
}

/**
 * How far the heap may grow, in percent of what a collection left: V8 goes up to this by itself when collections take
 * much of the time.
 */
const GROWTH = 300;
let mayGrow = false;

/**
 * Lets the heap grow to four times what is alive before V8 collects the old generation. By default it does so whenever
 * the heap has grown by a third, and puts 430 bytes of each call that may suspend there: that is every two seconds
 * under load, in a heap of 20 MiB. With this the 99th percentile behind a socket is a third of what it was, for 5 %
 * less CPU time and 10 to 40 MiB more. It is for processes that do nothing but serve, since the flag belongs to the
 * process, and does not apply while thousands of sandboxes make the heap large.
 */
export function letHeapGrow(): void {
  mayGrow = true;
  setGrowth(GROWTH);
}

function setGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/**
 * Must be called whenever crowding starts (true) or ends (false): when the memories in use become many, and when they
 * are few again.
 */
export function tuneHeapForLoad(isCrowded: boolean): void {
  countOutsideMemory(isCrowded);
  if (mayGrow) setGrowth(isCrowded ? 0 : GROWTH);
}

/** Resolves after a major collection, which runs in a turn of the event loop of its own. */
export function collectGarbage(): Promise<void> {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect({ type: 'major', execution: 'async' });
}
