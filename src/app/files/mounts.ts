// Resolves the `files` of a component into what the guest will see. Everything stays inside of the app's folder: what a
// link inside a mounted folder leads to is the filesystem service's to check, at each access.
import { realpathSync, statSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import type { LockedMount } from '../locked-app.ts';
import { findFiles, looksLikeGlob, matchesGlob } from './glob.ts';

export type FilesEntry = string | { readonly source: string; readonly destination: string };

/** Thrown for an entry that cannot be mounted; the message follows on the quoted entry. */
export class MountFault extends Error {
  override readonly name = 'MountFault';
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * What one entry mounts. A string is a file, a folder or a glob, and keeps its path in the guest; a table puts a file
 * or folder at its destination. Throws MountFault.
 */
export function resolveEntry(directory: string, entry: FilesEntry): LockedMount[] {
  const source = typeof entry === 'string' ? entry : entry.source;
  const path = insidePath(source);
  const destination = typeof entry === 'string' ? `/${path}` : insideDestination(entry.destination);
  const kind = kindOf(directory, path);
  if (kind === undefined) {
    if (typeof entry === 'string' && looksLikeGlob(entry)) {
      return findFiles(directory, path).map((found) => fileMount(directory, found, `/${found}`));
    }
    throw new MountFault('does not exist', 'Paths start at the folder of the manifest');
  }
  if (kind === 'file' && destination.endsWith('/')) {
    throw new MountFault(
      'is a file, and its destination a folder',
      `Write destination = "${destination}${posix.basename(path)}"`,
    );
  }
  if (kind === 'file') return [fileMount(directory, path, destination)];
  return [{ kind, source: checkedPath(directory, path), destination: destination.replace(/(.)\/$/, '$1') }];
}

/**
 * Applies `exclude_files`, and lists folders file by file where another mount reaches into them, so that in the end no
 * two mounts concern one path. The later entry wins, as in Spin.
 */
export function mergeMounts(
  directory: string,
  mounts: readonly LockedMount[],
  exclude: readonly string[],
): LockedMount[] {
  const excluded = (file: string) => {
    const path = relative(directory, file).split(sep).join('/');
    return exclude.some((pattern) => matchesGlob(pattern, path));
  };
  const merged = new Map<string, LockedMount>();
  for (const mount of mounts) {
    for (const part of splitWhereNeeded(mount, mounts, excluded)) {
      if (part.kind === 'directory' || !excluded(part.source)) merged.set(part.destination, part);
    }
  }
  return [...merged.values()];
}

function splitWhereNeeded(
  mount: LockedMount,
  all: readonly LockedMount[],
  excluded: (file: string) => boolean,
): readonly LockedMount[] {
  if (mount.kind === 'file') return [mount];
  const below = mount.destination === '/' ? '/' : `${mount.destination}/`;
  const shared = all.some(
    (other) =>
      other !== mount &&
      (other.destination === mount.destination || (other.kind === 'file' && other.destination.startsWith(below))),
  );
  const files = findFiles(mount.source, '**/*');
  if (!shared && !files.some((file) => excluded(join(mount.source, file)))) return [mount];
  return files.map((file) => fileMount(mount.source, file, `${below}${file}`));
}

function fileMount(root: string, path: string, destination: string): LockedMount {
  return { kind: 'file', source: checkedPath(root, path), destination };
}

/** The path without `.` segments and doubled slashes. */
function insidePath(source: string): string {
  if (isAbsolute(source) || /^[A-Za-z]:/.test(source)) {
    throw new MountFault('is an absolute path', 'Name a file or folder beside or below the manifest');
  }
  if (source.split(/[\\/]/).includes('..')) {
    throw new MountFault('leads out of the app', 'Name a file or folder beside or below the manifest');
  }
  const path = posix.normalize(source).replace(/\/$/, '');
  if (source === '' || path === '.') {
    throw new MountFault('is the whole folder of the app', `Name a folder in it, or write "./**/*" to mount all of it`);
  }
  return path;
}

function insideDestination(destination: string): string {
  if (!destination.startsWith('/')) {
    throw new MountFault(`has the relative destination "${destination}"`, `Write destination = "/${destination}"`);
  }
  if (destination.split('/').includes('..')) {
    throw new MountFault(`has the destination "${destination}"`, "Leave '..' out of it");
  }
  return posix.normalize(destination);
}

function kindOf(directory: string, path: string): LockedMount['kind'] | undefined {
  const stat = statSync(join(directory, path), { throwIfNoEntry: false });
  if (stat?.isDirectory()) return 'directory';
  return stat?.isFile() ? 'file' : undefined;
}

/** The absolute path, after following links to see that they do not lead out. */
function checkedPath(root: string, path: string): string {
  const real = realpathSync(join(root, path));
  const inside = relative(realpathSync(root), real);
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new MountFault(
      `${looksLikeGlob(path) ? `matches "${path}", which` : 'is a link that'} leads out of the app`,
      'Copy the file into the app instead of linking it',
    );
  }
  return join(root, path);
}
