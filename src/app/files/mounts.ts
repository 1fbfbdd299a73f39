// Resolves the `files` of a component into what the guest will see: plain paths without a link in them. None leads out
// of the app's folder, or of the folder above it that the manifest names. What lies in a folder that a component may
// write is a guest's: no link is followed there, and nothing there keeps the app from starting.
import { realpathSync } from 'node:fs';
import { isAbsolute, join, posix, relative, sep } from 'node:path';
import type { LockedMount } from '../locked-app.ts';
import { looksLikeGlob, matchesGlob, walkFiles } from './glob.ts';
import { isWithin, type Located, locate, type SharedFolders } from './locate.ts';

export type FilesEntry = string | { readonly source: string; readonly destination: string };

/** The error for an entry that cannot be mounted; its message continues the quoted entry. */
export class MountFault extends Error {
  override readonly name = 'MountFault';
  readonly hint: string;
  constructor(message: string, hint: string) {
    super(message);
    this.hint = hint;
  }
}

/**
 * A mount, and the path by which the manifest knows its source: relative to the app's folder, separated by `/`, with
 * its links.
 */
export interface FoundMount extends LockedMount {
  readonly path?: string;
}

export interface ResolveOptions {
  /** The folders that components may write; none by default. */
  readonly shared?: SharedFolders;
  /** Called with what is left out without being a mistake. */
  readonly warn?: (message: string) => void;
}

/** An entry's source: where it starts, and how it goes on from there. */
interface Source {
  /** An absolute path without links: the app's folder, or the folder above it to which the source goes up. */
  readonly base: string;
  /** The path from the app's folder to the base: empty, or `../`, `../../` … */
  readonly up: string;
  /** The path from the base; empty for the base itself. */
  readonly path: string;
}

/**
 * What one entry mounts. A string is a file, a folder or a glob, and keeps its path in the guest, where `..` at the
 * root is the root itself; a table puts a file or folder at its destination. Throws MountFault.
 */
export function resolveEntry(directory: string, entry: FilesEntry, options: ResolveOptions = {}): FoundMount[] {
  const { shared = [] } = options;
  const source = sourceOf(directory, typeof entry === 'string' ? entry : entry.source);
  const destination = typeof entry === 'string' ? `/${source.path}` : insideDestination(entry.destination);
  const found = locate(source.base, source.path, shared);
  const known = { path: source.up + source.path, ...(found.shared ? { shared: true as const } : {}) };
  if (found.kind === undefined && typeof entry === 'string' && looksLikeGlob(entry)) {
    return listFiles(source, source.path, options).map(({ within, ...file }) => {
      if (isWithin(source.base, file.source)) return { ...file, destination: `/${within}` };
      throw outside(`matches "${file.path}", which leads out of the app`);
    });
  }
  const folder = destination.replace(/(.)\/$/, '$1');
  const fault = found.kind === 'directory' ? undefined : faultOf(found, source, destination);
  if (fault !== undefined && found.shared) {
    // The folder is mounted whatever a guest did there: it is looked for again when the app is loaded, and then left
    // out if it is no folder.
    return [{ kind: 'directory', source: join(source.base, source.path), destination: folder, ...known }];
  }
  if (fault !== undefined) throw fault;
  if (!isWithin(source.base, found.path)) throw outside('is a link that leads out of the app');
  return [{ kind: found.kind as LockedMount['kind'], source: found.path, destination: folder, ...known }];
}

function faultOf({ kind }: Located, { path }: Source, destination: string): MountFault | undefined {
  if (kind === undefined) return new MountFault('does not exist', 'Paths start at the folder of the manifest');
  if (kind === 'other') return new MountFault('is neither a file nor a folder', 'Name a file or folder');
  if (!destination.endsWith('/')) return undefined;
  return new MountFault(
    'is a file, and its destination a folder',
    `Write destination = "${destination}${posix.basename(path)}"`,
  );
}

/**
 * Applies `exclude_files`, and lists folders file by file where another mount reaches into them, so that in the end no
 * two mounts concern one path. The later entry wins, as in Spin.
 */
