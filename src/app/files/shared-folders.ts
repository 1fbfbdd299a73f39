// Which folders the components of an app may write, and what must not lie in them.
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LockedMount } from '../locked-app.ts';
import { isWithin, type SharedFolders } from './locate.ts';

/** Gives the mounts of all components that may write, as they resolve when `shared` is known to be theirs. */
export type ResolveWritable = (shared: SharedFolders) => readonly LockedMount[];

/**
 * A link in one of the folders may make another path look like a folder of theirs: each round resolves again with what
 * is known, until nothing is added. Too many folders do no harm: links in them are not followed.
 */
export function sharedFolders(resolve: ResolveWritable): SharedFolders {
  let known: readonly string[] = [];
  for (;;) {
    const found = resolve(known).flatMap(({ kind, source }) => (kind === 'directory' ? [source] : []));
    const next = [...new Set([...known, ...found])];
    if (next.length === known.length) return known;
    known = next;
  }
}

/**
 * The first of `files` that a mount would let its component write: the manifest or a program, with which it could give
 * itself every permission of the next start.
 */
export function writtenBy(mounts: readonly LockedMount[], files: readonly string[]): string | undefined {
  return files.find((file) => placesOf(file).some((place) => mounts.some(({ source }) => isWithin(source, place))));
}

/** Where the file lies, and where what it leads to lies, if it is a link. */
function placesOf(file: string): string[] {
  return [attempt(file), join(attempt(dirname(file)), basename(file))];
}

function attempt(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
