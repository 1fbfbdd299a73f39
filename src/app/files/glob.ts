// Glob patterns by the rules of Rust's `glob`, which Spin uses: `*` and `?` within a name, `**` for any folders, `[a-z]`
// and `[!a-z]`; hidden files match too. What lies on the disk may be a guest's work: each folder is read once whatever the
// pattern, what cannot be read is left out, and the walk is bounded.
import { type Dirent, lstatSync, opendirSync, type Stats, statSync } from 'node:fs';
import { join } from 'node:path';

export function looksLikeGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** Whether `path`, relative and separated by `/`, matches the whole pattern. */
export function matchesGlob(pattern: string, path: string): boolean {
  const segments = splitGlob(pattern);
  let states = reached(segments, [0]);
  for (const name of path.split('/')) {
    const { named, deep } = advance(segments, states, name);
    states = reached(segments, [...named, ...deep]);
  }
  return states.includes(segments.length);
}

export interface WalkOptions {
  /**
   * Whether symbolic links in `folder` (relative to the root) are followed, where the pattern names them; by default
   * all are.
   */
  readonly follows?: (folder: string) => boolean;
  /** The most entries that are looked at, and the most files that are found. */
  readonly bounds?: { readonly entries: number; readonly files: number };
}

export interface FilesFound {
  /** The files relative to the root, separated by `/` and sorted. */
  readonly files: string[];
  /** Whether everything was searched: false when a bound ended the walk. */
  readonly complete: boolean;
}

const defaultBounds = { entries: 1_000_000, files: 100_000 };

/**
 * Finds the files under `root` that match, as sorted relative paths separated by `/`. The pattern may start with `..`.
 */
export function findFiles(root: string, pattern: string): string[] {
  return walkFiles(root, pattern).files;
}

export function walkFiles(root: string, pattern: string, options: WalkOptions = {}): FilesFound {
  const walk = new Walk(root, splitGlob(pattern), options);
  const complete = walk.run();
  return { files: [...walk.found].sort(), complete };
}

type Segment = '**' | string | RegExp;

function splitGlob(pattern: string): Segment[] {
  return pattern
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) => (part === '**' || !looksLikeGlob(part) ? part : segmentExpression(part)));
}

function segmentExpression(part: string): RegExp {
  let source = '';
  for (let at = 0; at < part.length; at++) {
    const character = part[at]!;
    const end = character === '[' ? part.indexOf(']', at + (part[at + 1] === '!' ? 3 : 2)) : -1;
    if (character === '*') source += '[^/]*';
    else if (character === '?') source += '[^/]';
    else if (end !== -1) {
      source += classExpression(part.slice(at + 1, end));
      at = end;
    } else source += RegExp.escape(character);
  }
  return new RegExp(`^${source}$`, 'su');
}

function classExpression(body: string): string {
  const negated = body.startsWith('!');
  const members = [...(negated ? body.slice(1) : body)]
    .map((character) => (character === '-' ? '-' : RegExp.escape(character)))
    .join('')
    .replace(/^-/, '\\-')
    .replace(/-$/, '\\-');
  try {
    return new RegExp(`[${negated ? '^' : ''}${members}]`, 'su').source;
  } catch {
    // This matches nothing, as a range that runs backwards does.
    return '(?!)';
  }
}

function matchesName(segment: Exclude<Segment, '**'>, name: string): boolean {
  return typeof segment === 'string' ? segment === name : segment.test(name);
}

/** How far into the pattern a folder may be: the numbers of the segments that come next. */
type States = readonly number[];

/** Adds the places that are reached because `**` may also stand for no folder at all. */
function reached(segments: readonly Segment[], states: Iterable<number>): States {
  const all = new Set(states);
  for (const state of all) if (segments[state] === '**') all.add(state + 1);
  return [...all];
}

/** The places to which `name` leads: as a segment of its own, and as one more folder of a `**`. */
function advance(segments: readonly Segment[], states: States, name: string): { named: States; deep: States } {
  const named: number[] = [];
  const deep: number[] = [];
  for (const state of states) {
    const segment = segments[state];
    if (segment === '**') deep.push(state);
    else if (segment !== undefined && matchesName(segment, name)) named.push(state + 1);
  }
  return { named, deep };
}

