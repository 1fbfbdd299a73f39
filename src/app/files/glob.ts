// Glob patterns by the rules of Rust's `glob`, which Spin uses: `*` and `?` within a name, `**` for any folders, `[a-z]`
// and `[!a-z]`; hidden files match too. Finds files; follows no symbolic links to folders.
import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

export function looksLikeGlob(pattern: string): boolean {
  return /[*?[]/.test(pattern);
}

/** True when `path`, `/` separated and relative, matches the whole pattern. */
export function matchesGlob(pattern: string, path: string): boolean {
  return matchSegments(splitGlob(pattern), path.split('/'));
}

/** The files under `root` that match, `/` separated and relative to it, sorted. `..` may lead the pattern. */
export function findFiles(root: string, pattern: string): string[] {
  const found: string[] = [];
  walk(root, '', splitGlob(pattern), found);
  return [...new Set(found)].sort();
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
    // A range that runs backwards matches nothing.
    return '(?!)';
  }
}

function matchesName(segment: Exclude<Segment, '**'>, name: string): boolean {
  return typeof segment === 'string' ? segment === name : segment.test(name);
}

function matchSegments(segments: readonly Segment[], names: readonly string[]): boolean {
  const [segment, ...rest] = segments;
  if (segment === undefined) return names.length === 0;
  if (segment === '**') {
    return matchSegments(rest, names) || (names.length > 0 && matchSegments(segments, names.slice(1)));
  }
  return names.length > 0 && matchesName(segment, names[0]!) && matchSegments(rest, names.slice(1));
}

function walk(root: string, folder: string, segments: readonly Segment[], found: string[]): void {
  const [segment, ...rest] = segments;
  if (segment === undefined) return;
  if (typeof segment === 'string' && segment !== '**') {
    step(root, joinPath(folder, segment), rest, found);
    return;
  }
  if (segment === '**') walk(root, folder, rest, found);
  for (const entry of entriesIn(join(root, folder))) {
    const path = joinPath(folder, entry.name);
    if (segment === '**') {
      if (entry.isDirectory()) walk(root, path, segments, found);
      else if (rest.length === 0) step(root, path, rest, found);
    } else if (segment.test(entry.name)) step(root, path, rest, found);
  }
}

function step(root: string, path: string, rest: readonly Segment[], found: string[]): void {
  const stat = statSync(join(root, path), { throwIfNoEntry: false });
  if (rest.length === 0 && stat?.isFile()) found.push(path);
  if (rest.length > 0 && stat?.isDirectory()) walk(root, path, rest, found);
}

function joinPath(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}

function entriesIn(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true });
  } catch {
    return [];
  }
}
