// wasi:filesystem@0.2: types and preopens. What the operations do stands in entries.ts, open-at.ts and file-streams.ts;
// here are the kinds of descriptors, the rights to a file's content, and the shape of results.

import fs from 'node:fs';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { defineInterface, resource, suspending } from '../../service.ts';
import type { HostObject } from '../io/host-object.ts';
import { GuestInputStream, GuestOutputStream } from '../io/resources.ts';
import type { StreamFailure } from '../io/streams.ts';
import {
  countFile,
  type Descriptor,
  type DescriptorFlags,
  DirectoryDescriptor,
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
import { describe, hashOf, isSame, type NewTimestamp } from './metadata.ts';
import { type OpenFlags, openAt } from './open-at.ts';
import { OpenFile, toOffset } from './open-file.ts';
import { setTimes } from './set-times.ts';

type Owner = FilesystemOwner;
interface PathFlags {
  readonly symlinkFollow: boolean;
}

/** In bytes: what `read` and `write` do on the spot, and the most that one `read` gives. */
const AT_ONCE = 65_536;
const MAX_READ = 1_048_576;

const drop = (_owner: Owner, object: HostObject): void => object.drop();

const types = defineInterface<Owner>('wasi', 'wasi:filesystem/types', '0.2.12', {
  resources: [resource('descriptor', drop), resource('directory-entry-stream', drop)],
  functions: {
    '[method]descriptor.read-via-stream': (owner, self: Descriptor, offset: bigint) =>
      attempt(() => readViaStream(owner, self, offset)),
    '[method]descriptor.write-via-stream': (owner, self: Descriptor, offset: bigint) =>
      attempt(() => writeViaStream(owner, self, toOffset(offset))),
    '[method]descriptor.append-via-stream': (owner, self: Descriptor) =>
      attempt(() => writeViaStream(owner, self, 'append')),
    '[method]descriptor.advise': (_owner, self: Descriptor) => attempt(() => void fileOf(self)),
    '[method]descriptor.sync-data': suspending((_owner: Owner, self: Descriptor) => sync(self, true)),
    '[method]descriptor.sync': suspending((_owner: Owner, self: Descriptor) => sync(self, false)),
    '[method]descriptor.get-flags': (_owner, self: Descriptor) => ok(self.flags),
    '[method]descriptor.get-type': (_owner, self: Descriptor) => attempt(() => describe(self.facts()).type),
    '[method]descriptor.set-size': (_owner, self: Descriptor, size: bigint) =>
      attempt(() => fs.ftruncateSync(writable(self).fd, toOffset(size))),
    '[method]descriptor.set-times': (_owner, self: Descriptor, access: NewTimestamp, modification: NewTimestamp) =>
      attempt(() => setTimes(self, access, modification)),
    '[method]descriptor.read': suspending((owner: Owner, self: Descriptor, length: bigint, offset: bigint) =>
      read(owner, self, Math.min(Number(length), MAX_READ), offset),
    ),
    '[method]descriptor.write': suspending((_owner: Owner, self: Descriptor, buffer: Uint8Array, offset: bigint) =>
      write(self, buffer, offset),
    ),
    '[method]descriptor.read-directory': (owner, self: Descriptor) =>
      attempt(() => counted(owner, () => DirectoryEntryStream.open(owner, directoryOf(self).directory))),
    '[method]descriptor.create-directory-at': (_owner, self: Descriptor, path: string) =>
      attempt(() => entries.createDirectoryAt(directoryOf(self), path)),
    '[method]descriptor.stat': (_owner, self: Descriptor) => attempt(() => describe(self.facts())),
    '[method]descriptor.stat-at': (_owner, self: Descriptor, flags: PathFlags, path: string) =>
      attempt(() => describe(entries.factsAt(directoryOf(self), path, flags.symlinkFollow))),
    '[method]descriptor.set-times-at': (
      _owner,
      self: Descriptor,
      flags: PathFlags,
      path: string,
      access: NewTimestamp,
      modification: NewTimestamp,
    ) => attempt(() => entries.setTimesAt(directoryOf(self), path, flags.symlinkFollow, access, modification)),
    '[method]descriptor.link-at': (
      _owner,
      self: Descriptor,
      flags: PathFlags,
      path: string,
      other: Descriptor,
      newPath: string,
    ) => attempt(() => entries.linkAt(directoryOf(self), path, flags.symlinkFollow, directoryOf(other), newPath)),
    '[method]descriptor.open-at': (
      owner,
      self: Descriptor,
      flags: PathFlags,
      path: string,
      open: OpenFlags,
      descriptorFlags: DescriptorFlags,
    ) => attempt(() => openAt(owner, directoryOf(self), path, flags.symlinkFollow, open, descriptorFlags)),
    '[method]descriptor.readlink-at': (_owner, self: Descriptor, path: string) =>
      attempt(() => entries.readlinkAt(directoryOf(self), path)),
    '[method]descriptor.remove-directory-at': (_owner, self: Descriptor, path: string) =>
      attempt(() => entries.removeDirectoryAt(directoryOf(self), path)),
    '[method]descriptor.rename-at': (_owner, self: Descriptor, path: string, other: Descriptor, newPath: string) =>
      attempt(() => entries.renameAt(directoryOf(self), path, directoryOf(other), newPath)),
    '[method]descriptor.symlink-at': (_owner, self: Descriptor, target: string, path: string) =>
      attempt(() => entries.symlinkAt(directoryOf(self), target, path)),
    '[method]descriptor.unlink-file-at': (_owner, self: Descriptor, path: string) =>
      attempt(() => entries.unlinkFileAt(directoryOf(self), path)),
    '[method]descriptor.is-same-object': (_owner, self: Descriptor, other: Descriptor) =>
      isSame(self.facts(), other.facts()),
    '[method]descriptor.metadata-hash': (_owner, self: Descriptor) => attempt(() => hashOf(self.facts())),
    '[method]descriptor.metadata-hash-at': (_owner, self: Descriptor, flags: PathFlags, path: string) =>
      attempt(() => hashOf(entries.factsAt(directoryOf(self), path, flags.symlinkFollow))),
    '[method]directory-entry-stream.read-directory-entry': (_owner, self: DirectoryEntryStream) =>
      attempt(() => self.next()),
    'filesystem-error-code': (_owner, error: StreamFailure) =>
      error instanceof FileStreamFailure ? error.code : undefined,
  },
});

const preopens = defineInterface<Owner>('wasi', 'wasi:filesystem/preopens', '0.2.12', {
  functions: {
    'get-directories': (owner) =>
      owner.configured.preopens.map(({ path, node }) => {
        const mutable = owner.configured.writableFiles;
        const flags = { ...noFlags, read: true, mutateDirectory: mutable };
        if (owner.openFiles >= MAX_OPEN_FILES) throw new Trap('too many open files');
        countFile(owner);
        return [new DirectoryDescriptor(owner, Directory.ofMount(node), flags, mutable), path];
      }),
  },
});

export const filesystemInterfaces = [types, preopens];

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

function readViaStream(owner: Owner, self: Descriptor, offset: bigint): GuestInputStream {
  const file = readable(self);
  const start = offset > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(offset);
  return counted(
    owner,
    () =>
      new GuestInputStream(owner, new FileInputStream(file.retain(), start, () => giveBack(owner), owner.hostBytes)),
  );
}

function writeViaStream(owner: Owner, self: Descriptor, offset: number | 'append'): GuestOutputStream {
  const file = writable(self);
  return counted(owner, () => {
    const target = offset === 'append' ? reopened(file) : file.retain();
    return new GuestOutputStream(owner, new FileOutputStream(target, offset, () => giveBack(owner), owner.hostBytes));
  });
}

/** On Linux a handle in append mode, which other processes cannot get between; elsewhere the same file. */
function reopened(file: OpenFile): OpenFile {
  if (process.platform !== 'linux') return file.retain();
  const fd = fs.openSync(`/proc/self/fd/${file.fd}`, fs.constants.O_WRONLY | fs.constants.O_APPEND);
  return new OpenFile(fd, () => {});
}

type Read = readonly [bytes: Uint8Array, end: boolean];

function read(
  owner: Owner,
  self: Descriptor,
  length: number,
  offset: bigint,
): Result<Read, ErrorCode> | Promise<Result<Read, ErrorCode>> {
  const result = (bytes: Uint8Array): Read => [bytes, bytes.length < length];
  // Past the end of any file.
  const start = offset > Number.MAX_SAFE_INTEGER ? Number.MAX_SAFE_INTEGER : Number(offset);
  if (length <= AT_ONCE) return attempt(() => result(readable(self).readNow(length, start)));
  const held = new HeldBytes(owner.hostBytes);
  held.set(length);
  return attemptLater(async () => result(await readable(self).read(length, start))).finally(() => held.release());
}

function write(
  self: Descriptor,
  buffer: Uint8Array,
  offset: bigint,
): Result<bigint, ErrorCode> | Promise<Result<bigint, ErrorCode>> {
  if (buffer.length <= AT_ONCE) return attempt(() => BigInt(writable(self).writeNow(buffer, toOffset(offset))));
  return attemptLater(async () => BigInt(await writable(self).write(buffer, toOffset(offset))));
}

/** Does nothing for what is not open for writing, as the WIT document says. */
function sync(self: Descriptor, onlyData: boolean): Result<void, ErrorCode> | Promise<Result<void, ErrorCode>> {
  if (self.kind === 'directory' || !self.flags.write) return ok();
  return attemptLater(() => self.file.sync(onlyData));
}
