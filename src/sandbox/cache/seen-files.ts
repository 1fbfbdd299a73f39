// Remembers which digest a file had when it was read last: a file that has not changed since is not read again, as in
// make and git. There is a small note for each, named by the path.
import { createHash } from 'node:crypto';
import { type BigIntStats, readFileSync, statSync, utimes } from 'node:fs';
import { join, resolve } from 'node:path';
import { digestOfFile } from './cache-key.ts';
import { writeAtomically } from './write-atomically.ts';

/**
 * A note counts only when the file's times were so many milliseconds old: a file that has just changed may change again
 * within the same tick of its clock.
 */
const SETTLED_MS = 2000;
const DIGEST = /^[0-9a-f]{64}$/;

export interface SeenFile {
  readonly digest: string;
  /** Writes down what is new; to be called when there is time. Rejects with errors of the system. */
  readonly remember: (() => Promise<void>) | undefined;
}

/** How a file is read and what time it is, for tests. */
export interface SeenFileMeans {
  readonly read: (path: string) => string;
  readonly now: () => number;
}

const means: SeenFileMeans = { read: digestOfFile, now: Date.now };

/**
 * The digest of the file at `path`. `folder` is where the notes are, and may be missing. Throws errors of the system
 * for a file that cannot be read.
 */
export function seenDigest(folder: string, path: string, { read, now }: SeenFileMeans = means): SeenFile {
  const absolute = resolve(path);
  const note = join(folder, `${createHash('sha256').update(absolute).digest('hex')}.seen`);
  const before = stateOf(absolute, now());
  const known = readNote(note);
  if (known?.state === before.state) {
    utimes(note, new Date(), new Date(), () => undefined);
    return { digest: known.digest, remember: undefined };
  }
  const digest = read(absolute);
  const stands = before.settled && stateOf(absolute, now()).state === before.state;
  return {
    digest,
    remember: stands
      ? () => writeAtomically(note, [Buffer.from(JSON.stringify({ state: before.state, digest } satisfies Note))])
      : undefined,
  };
}

interface Note {
  /** Says which file it is, its size, and when it changed: no program can set the time of the last change at will. */
  readonly state: string;
  readonly digest: string;
}

function stateOf(path: string, now: number): { readonly state: string; readonly settled: boolean } {
  const stats: BigIntStats = statSync(path, { bigint: true });
  const { dev, ino, size, mtimeNs, ctimeNs } = stats;
  const settled = Number(ctimeNs / 1_000_000n) < now - SETTLED_MS;
  return { state: [path, dev, ino, size, mtimeNs, ctimeNs].join(' '), settled };
}

function readNote(note: string): Note | undefined {
  try {
    const { state, digest } = JSON.parse(readFileSync(note, 'utf8')) as Partial<Note>;
    return typeof state === 'string' && typeof digest === 'string' && DIGEST.test(digest)
      ? { state, digest }
      : undefined;
  } catch {
    return undefined;
  }
}
