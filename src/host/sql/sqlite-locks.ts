// Locks of SQLite files that others hold are waited for between attempts, so that the event loop turns meanwhile: SQLite's
// own way of waiting would hold the thread.
import { setTimeout as delay } from 'node:timers/promises';
import type { Later } from '../guest-call.ts';

/** How long somebody else may hold a lock, in milliseconds; as in Spin. */
const BUSY_MS = 5000;
const LONGEST_PAUSE_MS = 25;

/** Result codes of SQLite: the low byte. */
const BUSY = 5;
const LOCKED = 6;

/** The time, which tests replace. In milliseconds. */
export interface Patience {
  now(): number;
  wait(ms: number, signal: AbortSignal): Promise<unknown>;
}

const patience: Patience = { now: Date.now, wait: (ms, signal) => delay(ms, undefined, { signal }) };

/** At once, or again and again as long as somebody has the file locked. Rejects when the signal is aborted. */
export function patiently<T>(
  attempt: () => Later<T>,
  caller: { readonly signal: AbortSignal },
  time: Patience = patience,
): Later<T> {
  const again = (error: unknown): Promise<T> => {
    if (!isLocked(error)) throw error;
    return later(attempt, caller.signal, time);
  };
  try {
    const value = attempt();
    return value instanceof Promise ? value.catch(again) : value;
  } catch (error) {
    return again(error);
  }
}

async function later<T>(attempt: () => Later<T>, signal: AbortSignal, { now, wait }: Patience): Promise<T> {
  const deadline = now() + BUSY_MS;
  for (let pause = 1; ; pause = Math.min(2 * pause, LONGEST_PAUSE_MS)) {
    await wait(pause, signal);
    try {
      return await attempt();
    } catch (error) {
      if (!isLocked(error) || now() > deadline) throw error;
    }
  }
}

/** Of an error of node:sqlite: the low byte of SQLite's result code. */
export function sqliteCode(error: unknown): number | undefined {
  const code = (error as { errcode?: unknown } | undefined)?.errcode;
  return typeof code === 'number' ? code & 0xff : undefined;
}

export function isLocked(error: unknown): boolean {
  const code = sqliteCode(error);
  return code === BUSY || code === LOCKED;
}
