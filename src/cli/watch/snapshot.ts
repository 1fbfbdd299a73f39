// What lies under the patterns of a watch list: each file with what tells its versions apart, and the folders where it may
// change.
import { hash } from 'node:crypto';
import { type Dirent, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { looksLikeGlob, matchesGlob } from '../../app/files/glob.ts';
import type { Watched, WatchList } from './watched.ts';

interface Version {
  /** Time, size and number of the file. */
  readonly stamp: string;
  /** For sources a hash of the content: a build may write the same source again. For artifacts the stamp. */
  readonly content: string;
}

/** Files by their absolute paths. */
type Files = ReadonlyMap<string, Version>;

export interface Snapshot {
  readonly sources: Files;
  readonly artifacts: Files;
  readonly manifest: Files;
  /** The folders that have to be watched to see a change. */
  readonly folders: ReadonlySet<string>;
}

export type Change = 'sources' | 'artifacts' | 'manifest';

const kinds: readonly Change[] = ['sources', 'artifacts', 'manifest'];

/** Folders in which Mayfly and git write, and one that is too large: they count only when a pattern names them. */
const leftOut = ['.git', '.mayfly', '.spin', 'node_modules'];

/** The most folders that are looked at for one pattern. */
const MOST_FOLDERS = 20_000;

/** Takes a snapshot. Sources that have not been touched since the one before are not read again. */
export function takeSnapshot({ sources, artifacts, manifest }: WatchList, before?: Snapshot): Snapshot {
  const folders = new Set<string>();
  const made = new Map<string, Version>();
  const read = new Map<string, Version>();
  const own = new Map<string, Version>();
  for (const watched of artifacts) look(watched, { files: made, folders });
  for (const watched of sources) look(watched, { files: read, folders, known: before?.sources ?? new Map() });
  // What a build writes is not what it reads, also where a pattern says `**/*`.
  for (const file of made.keys()) read.delete(file);
  const folder = dirname(manifest);
  look({ folder, pattern: relative(folder, manifest) }, { files: own, folders, known: before?.manifest ?? new Map() });
  return { sources: read, artifacts: made, manifest: own, folders };
}

/** What differs between two snapshots. */
export function changesBetween(before: Snapshot, now: Snapshot): Set<Change> {
  return new Set(kinds.filter((kind) => !sameFiles(before[kind], now[kind])));
}

export function sameFiles(before: Files, now: Files): boolean {
  return before.size === now.size && [...before].every(([file, { content }]) => now.get(file)?.content === content);
}

interface Found {
  readonly files: Map<string, Version>;
  readonly folders: Set<string>;
  /** Versions of before, where contents are compared. */
  readonly known?: Files;
}

function look({ folder, pattern }: Watched, found: Found): void {
  const parts = pattern.split(/[\\/]/).filter((part) => part !== '.' && part !== '');
  const firstGlob = parts.findIndex(looksLikeGlob);
  const plain = firstGlob === -1 ? parts : parts.slice(0, firstGlob);
  const start = resolve(folder, pattern.startsWith('/') ? sep : '', ...plain);
  const rest = firstGlob === -1 ? [] : parts.slice(firstGlob);
  if (rest.length > 0) {
    walk(start, rest, found);
    return;
  }
  found.folders.add(nearestFolder(dirname(start)));
  const facts = statSync(start, { throwIfNoEntry: false });
  if (facts?.isDirectory()) walk(start, ['**', '*'], found);
  else note(start, found);
}

function walk(start: string, parts: readonly string[], found: Found): void {
  const { folders } = found;
  const pattern = parts.join('/');
  const deepest = parts.includes('**') ? Number.POSITIVE_INFINITY : parts.length;
  const ahead = [{ folder: start, depth: 1 }];
  folders.add(nearestFolder(start));
  for (let count = 0; ahead.length > 0 && count < MOST_FOLDERS; count++) {
    const { folder, depth } = ahead.pop()!;
    const entries = entriesOf(folder);
    if (entries === undefined) continue;
    folders.add(folder);
    for (const entry of entries) {
      const path = join(folder, entry.name);
      const isNamed = !leftOut.includes(entry.name) || parts.includes(entry.name);
      if (entry.isDirectory() && isNamed && depth < deepest) ahead.push({ folder: path, depth: depth + 1 });
      if (!entry.isDirectory() && matchesGlob(pattern, relative(start, path).split(sep).join('/'))) note(path, found);
    }
  }
}

function entriesOf(folder: string): Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return undefined;
  }
}

function note(file: string, { files, known }: Found): void {
  // Vim's swap files come and go while somebody types.
  if (file.endsWith('.swp')) return;
  const facts = statSync(file, { throwIfNoEntry: false });
  if (!facts?.isFile()) return;
  const stamp = `${facts.mtimeMs} ${facts.size} ${facts.ino}`;
  const before = known?.get(file);
  if (before?.stamp === stamp) files.set(file, before);
  else files.set(file, { stamp, content: known ? contentOf(file) : stamp });
}

function contentOf(file: string): string {
  try {
    return hash('sha256', readFileSync(file));
  } catch {
    // It is gone again, or may not be read.
    return '';
  }
}

/** The folder itself, or the nearest one above it that exists: where it would appear. */
function nearestFolder(folder: string): string {
  for (let at = folder; ; at = dirname(at)) {
    if (statSync(at, { throwIfNoEntry: false })?.isDirectory() || dirname(at) === at) return at;
  }
}
