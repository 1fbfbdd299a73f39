// What a process opens once for its mapped memories: the C library, the page map, the marks.
// It opens each on first use and keeps it; whether it works is tried out in reset-strategies.ts.
import { MayflyError } from '../../errors.ts';
import { type Libc, loadLibc } from './libc.ts';
import { openWrittenPages, type WriteTracking, type WrittenPages } from './written-pages.ts';

export interface MappedMemories {
  readonly strategy: 'scan' | 'madvise';
  readonly libc: Libc;
  /** How written pages are found out; absent for `madvise`, which does not need it. */
  readonly written?: WrittenPages;
}

let libc: Libc | string | undefined;
const written = new Map<WriteTracking, WrittenPages | string>();
let preferred: WriteTracking = 'marks';

/** The C library, or the reason why it cannot be used. */
export function processLibc(): Libc | string {
  libc ??= loadLibc();
  return libc;
}

/**
 * Finds out which pages were written, in the way that `tracking` names, or gives the reason why the kernel does not
 * tell.
 */
export function processWrittenPages(tracking: WriteTracking): WrittenPages | string {
  const c = processLibc();
  if (typeof c === 'string') return c;
  const known = written.get(tracking);
  if (known !== undefined) return known;
  const opened = openWrittenPages(c, tracking);
  written.set(tracking, opened);
  return opened;
}

/** Sets how `mappedMemories('scan')` asks from now on. The detection calls this after it has tried both ways. */
export function preferTracking(tracking: WriteTracking): void {
  preferred = tracking;
}

/** Gives what the strategy needs. Throws 'reset-unavailable' with the reason. */
export function mappedMemories(strategy: 'scan' | 'madvise', tracking: WriteTracking = preferred): MappedMemories {
  const c = processLibc();
  if (typeof c === 'string') throw unavailable(strategy, c);
  if (strategy === 'madvise') return { strategy, libc: c };
  const pages = processWrittenPages(tracking);
  if (typeof pages === 'string') throw unavailable(strategy, pages);
  return { strategy, libc: c, written: pages };
}

export function unavailable(strategy: string, reason: string): MayflyError {
  return new MayflyError('reset-unavailable', `Cannot reset memories by '${strategy}': ${reason}`, {
    hint: "Leave '--reset' out: Mayfly then takes the fastest strategy that works here",
  });
}
