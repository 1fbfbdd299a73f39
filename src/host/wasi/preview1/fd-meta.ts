// fd_* apart from the bytes: what a descriptor is and which rights it has, its file's size and times, listing, closing,
// renumbering.
import fs from 'node:fs';
import type { GuestMemory, HostCoreFunction } from '../../../component/types/core-host.ts';
import type { NewTimestamp } from '../filesystem/metadata.ts';
import { toOffset } from '../filesystem/open-file.ts';
import { setTimes } from '../filesystem/set-times.ts';
import { define } from './define.ts';
import { Errno, failWith } from './errno.ts';
import { type FdEntry, Fdflag, type FdTable } from './fd-table.ts';
import { bytesAt, filetypes, writeFdstat, writeFilestat, writeStreamFilestat, writeU32 } from './guest-values.ts';
import { type ListedEntry, Listing } from './listing.ts';
import { Right } from './rights.ts';

const MAX_ADVICE = 5;
const DIRENT_BYTES = 24;

export const fdMetaFunctions: Readonly<Record<string, HostCoreFunction>> = {
  fd_advise: define('u32 u64 u64 u32', (fds, _memory, fd: number, _offset: bigint, _length: bigint, advice: number) => {
    fds.file(fd, Right.fdAdvise);
    if (advice > MAX_ADVICE) failWith(Errno.inval);
  }),
  fd_allocate: define('u32 u64 u64', (fds, _memory, fd: number, offset: bigint, length: bigint) => {
    const { descriptor } = fds.file(fd, Right.fdAllocate);
    if (!descriptor.flags.write) failWith(Errno.badf);
    if (length === 0n) failWith(Errno.inval);
    const end = toOffset(offset + length);
    if (fs.fstatSync(descriptor.file.fd).size < end) fs.ftruncateSync(descriptor.file.fd, end);
  }),
  fd_close: define('u32', (fds, _memory, fd: number) => fds.close(fd)),
  fd_renumber: define('u32 u32', (fds, _memory, from: number, to: number) => fds.renumber(from, to)),
  fd_fdstat_get: define('u32 u32', (fds, memory, fd: number, result: number) => {
    const { kind, flags, rights } = fds.get(fd);
    writeFdstat(memory, result, filetypeOf[kind], flags, rights);
  }),
  fd_fdstat_set_flags: define('u32 u32', (fds, _memory, fd: number, flags: number) => {
    const entry = fds.get(fd, Right.fdFdstatSetFlags);
    const changed = entry.flags ^ flags;
    // These other flags say how a file is synchronised, which the system was told when it was opened.
    if ((changed & ~(Fdflag.append | Fdflag.nonblock)) !== 0) failWith(Errno.inval);
    entry.flags = flags;
  }),
  fd_fdstat_set_rights: define('u32 u64 u64', (fds, _memory, fd: number, base: bigint, inheriting: bigint) => {
    const entry = fds.get(fd);
    const { rights } = entry;
    if ((base & ~rights.base) !== 0n || (inheriting & ~rights.inheriting) !== 0n) failWith(Errno.notcapable);
    entry.rights = { base, inheriting };
  }),
  fd_filestat_get: define('u32 u32', (fds, memory, fd: number, result: number) => {
    const entry = fds.get(fd, Right.fdFilestatGet);
    if (isStream(entry)) writeStreamFilestat(memory, result);
    else writeFilestat(memory, result, entry.descriptor.facts());
  }),
  fd_filestat_set_size: define('u32 u64', (fds, _memory, fd: number, size: bigint) => {
    const { descriptor } = fds.file(fd, Right.fdFilestatSetSize);
    if (!descriptor.flags.write) failWith(Errno.badf);
    fs.ftruncateSync(descriptor.file.fd, toOffset(size));
  }),
  fd_filestat_set_times: define(
    'u32 u64 u64 u32',
    (fds, _memory, fd: number, access: bigint, modification: bigint, flags: number) => {
      const entry = fds.get(fd, Right.fdFilestatSetTimes);
      if (isStream(entry)) failWith(Errno.badf);
      setTimes(entry.descriptor, ...newTimes(access, modification, flags));
    },
  ),
  fd_prestat_get: define('u32 u32', (fds, memory, fd: number, result: number) => {
    const name = preopenOf(fds, fd);
    writeU32(memory, result, 0);
    writeU32(memory, result + 4, name.length);
  }),
  fd_prestat_dir_name: define('u32 u32 u32', (fds, memory, fd: number, pointer: number, length: number) => {
    const name = preopenOf(fds, fd);
    if (name.length > length) failWith(Errno.nametoolong);
    bytesAt(memory, pointer, name.length).set(name);
  }),
  fd_readdir: define(
    'u32 u32 u32 u64 u32',
    (fds, memory, fd: number, buffer: number, length: number, cookie: bigint, result: number) => {
      const entry = fds.directory(fd, Right.fdReaddir);
      memory.check(buffer, length, 1);
      memory.check(result, 4, 4);
      entry.listing ??= new Listing(fds.state, entry.descriptor);
      entry.listing.seek(cookie);
      writeU32(memory, result, list(entry.listing, memory, buffer, length));
    },
  ),
};

const filetypeOf: Readonly<Record<FdEntry['kind'], number>> = {
  input: filetypes.unknown,
  output: filetypes.unknown,
  file: filetypes['regular-file'],
  directory: filetypes.directory,
};

type StreamEntry = Extract<FdEntry, { kind: 'input' | 'output' }>;

function isStream(entry: FdEntry): entry is StreamEntry {
  return entry.kind === 'input' || entry.kind === 'output';
}

function preopenOf(fds: FdTable, fd: number): Uint8Array {
  const entry = fds.get(fd);
  return (entry.kind === 'directory' ? entry.preopen : undefined) ?? failWith(Errno.badf);
}

/** Fills the buffer; the last entry is cut off at the buffer's end, which tells the guest that there is more. */
function list(listing: Listing, memory: GuestMemory, buffer: number, length: number): number {
  let used = 0;
  for (let index = 0; used < length; index++) {
    const entry = listing.at(index);
    if (entry === undefined) break;
    const bytes = direntOf(entry).subarray(0, length - used);
    memory.bytes.set(bytes, buffer + used);
    used += bytes.length;
  }
  return used;
}

function direntOf({ name, type, inode, next }: ListedEntry): Uint8Array {
  const bytes = Buffer.alloc(DIRENT_BYTES + name.length);
  bytes.writeBigUInt64LE(next, 0);
  bytes.writeBigUInt64LE(inode, 8);
  bytes.writeUInt32LE(name.length, 16);
  bytes.writeUInt8(filetypes[type], 20);
  bytes.set(name, DIRENT_BYTES);
  return bytes;
}

const Fstflag = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8 } as const;

/** The times to set. Throws `inval` where a time is both given and asked to be now, and for unknown flags. */
export function newTimes(access: bigint, modification: bigint, flags: number): [NewTimestamp, NewTimestamp] {
  if (flags > 15) failWith(Errno.inval);
  return [
    newTime(access, (flags & Fstflag.atim) !== 0, (flags & Fstflag.atimNow) !== 0),
    newTime(modification, (flags & Fstflag.mtim) !== 0, (flags & Fstflag.mtimNow) !== 0),
  ];
}

function newTime(time: bigint, given: boolean, now: boolean): NewTimestamp {
  if (given && now) failWith(Errno.inval);
  if (now) return { tag: 'now' };
  if (!given) return { tag: 'no-change' };
  return { tag: 'timestamp', val: { seconds: time / 1_000_000_000n, nanoseconds: Number(time % 1_000_000_000n) } };
}
