// Waiting until something is so.
import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `ready` says so, up to `ms` milliseconds. */
export async function until(ready: () => boolean | Promise<boolean>, what: string, ms = 30_000): Promise<void> {
  const end = performance.now() + ms;
  while (performance.now() < end) {
    if (await ready()) return;
    await delay(50);
  }
  throw new Error(`Waited ${ms / 1000} s in vain for ${what}`);
}
