// A directory of the host's disk that one can only go down from, one name at a time, never through a symbolic link.
// Names must be checked before: neither empty, `.`, `..` nor with a separator in them (see resolve.ts).
import fs from 'node:fs';
import path from 'node:path';
import { fail } from './error-code.ts';

export interface HostDirectory {
  /** A path of the directory itself, for calls of node:fs. */
  readonly self: string;
  /** A path of the entry `name`, for calls that do not follow symbolic links. */
  at(name: string): string;
  /** Throws `not-directory` when the entry is something else, a symbolic link included. */
  enter(name: string): HostDirectory;
  /** A second handle on the same directory. */
  clone(): HostDirectory;
  /** Makes a handle of `fd`, which is the opened entry `name`, and takes it over. */
  adopt(fd: number, name: string): HostDirectory;
  close(): void;
}

/** Not in `fs.constants`: a handle that names a place and gives no right to its content. Linux, all architectures. */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW } = fs.constants;

/** `path` comes from the manifest: symbolic links in it are the user's own, and followed. */
export function openHostDirectory(directory: string): HostDirectory {
  if (!pins) return openNamedDirectory(directory);
  return pinned(fs.openSync(directory, O_PATH | O_DIRECTORY));
}

/**
 * Linux: the directory is held by a descriptor, and `/proc/self/fd/<n>/<name>` is what openat and its like are: the
 * kernel starts at the open directory, so that nobody who renames or swaps directories meanwhile can lead elsewhere.
 */
function pinned(fd: number): HostDirectory {
  const self = `/proc/self/fd/${fd}`;
  return {
    self,
    at: (name) => `${self}/${name}`,
    enter: (name) => pinned(fs.openSync(`${self}/${name}`, O_PATH | O_DIRECTORY | O_NOFOLLOW)),
    clone: () => pinned(fs.openSync(self, O_PATH | O_DIRECTORY)),
    adopt: (opened) => pinned(opened),
    close: () => fs.closeSync(fd),
  };
}

/**
 * Elsewhere Node has nothing like openat: directories are held by their path, and each step is checked before it is
 * taken. Guests cannot lead out by links of theirs, but a program on the host that swaps a directory for a link between
 * check and use can. docs/limits.md says so.
 */
export function openNamedDirectory(self: string): HostDirectory {
  return {
    self,
    at: (name) => path.join(self, name),
    enter(name) {
      const below = path.join(self, name);
      return fs.lstatSync(below).isDirectory() ? openNamedDirectory(below) : fail('not-directory');
    },
    clone: () => openNamedDirectory(self),
    adopt(opened, name) {
      fs.closeSync(opened);
      return openNamedDirectory(path.join(self, name));
    },
    close() {},
  };
}

const pins = process.platform === 'linux' && fs.existsSync('/proc/self/fd');
