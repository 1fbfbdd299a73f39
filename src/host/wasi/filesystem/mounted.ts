// What the mounts of a component lead to on the disk, held from the moment when the app is loaded: guests may rename what
// they can write, and put links in its place, but what was mounted stays what it was.
import fs from 'node:fs';
import path from 'node:path';
import type { LockedMount } from '../../../app/locked-app.ts';
import { errorCodeOf, fail } from './error-code.ts';
import { type HostDirectory, openHostDirectory } from './host-directory.ts';

/**
 * The most directories that the single files of one component may hold open; with more of them there is one for all.
 */
const MAX_HELD = 64;

/** A single file that is mounted: its directory, or one above it, and the names from there on. */
export class MountedFile {
  readonly #held: HostDirectory;
  readonly #names: readonly string[];

  constructor(held: HostDirectory, names: readonly string[]) {
    this.#held = held;
    this.#names = names;
  }

  /** Gives `use` a path of the file, for calls that do not follow symbolic links. */
  at<T>(use: (file: string) => T): T {
    const way: HostDirectory[] = [];
    try {
      for (const name of this.#names.slice(0, -1)) way.push((way.at(-1) ?? this.#held).enter(name));
      return use((way.at(-1) ?? this.#held).at(this.#names.at(-1) as string));
    } finally {
      for (const directory of way) directory.close();
    }
  }

  /** The facts about the file. Throws `no-entry` when there is no regular file any more. */
  facts(): fs.BigIntStats {
    const facts = this.at((file) => fs.lstatSync(file, { bigint: true }));
    return facts.isFile() ? facts : fail('no-entry');
  }

  /** Opens the file. Throws `no-entry` for a link that took its place. */
  open(flags: number): number {
    const { O_NOFOLLOW } = fs.constants;
    try {
      return this.at((file) => {
        // Systems without O_NOFOLLOW are asked beforehand whether it is a link.
        if (O_NOFOLLOW === undefined && fs.lstatSync(file, { throwIfNoEntry: false })?.isSymbolicLink()) fail('loop');
        return fs.openSync(file, flags | (O_NOFOLLOW ?? 0), 0o666);
      });
    } catch (error) {
      return errorCodeOf(error) === 'loop' ? fail('no-entry') : raise(error);
    }
  }
}

export type Mounted =
  | { readonly kind: 'directory'; readonly directory: HostDirectory }
  | { readonly kind: 'file'; readonly file: MountedFile };

/** Everything that the mounts of one component hold open. */
export class HeldMounts {
  readonly #open: HostDirectory[] = [];
  readonly #parents = new Map<string, HostDirectory>();
  /** A directory above all single files, used when they lie in too many directories. */
  readonly #common: string | undefined;

  constructor(mounts: readonly LockedMount[]) {
    const parents = new Set(mounts.flatMap(({ kind, source }) => (kind === 'file' ? [path.dirname(source)] : [])));
    this.#common = parents.size > MAX_HELD ? commonFolder([...parents]) : undefined;
  }

  /** Opens a mount. Throws what opening throws when the source is not what it was when the manifest was read. */
  open({ kind, source, shared }: LockedMount): Mounted {
    if (kind === 'directory') return { kind, directory: this.#hold(source) };
    const file = this.#file(source);
    // Other files are looked at when they are opened, since there may be thousands.
    if (shared) file.facts();
    return { kind, file };
  }

  /** Closes everything; guests that still run keep what they have opened. */
  close(): void {
    for (const directory of this.#open.splice(0)) directory.close();
  }

  #file(source: string): MountedFile {
    const folder = this.#common ?? path.dirname(source);
    const held = this.#parents.get(folder) ?? this.#hold(folder);
    this.#parents.set(folder, held);
    return new MountedFile(held, path.relative(folder, source).split(path.sep));
  }

  #hold(source: string): HostDirectory {
    const directory = openHostDirectory(source);
    this.#open.push(directory);
    return directory;
  }
}

function commonFolder(folders: readonly string[]): string {
  return folders.reduce((common, folder) => {
    let shorter = common;
    while (shorter !== path.dirname(shorter) && folder !== shorter && !folder.startsWith(withSeparator(shorter))) {
      shorter = path.dirname(shorter);
    }
    return shorter;
  });
}

function withSeparator(folder: string): string {
  return folder.endsWith(path.sep) ? folder : folder + path.sep;
}

function raise(error: unknown): never {
  throw error;
}
