// Resolves a guest's path below a directory, component by component: the only way from a name to a place on the disk.
// https://github.com/WebAssembly/wasi-filesystem/blob/main/path-resolution.md
import type { Directory } from './directory.ts';
import { errorCodeOf, fail } from './error-code.ts';

/** Where a path leads: an entry of a directory, which may not exist, or the directory itself. */
export interface Place {
  readonly directory: Directory;
  /** The entry's name; undefined for the directory itself, where paths end in `.` or `..`. */
  readonly name: string | undefined;
  /** Whether the path ended in `/`: what is there then has to be a directory. */
  readonly slash: boolean;
}

const MAX_PATH_BYTES = 4096;
const MAX_LINKS = 40;
/**
 * The most steps, and the most directories that are open at once, for one path: this limits what a hostile path may
 * cost.
 */
const MAX_STEPS = 1024;
const MAX_DEPTH = 128;

/**
 * Calls `use` with the place of `path`. Every directory on the way is opened by itself and stays open until `use` is
 * done; `..` goes back to the directory before it, never to where the disk says the parent is. `follow` says that a
 * symbolic link at the end is followed, too; those on the way always are, inside of `base` only. Throws `not-permitted`
 * for what leads out of `base`.
 */
export function withPlace<T>(base: Directory, path: string, follow: boolean, use: (place: Place) => T): T {
  const opened: Directory[] = [base];
  try {
    return use(walk(opened, checkPath(path).split('/').reverse(), follow));
  } finally {
    for (const directory of opened.slice(1)) directory.close();
  }
}

function checkPath(path: string): string {
  if (path === '') fail('no-entry');
  if (path.length > MAX_PATH_BYTES) fail('name-too-long');
  if (path.includes('\0')) fail('invalid');
  if (isRooted(path)) fail('not-permitted');
  return path;
}

/** Walks the path. `rest` holds the names that are still to go, the next one last. */
function walk(opened: Directory[], rest: string[], follow: boolean): Place {
  let links = 0;
  for (let steps = 0; ; steps++) {
    if (steps > MAX_STEPS) fail('name-too-long');
    const directory = opened.at(-1)!;
    const name = rest.pop();
    if (name === undefined) return { directory, name: undefined, slash: true };
    if (name === '' || name === '.') continue;
    if (name === '..') {
      if (opened.length === 1) fail('not-permitted');
      opened.pop()?.close();
      continue;
    }
    checkName(name);
    const last = rest.every((next) => next === '');
    const slash = rest.length > 0;
    const link = !last ? enter(opened, name) : follow || slash ? directory.readLink(name) : undefined;
    if (link !== undefined) {
      if (++links > MAX_LINKS) fail('loop');
      if (isRooted(link)) fail('not-permitted');
      rest.push(...link.split('/').reverse());
    } else if (last) return { directory, name, slash };
  }
}

/** Opens the next directory, or gives a link's target when there is a link. */
function enter(opened: Directory[], name: string): string | undefined {
  const directory = opened.at(-1)!;
  if (opened.length > MAX_DEPTH) fail('name-too-long');
  try {
    opened.push(directory.enter(name));
    return undefined;
  } catch (error) {
    if (errorCodeOf(error) !== 'not-directory') throw error;
    return directory.readLink(name) ?? fail('not-directory');
  }
}

/** Whether the path starts elsewhere than at the directory: `/x`, and on Windows `\x` and `C:x`, too. */
export function isRooted(path: string): boolean {
  return path.startsWith('/') || (windows && /^(\\|[a-z]:)/i.test(path));
}

/**
 * Checks a name: Windows takes more characters for separators, has streams behind `:` and devices in every directory.
 */
function checkName(name: string): void {
  if (!windows) return;
  if (/[\\:*?"<>|]/.test(name)) fail('no-entry');
  if (/^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|\s*$)/i.test(name)) fail('not-permitted');
}

const windows = process.platform === 'win32';
