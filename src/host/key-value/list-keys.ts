// All keys of a store at once. A long list is gathered in pieces, with pauses in which others have their turn.
import { setImmediate as turn } from 'node:timers/promises';
import { bytesOfText } from '../../component/types/host-byte-budget.ts';
import type { GuestCall } from '../guest-call.ts';
import { type KeyValueStore, type Later, MOST_RESULT_BYTES, resultTooLarge } from './store.ts';

/** What a key takes beside its text, as Spin counts it. */
const KEY_BYTES = 24;

export function listKeys(store: KeyValueStore, operation: GuestCall): Later<readonly string[]> {
  const first = store.keys(undefined, operation);
  if (first instanceof Promise || first.next !== undefined) return gather(store, operation, first);
  return first.keys;
}

/** Meanwhile the keys are kept as text of JSON: a tenth of what as many strings take. */
async function gather(
  store: KeyValueStore,
  operation: GuestCall,
  first: ReturnType<KeyValueStore['keys']>,
): Promise<readonly string[]> {
  const texts: string[] = [];
  let room = MOST_RESULT_BYTES;
  for (let piece = await first; ; piece = await store.keys(piece.next, operation)) {
    const text = JSON.stringify(piece.keys);
    room -= text.length + KEY_BYTES * piece.keys.length;
    if (room < 0) throw resultTooLarge();
    operation.keep(bytesOfText(text));
    texts.push(text);
    if (piece.next === undefined) break;
    await turn(undefined, { signal: operation.signal });
  }
  const keys = texts.flatMap((text) => JSON.parse(text) as string[]);
  return store.repeatsKeys ? [...new Set(keys)] : keys;
}