/** Goes through the folders one by one. Each is read once, with all places of the pattern where it may be. */
class Walk {
  readonly found = new Set<string>();
  readonly #root: string;
  readonly #segments: readonly Segment[];
  readonly #follows: (folder: string) => boolean;
  readonly #bounds: Required<WalkOptions>['bounds'];
  readonly #ahead: { readonly folder: string; readonly states: States }[];
  #entries = 0;

  constructor(root: string, segments: readonly Segment[], { follows = () => true, bounds }: WalkOptions) {
    this.#root = root;
    this.#segments = segments;
    this.#follows = follows;
    this.#bounds = bounds ?? defaultBounds;
    this.#ahead = segments.length > 0 ? [{ folder: '', states: [0] }] : [];
  }

  /** Walks. False when a bound was reached. */
  run(): boolean {
    for (let next = this.#ahead.pop(); next !== undefined; next = this.#ahead.pop()) {
      const states = reached(this.#segments, next.states);
      for (const entry of this.#entriesOf(next.folder, states)) {
        if (++this.#entries > this.#bounds.entries || !this.#take(next.folder, entry, states)) return false;
      }
    }
    return true;
  }

  /** The entries to look at: only those that the pattern names, where it names all of them; `..` is in no listing. */
  #entriesOf(folder: string, states: States): Iterable<Entry> {
    const wanted = states.map((state) => this.#segments[state]).filter((segment) => segment !== undefined);
    const names = wanted.filter((segment) => typeof segment === 'string' && segment !== '**');
    const place = join(this.#root, folder);
    if (names.length === wanted.length) return entriesNamed(place, new Set(names as string[]));
    return entriesIn(place, names.includes('..'));
  }

  /** Takes a file. False for one more than may be found. */
  #take(folder: string, entry: Entry, states: States): boolean {
    const { named, deep } = advance(this.#segments, states, entry.name);
    if (named.length + deep.length === 0) return true;
    const last = this.#segments.length;
    const path = folder === '' ? entry.name : `${folder}/${entry.name}`;
    const kind = entry.kind === 'link' ? this.#kindBehind(folder, path) : entry.kind;
    if (kind === 'file' && (named.includes(last) || deep.includes(last - 1))) {
      if (this.found.size >= this.#bounds.files) return false;
      this.found.add(path);
    }
    if (kind !== 'directory') return true;
    // `**` goes neither through links nor up.
    const below = entry.kind === 'link' || entry.name === '..' ? named : [...named, ...deep];
    if (below.some((state) => state < last)) this.#ahead.push({ folder: path, states: below });
    return true;
  }

  #kindBehind(folder: string, path: string): Kind | undefined {
    return this.#follows(folder) ? kindOf(attempt(() => statSync(join(this.#root, path)))) : undefined;
  }
}

type Kind = 'directory' | 'file' | 'link';
interface Entry {
  readonly name: string;
  readonly kind: Kind | undefined;
}

function kindOf(facts: Dirent | Stats | undefined): Kind | undefined {
  if (facts?.isDirectory()) return 'directory';
  if (facts?.isFile()) return 'file';
  return facts?.isSymbolicLink() ? 'link' : undefined;
}

function* entriesNamed(folder: string, names: ReadonlySet<string>): Iterable<Entry> {
  for (const name of names) yield { name, kind: kindOf(attempt(() => lstatSync(join(folder, name)))) };
}

/** Lists a folder piece by piece: it may hold more entries than should be in memory at once. */
function* entriesIn(folder: string, withParent: boolean): Iterable<Entry> {
  if (withParent) yield { name: '..', kind: 'directory' };
  const listing = attempt(() => opendirSync(folder, { bufferSize: 256 }));
  if (listing === undefined) return;
  try {
    for (let entry = attempt(() => listing.readSync()); entry; entry = attempt(() => listing.readSync())) {
      const { name } = entry;
      // The bytes of such a name may be no text: then nothing is found under the text that was made of it.
      const facts = name.includes('\ufffd') ? attempt(() => lstatSync(join(folder, name))) : entry;
      yield { name, kind: kindOf(facts) };
    }
  } finally {
    listing.closeSync();
  }
}

/**
 * Runs `look`; undefined for something that cannot be looked at: a loop of links, a path that is too long, a folder
 * that may not be read.
 */
function attempt<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined;
  }
}
