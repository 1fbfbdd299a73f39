// path_*: names below a directory. Every path goes through the same resolution as in WASI 0.2 (filesystem/resolve.ts);
// only the rights of preview1 and the form of its parameters are handled here.
import type { GuestMemory, HostCoreFunction } from '../../../component/types/core-host.ts';
import type { DescriptorFlags } from '../filesystem/descriptor.ts';
import * as entries from '../filesystem/entries.ts';
import { openAt } from '../filesystem/open-at.ts';
import { define } from './define.ts';
import { Errno, failWith } from './errno.ts';
import { newTimes } from './fd-meta.ts';
import { type DirectoryEntry, Fdflag, type FdTable } from './fd-table.ts';
import { bytesAt, pathAt, writeFilestat, writeU32 } from './guest-values.ts';
import { directoryRights, fileRights, Right, reading, writing } from './rights.ts';

const SYMLINK_FOLLOW = 1;
const Oflag = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;

/** Gets the descriptor, with its right, and the path: nearly all of these functions start with them. */
function at(fds: FdTable, memory: GuestMemory, fd: number, pointer: number, length: number, right: bigint) {
  const { descriptor } = fds.directory(fd, right);
  return [descriptor, pathAt(memory, pointer, length)] as const;
}

function follows(lookupflags: number): boolean {
  if (lookupflags > SYMLINK_FOLLOW) failWith(Errno.inval);
  return lookupflags === SYMLINK_FOLLOW;
}

export const pathFunctions: Readonly<Record<string, HostCoreFunction>> = {
  path_create_directory: define('u32 u32 u32', (fds, memory, fd: number, path: number, length: number) =>
    entries.createDirectoryAt(...at(fds, memory, fd, path, length, Right.pathCreateDirectory)),
  ),
  path_filestat_get: define(
    'u32 u32 u32 u32 u32',
    (fds, memory, fd: number, flags: number, path: number, length: number, result: number) => {
      const place = at(fds, memory, fd, path, length, Right.pathFilestatGet);
      writeFilestat(memory, result, entries.factsAt(...place, follows(flags)));
    },
  ),
  path_filestat_set_times: define(
    'u32 u32 u32 u32 u64 u64 u32',
    (
      fds,
      memory,
      fd: number,
      flags: number,
      path: number,
      length: number,
      access: bigint,
      modification: bigint,
      which: number,
    ) => {
      const place = at(fds, memory, fd, path, length, Right.pathFilestatSetTimes);
      entries.setTimesAt(...place, follows(flags), ...newTimes(access, modification, which));
    },
  ),
  path_link: define(
    'u32 u32 u32 u32 u32 u32 u32',
    (
      fds,
      memory,
      fd: number,
      flags: number,
      path: number,
      length: number,
      newFd: number,
      newPath: number,
      newLength: number,
    ) => {
      // Links are never followed here, since what one leads to may change between looking and linking.
      if (follows(flags)) failWith(Errno.inval);
      const source = at(fds, memory, fd, path, length, Right.pathLinkSource);
      const target = at(fds, memory, newFd, newPath, newLength, Right.pathLinkTarget);
      entries.linkAt(...source, false, ...target);
    },
  ),
  path_open: define(
    'u32 u32 u32 u32 u32 u64 u64 u32 u32',
    (
      fds,
      memory,
      fd: number,
      flags: number,
      path: number,
      length: number,
      oflags: number,
      base: bigint,
      inheriting: bigint,
      fdflags: number,
      result: number,
    ) => {
      const parent = fds.directory(fd, Right.pathOpen);
      const name = pathAt(memory, path, length);
      memory.check(result, 4, 4);
      const opened = open(fds, parent, name, follows(flags), { oflags, fdflags, base, inheriting });
      writeU32(memory, result, opened);
    },
  ),
  path_readlink: define(
    'u32 u32 u32 u32 u32 u32',
    (fds, memory, fd: number, path: number, length: number, buffer: number, size: number, result: number) => {
      const target = bytesAt(memory, buffer, size);
      memory.check(result, 4, 4);
      const link = Buffer.from(entries.readlinkAt(...at(fds, memory, fd, path, length, Right.pathReadlink)));
      const part = link.subarray(0, size);
      target.set(part);
      writeU32(memory, result, part.length);
    },
  ),
  path_remove_directory: define('u32 u32 u32', (fds, memory, fd: number, path: number, length: number) =>
    entries.removeDirectoryAt(...at(fds, memory, fd, path, length, Right.pathRemoveDirectory)),
  ),
  path_rename: define(
    'u32 u32 u32 u32 u32 u32',
    (fds, memory, fd: number, path: number, length: number, newFd: number, newPath: number, newLength: number) => {
      const source = at(fds, memory, fd, path, length, Right.pathRenameSource);
      const target = at(fds, memory, newFd, newPath, newLength, Right.pathRenameTarget);
      entries.renameAt(...source, ...target);
    },
  ),
  path_symlink: define(
    'u32 u32 u32 u32 u32',
    (fds, memory, link: number, linkLength: number, fd: number, path: number, length: number) => {
      const target = pathAt(memory, link, linkLength);
      const [descriptor, name] = at(fds, memory, fd, path, length, Right.pathSymlink);
      entries.symlinkAt(descriptor, target, name);
    },
  ),
  path_unlink_file: define('u32 u32 u32', (fds, memory, fd: number, path: number, length: number) =>
    entries.unlinkFileAt(...at(fds, memory, fd, path, length, Right.pathUnlinkFile)),
  ),
};

