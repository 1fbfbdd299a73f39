// What guests do with descriptors, whatever the version of wasi:filesystem: plain functions that give a result with an
// error code of the host, which bindings adapt. entries.ts and open-at.ts walk directories, file-streams.ts streams
// files; the kinds of descriptors and the rights to a file's content are here.

import fs from 'node:fs';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { GuestInputStream, GuestOutputStream } from '../io/resources.ts';
import type { StreamFailure } from '../io/streams.ts';
import {
  countFile,
  type Descriptor,
  type DescriptorFlags,
  DirectoryDescriptor,
  type DirectoryEntry,
  DirectoryEntryStream,
  type FileDescriptor,
  type FilesystemOwner,
  giveBack,
  MAX_OPEN_FILES,
  noFlags,
} from './descriptor.ts';
import { Directory } from './directory.ts';
import * as entries from './entries.ts';
import { type ErrorCode, errorCodeOf, fail } from './error-code.ts';
import { FileInputStream, FileOutputStream, FileStreamFailure } from './file-streams.ts';
import {
  type DescriptorStat,
  type DescriptorType,
  describe,
  hashOf,
  isSame,
  type MetadataHash,
  type NewTimestamp,
} from './metadata.ts';
import * as opening from './open-at.ts';
import { OpenFile, toOffset } from './open-file.ts';
import * as times from './set-times.ts';

type Owner = FilesystemOwner;
type Done<T> = Result<T, ErrorCode>;
type Later<T> = Done<T> | Promise<Done<T>>;

export interface PathFlags {
  readonly symlinkFollow: boolean;
}

/** Bytes that `read` and `write` handle on the spot, and the most that one `read` gives. */
const AT_ONCE = 65_536;
const MAX_READ = 1_048_576;

/** Makes a new descriptor for each mount, with its path. */
export function preopened(owner: Owner): [DirectoryDescriptor, string][] {
  return owner.configured.preopens.map(({ path, node }) => {
    const mutable = owner.configured.writableFiles;
    const flags = { ...noFlags, read: true, mutateDirectory: mutable };
    if (owner.openFiles >= MAX_OPEN_FILES) throw new Trap('too many open files');
    countFile(owner);
    return [new DirectoryDescriptor(owner, Directory.ofMount(node), flags, mutable), path];
  });
}

export function readViaStream(owner: Owner, self: Descriptor, offset: bigint): Done<GuestInputStream> {
  return attempt(() => openForReading(owner, self, offset));
}

export function writeViaStream(owner: Owner, self: Descriptor, offset: bigint): Done<GuestOutputStream> {
  return attempt(() => openForWriting(owner, self, toOffset(offset)));
}

export function appendViaStream(owner: Owner, self: Descriptor): Done<GuestOutputStream> {
  return attempt(() => openForWriting(owner, self, 'append'));
}

/** Does nothing with the advice, and only tells whether it could be given. */
export function advise(_owner: Owner, self: Descriptor): Done<void> {
  return attempt(() => void fileOf(self));
}

export function getFlags(_owner: Owner, self: Descriptor): Done<DescriptorFlags> {
  return ok(self.flags);
}

export function getType(_owner: Owner, self: Descriptor): Done<DescriptorType> {
  return attempt(() => describe(self.facts()).type);
}

export function setSize(_owner: Owner, self: Descriptor, size: bigint): Done<void> {
  return attempt(() => fs.ftruncateSync(writable(self).fd, toOffset(size)));
}

export function setTimes(
  _owner: Owner,
  self: Descriptor,
  access: NewTimestamp,
  modification: NewTimestamp,
): Done<void> {
  return attempt(() => times.setTimes(self, access, modification));
}

export function readDirectory(owner: Owner, self: Descriptor): Done<DirectoryEntryStream> {
  return attempt(() => counted(owner, () => DirectoryEntryStream.open(owner, directoryOf(self).directory)));
}

export function readDirectoryEntry(_owner: Owner, self: DirectoryEntryStream): Done<DirectoryEntry | undefined> {
  return attempt(() => self.next());
}

export function createDirectoryAt(_owner: Owner, self: Descriptor, path: string): Done<void> {
  return attempt(() => entries.createDirectoryAt(directoryOf(self), path));
}

export function stat(_owner: Owner, self: Descriptor): Done<DescriptorStat> {
  return attempt(() => describe(self.facts()));
}

export function statAt(_owner: Owner, self: Descriptor, flags: PathFlags, path: string): Done<DescriptorStat> {
  return attempt(() => describe(entries.factsAt(directoryOf(self), path, flags.symlinkFollow)));
}

export function setTimesAt(
  _owner: Owner,
  self: Descriptor,
  flags: PathFlags,
  path: string,
  access: NewTimestamp,
  modification: NewTimestamp,
): Done<void> {
  return attempt(() => entries.setTimesAt(directoryOf(self), path, flags.symlinkFollow, access, modification));
}

export function linkAt(
  _owner: Owner,
  self: Descriptor,
  flags: PathFlags,
  path: string,
  other: Descriptor,
  newPath: string,
): Done<void> {
  return attempt(() => entries.linkAt(directoryOf(self), path, flags.symlinkFollow, directoryOf(other), newPath));
}

export function openAt(
  owner: Owner,
  self: Descriptor,
  flags: PathFlags,
  path: string,
  open: opening.OpenFlags,
  descriptorFlags: DescriptorFlags,
): Done<Descriptor> {
  return attempt(() => opening.openAt(owner, directoryOf(self), path, flags.symlinkFollow, open, descriptorFlags));
}

