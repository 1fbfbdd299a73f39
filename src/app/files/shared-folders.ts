// Finds the folders that the components of an app may write, and checks what must not lie in them.
import { realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { LockedMount } from '../locked-app.ts';
import { isWithin, type SharedFolders } from './locate.ts';

/** Gives the mounts of all components that may write, resolved with the folders in `shared` known as theirs. */
export type ResolveWritable = (shared: SharedFolders) => readonly LockedMount[];

/**
 * The folders that components may write. A link in one of them may make another path look like such a folder: each
 * round resolves again with what is known, until nothing is added. Too many folders do no harm, since links in them are
 * not followed.
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
 * The first of `files` that a mount would let its component write: the manifest, a program or a store. With it the
 * component could give itself every permission at the next start.
 */
export function writtenBy(mounts: readonly LockedMount[], files: readonly string[]): string | undefined {
  return files.find((file) => placesOf(file).some((place) => mounts.some(({ source }) => isWithin(source, place))));
}

/** The place of the file and, if it is a link, the place to which it leads. */
function placesOf(file: string): string[] {
  return [attempt(file), join(attempt(dirname(file)), basename(file))];
}

/** The path with all links resolved, as far as there is something. */
function attempt(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path ? path : join(attempt(parent), basename(path));
  }
}
