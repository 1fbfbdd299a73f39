// Finds what a path of the manifest leads to. Links are followed as the operator put them there; those that lie in a
// folder which a component may write are a guest's, and never followed.
import { lstatSync, readlinkSync, type Stats } from 'node:fs';
import { isAbsolute, join, parse, sep } from 'node:path';

export type PlaceKind = 'directory' | 'file' | 'other';

export interface Located {
  /** Absolute, without a symbolic link in it. Of what is not there: how far the path leads. */
  readonly path: string;
  /** undefined: nothing is there, or a link that is not followed. */
  readonly kind: PlaceKind | undefined;
  /** It lies in a folder that a component may write: a guest may have put it there, or taken it away. */
  readonly shared: boolean;
}

/** Folders that components may write, absolute and without links. */
export type SharedFolders = readonly string[];

const MAX_LINKS = 40;
const MAX_STEPS = 10_000;

/** Walks from `base`, which has no links in it. */
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

/** `path` is `folder`, or lies in it; both are absolute and plain. */
export function isWithin(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);
}

function isBelow(folder: string, path: string): boolean {
  return path !== folder && isWithin(folder, path);
}

/** The next one last. */
function namesOf(path: string): string[] {
  return path
    .split(sep === '/' ? '/' : /[\\/]/)
    .filter((name) => name !== '' && name !== '.')
    .reverse();
}

/** What cannot be looked at is not there: a loop, a name that is too long, a folder that may not be entered. */
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