export function readlinkAt(_owner: Owner, self: Descriptor, path: string): Done<string> {
  return attempt(() => entries.readlinkAt(directoryOf(self), path));
}

export function removeDirectoryAt(_owner: Owner, self: Descriptor, path: string): Done<void> {
  return attempt(() => entries.removeDirectoryAt(directoryOf(self), path));
}

export function renameAt(
  _owner: Owner,
  self: Descriptor,
  path: string,
  other: Descriptor,
  newPath: string,
): Done<void> {
  return attempt(() => entries.renameAt(directoryOf(self), path, directoryOf(other), newPath));
}

export function symlinkAt(_owner: Owner, self: Descriptor, target: string, path: string): Done<void> {
  return attempt(() => entries.symlinkAt(directoryOf(self), target, path));
}

export function unlinkFileAt(_owner: Owner, self: Descriptor, path: string): Done<void> {
  return attempt(() => entries.unlinkFileAt(directoryOf(self), path));
}

export function isSameObject(_owner: Owner, self: Descriptor, other: Descriptor): boolean {
  return isSame(self.facts(), other.facts());
}

export function metadataHash(_owner: Owner, self: Descriptor): Done<MetadataHash> {
  return attempt(() => hashOf(self.facts()));
}

export function metadataHashAt(_owner: Owner, self: Descriptor, flags: PathFlags, path: string): Done<MetadataHash> {
  return attempt(() => hashOf(entries.factsAt(directoryOf(self), path, flags.symlinkFollow)));
}

/** The error code of a stream's failure; undefined for streams that are no files. */
export function filesystemErrorCode(_owner: Owner, error: StreamFailure): ErrorCode | undefined {
  return error instanceof FileStreamFailure ? error.code : undefined;
}

function attempt<T>(run: () => T): Result<T, ErrorCode> {
  try {
    return ok(run());
  } catch (error) {
    return err(errorCodeOf(error));
  }
}

async function attemptLater<T>(run: () => Promise<T>): Promise<Result<T, ErrorCode>> {
  try {
    return ok(await run());
  } catch (error) {
    return err(errorCodeOf(error));
  }
}

/** Counts what `make` makes; its `close` gives it back. */
function counted<T>(owner: Owner, make: () => T): T {
  countFile(owner);
  try {
    return make();
  } catch (error) {
    giveBack(owner);
    throw error;
  }
}

function directoryOf(self: Descriptor): DirectoryDescriptor {
  return self.kind === 'directory' ? self : fail('not-directory');
}
function fileOf(self: Descriptor): FileDescriptor {
  return self.kind === 'file' ? self : fail('bad-descriptor');
}
function readable(self: Descriptor): OpenFile {
  if (self.kind === 'directory') fail('is-directory');
  return self.flags.read ? self.file : fail('bad-descriptor');
}
function writable(self: Descriptor): OpenFile {
  const { flags, file } = fileOf(self);
  return flags.write ? file : fail('bad-descriptor');
}

function openForReading(owner: Owner, self: Descriptor, offset: bigint): GuestInputStream {
  const file = readable(self);
  const start = offset > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(offset);
  return counted(
    owner,
    () =>
      new GuestInputStream(owner, new FileInputStream(file.retain(), start, () => giveBack(owner), owner.hostBytes)),
  );
}

function openForWriting(owner: Owner, self: Descriptor, offset: number | 'append'): GuestOutputStream {
  const file = writable(self);
  return counted(owner, () => {
    const target = offset === 'append' ? reopened(file) : file.retain();
    return new GuestOutputStream(owner, new FileOutputStream(target, offset, () => giveBack(owner), owner.hostBytes));
  });
}

/**
 * Makes a handle for appending: on Linux in append mode, so that no other process can write in between; elsewhere the
 * same file.
 */
function reopened(file: OpenFile): OpenFile {
  if (process.platform !== 'linux') return file.retain();
  const fd = fs.openSync(`/proc/self/fd/${file.fd}`, fs.constants.O_WRONLY | fs.constants.O_APPEND);
  return new OpenFile(fd, () => {});
}

type Read = readonly [bytes: Uint8Array, end: boolean];

export function read(owner: Owner, self: Descriptor, wanted: bigint, offset: bigint): Later<Read> {
  const length = Math.min(Number(wanted), MAX_READ);
  const result = (bytes: Uint8Array): Read => [bytes, bytes.length < length];
  // An offset that large is past the end of any file.
  const start = offset > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(offset);
  if (length <= AT_ONCE) return attempt(() => result(readable(self).readNow(length, start)));
  const held = new HeldBytes(owner.hostBytes);
  held.set(length);
  return attemptLater(async () => result(await readable(self).read(length, start))).finally(() => held.release());
}

export function write(_owner: Owner, self: Descriptor, buffer: Uint8Array, offset: bigint): Later<bigint> {
  if (buffer.length <= AT_ONCE) return attempt(() => BigInt(writable(self).writeNow(buffer, toOffset(offset))));
  return attemptLater(async () => BigInt(await writable(self).write(buffer, toOffset(offset))));
}

export function syncData(_owner: Owner, self: Descriptor): Later<void> {
  return flushToDisk(self, true);
}

export function sync(_owner: Owner, self: Descriptor): Later<void> {
  return flushToDisk(self, false);
}

/** Writes to the disk; does nothing for what is not open for writing, as the WIT document says. */
function flushToDisk(self: Descriptor, onlyData: boolean): Later<void> {
  if (self.kind === 'directory' || !self.flags.write) return ok();
  return attemptLater(() => self.file.sync(onlyData));
}