interface OpenRequest {
  readonly oflags: number;
  readonly fdflags: number;
  readonly base: bigint;
  readonly inheriting: bigint;
}

/**
 * Opens a path. Libraries ask for more rights than there are: what the parent cannot pass on is left out, except for
 * reading and writing.
 */
function open(fds: FdTable, parent: DirectoryEntry, path: string, follow: boolean, request: OpenRequest): number {
  const { oflags, fdflags, base, inheriting } = request;
  if (oflags > 15 || fdflags > 31) failWith(Errno.inval);
  const allowed = parent.rights.inheriting;
  if ((base & ~allowed & (reading | writing)) !== 0n) failWith(Errno.notcapable);
  const create = has(oflags, Oflag.creat);
  const truncate = has(oflags, Oflag.trunc);
  const needed = (create ? Right.pathCreateFile : 0n) | (truncate ? Right.pathFilestatSetSize : 0n);
  if ((parent.rights.base & needed) !== needed) failWith(Errno.notcapable);
  const flags = { create, truncate, directory: has(oflags, Oflag.directory), exclusive: has(oflags, Oflag.excl) };
  const descriptor = openAt(fds.state, parent.descriptor, path, follow, flags, descriptorFlags(base, fdflags));
  if (descriptor.kind === 'file') {
    const rights = { base: base & allowed & fileRights, inheriting: 0n };
    return fds.add({ kind: 'file', descriptor, rights, flags: fdflags, position: 0n });
  }
  const rights = { base: base & allowed & directoryRights, inheriting: inheriting & allowed };
  return fds.add({ kind: 'directory', descriptor, rights, flags: fdflags, preopen: undefined, listing: undefined });
}

function descriptorFlags(rights: bigint, fdflags: number): DescriptorFlags {
  return {
    read: (rights & reading) !== 0n,
    write: (rights & writing) !== 0n,
    fileIntegritySync: has(fdflags, Fdflag.sync),
    dataIntegritySync: has(fdflags, Fdflag.dsync),
    requestedWriteSync: has(fdflags, Fdflag.rsync),
    mutateDirectory: false,
  };
}

function has(flags: number, flag: number): boolean {
  return (flags & flag) !== 0;
}
