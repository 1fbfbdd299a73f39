// Values that the command line puts into a store when an app starts.

import { MayflyError } from '../../errors.ts';
import type { AppStores } from './app-stores.ts';
import { type Caller, StoreFault } from './store.ts';

/** Nobody calls it off. */
const host: Caller = { signal: new AbortController().signal, keep: () => undefined };

/** Into `default`, over what is there. */
export async function seedStore(stores: AppStores, values: Iterable<readonly [string, string]>): Promise<void> {
  const entries = Array.from(values, ([key, value]) => [key, Buffer.from(value)] as const);
  if (entries.length === 0) return;
  try {
    await (await stores.get('default'))?.setMany(entries, host);
  } catch (cause) {
    if (!(cause instanceof StoreFault)) throw cause;
    throw new MayflyError('service-start', `Cannot set values of the key-value store "default": ${cause.message}`, {
      cause,
    });
  }
}
