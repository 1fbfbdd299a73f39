// Waiting until something is so.
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `ready` says so, up to 30 s. */
export async function until(ready: () => boolean | Promise<boolean>, what: string): Promise<void> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    if (await ready()) return;
    await delay(50);
  }
  throw new Error(`Waited 30 s in vain for ${what}`);
}
