// A directory of the host's disk that one can only go down from, one name at a time, never through a symbolic link.
// Names must be checked before: neither empty, nor `.` or `..`, nor with a separator in them (resolve.ts does so).
import fs from 'node:fs';
import path from 'node:path';
import { fail } from './error-code.ts';

export interface HostDirectory {
  /** A path of the directory itself, for calls of node:fs. */
  readonly self: string;
  /** A path of the entry `name`, for calls that do not follow symbolic links. */
  at(name: string): string;
  /** Opens the directory `name`. Throws `not-directory` when the entry is something else, a symbolic link included. */
  enter(name: string): HostDirectory;
  /** A second handle on the same directory. */
  clone(): HostDirectory;
  /** Makes a handle of `fd`, which is the opened entry `name`, and takes it over. */
  adopt(fd: number, name: string): HostDirectory;
  close(): void;
}

/**
 * Opens a handle that names a place and gives no right to its content. It is not in `fs.constants`; Linux, all
 * architectures.
 */
const O_PATH = 0o10000000;
const { O_DIRECTORY, O_NOFOLLOW } = fs.constants;

/**
 * Opens a directory. Its path is absolute and has no symbolic links in it: a link that stands there now was put there
 * since the manifest was read, and is not followed. Throws `not-directory` then.
 */
export function openHostDirectory(directory: string): HostDirectory {
  if (!pins) return openNamedDirectory(directory);
  let place = pinned({ fd: fs.openSync('/', O_PATH | O_DIRECTORY), users: 1 });
  for (const name of directory.split('/')) {
    if (name === '') continue;
    const above = place;
    try {
      place = above.enter(name);
    } finally {
      above.close();
    }
  }
  return place;
}

/** An open directory, which is closed when the last of its users lets go: its number could then mean another one. */
interface Held {
  readonly fd: number;
  users: number;
}

/**
 * The directory on Linux. It is held by a descriptor, and `/proc/self/fd/<n>/<name>` works as openat does: the kernel
 * starts at the open directory, so that nobody who renames or swaps directories meanwhile can lead elsewhere.
 */
function pinned(held: Held): HostDirectory {
  const self = (): string => (held.users > 0 ? `/proc/self/fd/${held.fd}` : fail('bad-descriptor'));
  const open = (path: string): HostDirectory =>
    pinned({ fd: fs.openSync(path, O_PATH | O_DIRECTORY | O_NOFOLLOW), users: 1 });
  return {
    get self() {
      return self();
    },
    at: (name) => `${self()}/${name}`,
    enter: (name) => open(`${self()}/${name}`),
    clone() {
      if (held.users === 0) fail('bad-descriptor');
      held.users++;
      return pinned(held);
    },
    adopt: (opened) => pinned({ fd: opened, users: 1 }),
    close() {
      held.users--;
      if (held.users === 0) fs.closeSync(held.fd);
    },
  };
}

/**
 * The directory on other systems, where Node has nothing like openat. It is held by its path, and each step is checked
 * before it is taken, from the root on: a link that a guest puts in the place of a mount, or of a folder on the way, is
 * found. Someone who swaps a directory for a link between check and use can lead elsewhere, as docs/limits.md says.
 */
export function openNamedDirectory(self: string): HostDirectory {
  checkNamed(self);
  return {
    get self() {
      checkNamed(self);
      return self;
    },
    at(name) {
      checkNamed(self);
      return path.join(self, name);
    },
    enter: (name) => openNamedDirectory(path.join(self, name)),
    clone: () => openNamedDirectory(self),
    adopt(opened, name) {
      fs.closeSync(opened);
      return openNamedDirectory(path.join(self, name));
    },
    close() {},
  };
}

/** Checks that every step from the root on is a directory, and no link. */
function checkNamed(directory: string): void {
  const { root } = path.parse(directory);
  let place = root;
  for (const name of directory.slice(root.length).split(path.sep)) {
    place = path.join(place, name);
    if (!fs.lstatSync(place).isDirectory()) fail('not-directory');
  }
}

const pins = process.platform === 'linux' && fs.existsSync('/proc/self/fd');