export function mergeMounts(
  directory: string,
  mounts: readonly FoundMount[],
  exclude: readonly string[],
  options: ResolveOptions = {},
): LockedMount[] {
  const patterns = exclude.map((pattern) => posix.normalize(pattern));
  const isExcluded = (path: string): boolean => patterns.some((pattern) => matchesGlob(pattern, path));
  const pathOf = ({ path, source }: FoundMount): string => path ?? relative(directory, source).split(sep).join('/');
  const merged = new Map<string, LockedMount>();
  for (const mount of mounts) {
    for (const part of splitWhereNeeded(mount)) {
      if (part.kind === 'directory' || !isExcluded(pathOf(part))) merged.set(part.destination, withoutPath(part));
    }
  }
  return [...merged.values()];

  function splitWhereNeeded(mount: FoundMount): readonly FoundMount[] {
    if (mount.kind === 'file') return [mount];
    const below = mount.destination === '/' ? '/' : `${mount.destination}/`;
    const reached = mounts.some(
      (other) =>
        other !== mount &&
        (other.destination === mount.destination || (other.kind === 'file' && other.destination.startsWith(below))),
    );
    if (!reached && patterns.length === 0) return [mount];
    const within = pathOf(mount);
    const base: Source = {
      base: mount.source,
      up: within === '' || within.endsWith('/') ? within : `${within}/`,
      path: '',
    };
    // Links that lead out of the folder lead nowhere, as in a folder that is mounted as a whole.
    const files = listFiles(base, '**/*', options).filter((file) => isWithin(mount.source, file.source));
    if (!reached && !files.some((file) => isExcluded(pathOf(file)))) return [mount];
    return files.map(({ within, ...file }) => ({ ...file, destination: below + within }));
  }
}

function withoutPath({ kind, source, destination, shared }: FoundMount): LockedMount {
  return { kind, source, destination, ...(shared ? { shared } : {}) };
}

interface ListedFile extends FoundMount {
  /** The path from the base. */
  readonly within: string;
}

/**
 * The files below the base that match. Links of the operator are followed wherever they lead; those of guests are left
 * out.
 */
function listFiles({ base, up }: Source, pattern: string, { shared = [], warn }: ResolveOptions): ListedFile[] {
  const isShared = (place: string): boolean => shared.some((folder) => isWithin(folder, place));
  const follows = (folder: string): boolean => shared.length === 0 || !isShared(realpathSync(join(base, folder)));
  const { files, complete } = walkFiles(base, pattern, { follows });
  if (!complete) {
    const message = `has too many files: no more than ${files.length} can be mounted one by one`;
    const isMistake = !shared.some((folder) => isWithin(folder, base) || isWithin(base, folder));
    if (isMistake) throw new MountFault(message, 'Mount the folder as a whole, with nothing excluded from it');
    warn?.(`"${up}${pattern}" ${message}`);
  }
  const folders = new Map<string, string>();
  return files.flatMap((within): ListedFile[] => {
    const parent = posix.dirname(within);
    const folder = folders.get(parent) ?? locate(base, parent, shared).path;
    folders.set(parent, folder);
    const found = locate(folder, posix.basename(within), shared);
    // The file went away, or a link took its place.
    if (found.kind !== 'file') return [];
    const known = { path: up + within, ...(isShared(found.path) ? { shared: true as const } : {}) };
    return [{ kind: 'file', source: found.path, destination: '', within, ...known }];
  });
}

function sourceOf(directory: string, source: string): Source {
  if (isAbsolute(source) || /^[A-Za-z]:/.test(source) || source.startsWith('\\')) {
    throw new MountFault('is an absolute path', 'Name a file or folder beside or below the manifest');
  }
  if (/(^|[\\/])\.\.\\|\\\.\.([\\/]|$)/.test(source))
    throw new MountFault('has a backslash', "Separate folders by '/'");
  const path = posix.normalize(source).replace(/\/$/, '');
  const up = /^(?:\.\.(?:\/|$))*/.exec(path)?.[0] ?? '';
  const rest = path.slice(up.length);
  return {
    base: join(realpathSync(directory), up).replace(/(.)[\\/]$/, '$1'),
    up: up === '' || up.endsWith('/') ? up : `${up}/`,
    path: rest === '.' ? '' : rest,
  };
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

function outside(message: string): MountFault {
  return new MountFault(message, 'Copy the file into the app instead of linking it');
}
