// Asks the engine for a garbage collection. Memories of discarded sandboxes hold addresses that the collector does not
// see as pressure: left alone, it may not come before all are taken.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; execution: 'async' }) => Promise<void>;

let collect: Collect | undefined;

/** Resolves after a major collection, which runs in a turn of the event loop of its own. */
export function collectGarbage(): Promise<void> {
  if (!collect) {
    setFlagsFromString('--expose-gc');
    collect = runInNewContext('gc') as Collect;
  }
  return collect({ type: 'major', execution: 'async' });
}
