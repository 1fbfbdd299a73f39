// Operations on the entries of directories: look at, make, remove, rename, link. Every change first asks the base
// descriptors for their right; mount points themselves can be neither replaced nor removed.
import fs from 'node:fs';
import { type DirectoryDescriptor, directoryFacts } from './descriptor.ts';
import { decodeName } from './directory.ts';
import { fail } from './error-code.ts';
import { type Facts, isDirectory, type NewTimestamp } from './metadata.ts';
import type { MountNode } from './mount-tree.ts';
import { isRooted, type Place, withPlace } from './resolve.ts';
import { setTimesOf } from './set-times.ts';

const MAX_TARGET_BYTES = 4096;

export function factsAt(base: DirectoryDescriptor, path: string, follow: boolean): Facts {
  return withPlace(base.directory, path, follow, (place) => {
    const facts = factsOf(place);
    return place.slash && !isDirectory(facts) ? fail('not-directory') : facts;
  });
}

export function setTimesAt(
  base: DirectoryDescriptor,
  path: string,
  follow: boolean,
  access: NewTimestamp,
  modification: NewTimestamp,
): void {
  mustBeMutable(base);
  withPlace(base.directory, path, follow, (place) => {
    const { directory, name } = place;
    const facts = factsOf(place);
    if ('children' in facts) fail('read-only');
    const mounted = name === undefined ? undefined : directory.mounted(name)?.source;
    const set = (at: string, ofLink: boolean): void => setTimesOf(at, !ofLink, facts, access, modification);
    if (mounted?.kind === 'file') mounted.file.at((file) => set(file, true));
    else if (mounted !== undefined) set(mounted.directory.self, false);
    else if (name === undefined) set(directory.host?.self ?? fail('read-only'), false);
    else set(directory.at(name), true);
  });
}

export function createDirectoryAt(base: DirectoryDescriptor, path: string): void {
  mustBeMutable(base);
  withPlace(base.directory, path, false, (place) => fs.mkdirSync(newEntry(place)));
}

export function removeDirectoryAt(base: DirectoryDescriptor, path: string): void {
  mustBeMutable(base);
  withPlace(base.directory, path, false, (place) => {
    if (place.name === undefined) fail('invalid');
    fs.rmdirSync(entryToChange(place));
  });
}

export function unlinkFileAt(base: DirectoryDescriptor, path: string): void {
  mustBeMutable(base);
  withPlace(base.directory, path, false, (place) => {
    if (isDirectory(factsOf(place))) fail('is-directory');
    if (place.slash) fail('not-directory');
    fs.unlinkSync(entryToChange(place));
  });
}

/**
 * Makes a symbolic link. Throws `not-permitted` when the target starts elsewhere; where it leads is checked each time
 * it is followed.
 */
export function symlinkAt(base: DirectoryDescriptor, target: string, path: string): void {
  mustBeMutable(base);
  if (target === '') fail('no-entry');
  if (target.length > MAX_TARGET_BYTES) fail('name-too-long');
  if (target.includes('\0')) fail('invalid');
  if (isRooted(target)) fail('not-permitted');
  withPlace(base.directory, path, false, (place) => {
    const entry = newEntry(place);
    if (place.slash) fail('no-entry');
    fs.symlinkSync(target, entry);
  });
}

export function readlinkAt(base: DirectoryDescriptor, path: string): string {
  return withPlace(base.directory, path, false, ({ directory, name }) => {
    if (name === undefined || directory.mounted(name) !== undefined) fail('invalid');
    const target = decodeName(fs.readlinkSync(directory.at(name), { encoding: 'buffer' }));
    return isRooted(target) ? fail('not-permitted') : target;
  });
}

/**
 * Makes a hard link, only between two directories that may both be changed: it would carry the right to write from one
 * to the other.
 */
export function linkAt(
  oldBase: DirectoryDescriptor,
  oldPath: string,
  follow: boolean,
  newBase: DirectoryDescriptor,
  newPath: string,
): void {
  mustBeMutable(oldBase, newBase);
  withPlace(oldBase.directory, oldPath, follow, (source) => {
    withPlace(newBase.directory, newPath, false, (place) => {
      const facts = factsOf(source);
      if (isDirectory(facts)) fail('not-permitted');
      if (source.slash) fail('not-directory');
      const entry = newEntry(place);
      if (place.slash) fail('no-entry');
      if (source.directory.mounted(source.name!) !== undefined) fail('cross-device');
      // Systems other than Linux would follow a link that stands there.
      if (process.platform !== 'linux' && !('children' in facts) && facts.isSymbolicLink()) fail('unsupported');
      fs.linkSync(source.directory.at(source.name!), entry);
    });
  });
}

export function renameAt(
  oldBase: DirectoryDescriptor,
  oldPath: string,
  newBase: DirectoryDescriptor,
  newPath: string,
): void {
  mustBeMutable(oldBase, newBase);
  withPlace(oldBase.directory, oldPath, false, (source) => {
    withPlace(newBase.directory, newPath, false, (place) => {
      const facts = factsOf(source);
      if ((source.slash || place.slash) && !isDirectory(facts)) fail('not-directory');
      fs.renameSync(entryToChange(source), entryToChange(place));
    });
  });
}

function factsOf({ directory, name }: Place): Facts {
  if (name === undefined) return directoryFacts(directory);
  const node = directory.mounted(name);
  return node === undefined ? fs.lstatSync(directory.at(name), { bigint: true }) : mountedFacts(node);
}

/** The facts about what a mount puts there. */
export function mountedFacts(node: MountNode): Facts {
  if (node.source === undefined) return node;
  if (node.source.kind === 'file') return node.source.file.facts();
  return fs.statSync(node.source.directory.self, { bigint: true });
}

/** The path of an entry that is to be made. Throws `exist` where there certainly is one. */
function newEntry({ directory, name }: Place): string {
  if (name === undefined || directory.mounted(name) !== undefined) return fail('exist');
  return directory.host === undefined ? fail('read-only') : directory.at(name);
}

/** The path of an entry that is to be removed or replaced. */
function entryToChange({ directory, name }: Place): string {
  if (name === undefined || directory.mounted(name) !== undefined) return fail('busy');
  return directory.host === undefined ? fail('read-only') : directory.at(name);
}

function mustBeMutable(...bases: readonly DirectoryDescriptor[]): void {
  if (!bases.every((base) => base.mutable)) fail('read-only');
}
