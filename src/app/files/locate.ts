// Finds what a path of the manifest leads to. Links that the operator put there are followed. Those that lie in a
// folder which a component may write are a guest's, and never followed.
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { isAbsolute, join, parse, sep } from 'node:path';

export type PlaceKind = 'directory' | 'file' | 'other';

export interface Located {
  /** The absolute path, without a symbolic link in it. If nothing is there, it is as much of the path as exists. */
  readonly path: string;
  /** What is there; undefined for nothing, or a link that is not followed. */
  readonly kind: PlaceKind | undefined;
  /** Whether it lies in a folder that a component may write: a guest may then have put it there, or taken it away. */
  readonly shared: boolean;
}

/** The folders that components may write, absolute and without links. */
export type SharedFolders = readonly string[];

const MAX_LINKS = 40;
const MAX_STEPS = 10_000;

/** Walks `path` from `base`, which has no links in it. */
export function locate(base: string, path: string, shared: SharedFolders): Located {
  let place = base;
  let facts = look(base);
  let links = 0;
  const rest = namesOf(path);
  for (let steps = 0; rest.length > 0; steps++) {
    const name = rest.pop() as string;
    if (name === '..') {
      place = join(place, '..');
      facts = look(place);
      continue;
    }
    const isShared = shared.some((folder) => isWithin(folder, place));
    const missing: Located = { path: place, kind: undefined, shared: isShared };
    if (steps > MAX_STEPS || !facts?.isDirectory()) return missing;
    const next = join(place, name);
    facts = look(next);
    if (facts === undefined) return missing;
    if (!facts.isSymbolicLink()) {
      place = next;
      continue;
    }
    const target = isShared || ++links > MAX_LINKS ? undefined : targetOf(next);
    if (target === undefined) return missing;
    rest.push(...namesOf(target));
    if (isAbsolute(target)) place = parse(place).root;
    facts = look(place);
  }
  const kind = facts?.isDirectory() ? 'directory' : facts?.isFile() ? 'file' : facts && 'other';
  return { path: place, kind, shared: place !== base && shared.some((folder) => isBelow(folder, place)) };
}

/** Whether `path` is `folder`, or lies in it; both must be absolute and without links. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

export function isBelow(folder: string, path: string): boolean {
  return path !== folder && isWithin(folder, path);
}

/** The names of a path, with the next one to go last. */
function namesOf(path: string): string[] {
  return path
    .split(sep === '/' ? '/' : /[\\/]/)
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}

/**
 * What is at a path; undefined for what cannot be looked at: a loop, a name that is too long, a folder that may not be
 * entered.
 */
function look(path: string): Stats | undefined {
  try {
    return lstatSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function targetOf(link: string): string | undefined {
  try {
    return readlinkSync(link);
  } catch {
    return undefined;
  }
}
