// When the engine collects garbage: on request, and how it judges what lies outside of its heap. Memories of discarded sandboxes hold addresses that the collector does not
// see as pressure: left alone, it may not come before all are taken.
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
export function countOutsideMemory(withHeap: boolean): void {
  setFlagsFromString(`--${withHeap ? '' : 'no-'}external-memory-accounted-in-global-limit`);
}

/** Resolves after a major collection, which runs in a turn of the event loop of its own. */
export function collectGarbage(): Promise<void> {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect({ type: 'major', execution: 'async' });
}
