// When the engine collects garbage: on request, and how it judges its heap and what lies outside. Memories of discarded
// sandboxes hold addresses that the collector does not see as pressure: left alone, it may not come before all are taken.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; execution: 'async' }) => Promise<void>;

let collect: Collect | undefined;

/**
 * V8 starts a collection for every 64 MiB that come to be outside of its heap: some fifty sandboxes. Where thousands are in
 * use that finds next to nothing and takes ever longer: 10,000 requests that waited took 34 s of CPU time, and take 12 s
 * when V8 counts that memory together with its heap, and waits until both have grown by a share. Always to do so would be
 * wrong: where few are in use and each request leaves an instance behind, that share comes to a gigabyte (0.4 GB without).
 */
function countOutsideMemory(withHeap: boolean): void {
  setFlagsFromString(`--${withHeap ? '' : 'no-'}external-memory-accounted-in-global-limit`);
}

/** In percent of what a collection left: V8 goes up to this by itself when collections take much of the time. */
const GROWTH = 300;
let mayGrow = false;

/**
 * V8 puts 430 bytes of each call that may suspend into its old generation, and collects that whenever the heap has grown
 * by a third: every two seconds under load, in a heap of 20 MiB. Let it grow to four times what is alive, and the 99th
 * percentile behind a socket is a third of what it was, for 5 % less CPU time and 10 to 40 MiB. For processes that do
 * nothing but serve, since the flag is one of the process; not while thousands of sandboxes make the heap large.
 */
export function letHeapGrow(): void {
  mayGrow = true;
  setGrowth(GROWTH);
}

function setGrowth(percent: number): void {
  setFlagsFromString(`--heap-growing-percent=${percent}`);
}

/** Whoever counts the memories in use calls this when they become many (true), and when they are few again (false). */
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
