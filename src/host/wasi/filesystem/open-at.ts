// Opens what a path leads to, checking the rights of the base descriptor first. The rules are those of the WIT document
// of `open-at`; which rights `create` and `truncate` imply follows Wasmtime.
import fs from 'node:fs';
import {
  countFile,
  type Descriptor,
  type DescriptorFlags,
  DirectoryDescriptor,
  FileDescriptor,
  type FilesystemOwner,
  giveBack,
  noFlags,
} from './descriptor.ts';
import { Directory } from './directory.ts';
import { errorCodeOf, fail } from './error-code.ts';
import { OpenFile } from './open-file.ts';
import { type Place, withPlace } from './resolve.ts';

export interface OpenFlags {
  readonly create: boolean;
  readonly directory: boolean;
  readonly exclusive: boolean;
  readonly truncate: boolean;
}

const { O_CREAT, O_DIRECTORY, O_DSYNC, O_EXCL, O_NOCTTY, O_NOFOLLOW, O_NONBLOCK, O_SYNC, O_TRUNC } = fs.constants;
const { O_RDONLY, O_RDWR, O_WRONLY } = fs.constants;

interface Request {
  readonly open: OpenFlags;
  readonly flags: DescriptorFlags;
  readonly mutable: boolean;
}

/** Opens a path. Throws `read-only` when the base does not allow what is asked for. */
export function openAt(
  owner: FilesystemOwner,
  base: DirectoryDescriptor,
  path: string,
  follow: boolean,
  open: OpenFlags,
  flags: DescriptorFlags,
): Descriptor {
  if (open.directory && (open.create || open.exclusive || open.truncate)) fail('invalid');
  const changes = flags.write || flags.mutateDirectory || open.create || open.truncate;
  if (changes && !base.mutable) fail('read-only');
  const request = { open, flags, mutable: base.mutable };
  countFile(owner);
  try {
    return openFollowing(owner, base.directory, path, follow, request);
  } catch (error) {
    giveBack(owner);
    throw error;
  }
}

/**
 * Opens a path, following a link at its end. Most paths end in no link, so it is looked for only when the system says
 * that there is one.
 */
function openFollowing(owner: FilesystemOwner, base: Directory, path: string, follow: boolean, request: Request) {
  const open = (place: Place): Descriptor => openPlace(owner, place, request);
  try {
    return withPlace(base, path, false, open);
  } catch (error) {
    const code = errorCodeOf(error);
    // Where a directory is wanted, Linux reports a link as something that is no directory.
    if (!follow || (code !== 'loop' && !(code === 'not-directory' && request.open.directory))) throw error;
    return withPlace(base, path, true, open);
  }
}

function openPlace(owner: FilesystemOwner, place: Place, request: Request): Descriptor {
  const { directory, name } = place;
  if (name === undefined) return openDirectory(owner, () => directory.clone(), request);
  const node = directory.mounted(name);
  if (node === undefined) return openEntry(owner, place, name, request);
  if (node.source?.kind !== 'file') return openDirectory(owner, () => Directory.ofMount(node), request);
  if (place.slash) fail('not-directory');
  return openedFile(owner, node.source.file.open(systemFlags(request)), request);
}

/** Opens a directory that exists. */
function openDirectory(owner: FilesystemOwner, make: () => Directory, request: Request): DirectoryDescriptor {
  if (request.open.create && request.open.exclusive) fail('exist');
  if (request.flags.write || request.open.create || request.open.truncate) fail('is-directory');
  return directoryDescriptor(owner, make(), request);
}

function openEntry(owner: FilesystemOwner, place: Place, name: string, request: Request): Descriptor {
  const { directory, slash } = place;
  if (slash && request.open.create) fail('is-directory');
  if (directory.host === undefined) fail(request.open.create ? 'read-only' : 'no-entry');
  // Systems without O_NOFOLLOW are asked beforehand whether it is a link.
  if (O_NOFOLLOW === undefined && directory.readLink(name) !== undefined) fail('loop');
  const flags = systemFlags(request) | (O_NOFOLLOW ?? 0) | (slash ? (O_DIRECTORY ?? 0) : 0);
  const fd = fs.openSync(directory.at(name), flags, 0o666);
  if (!fs.fstatSync(fd).isDirectory()) {
    if (slash) closeAndFail(fd, 'not-directory');
    return openedFile(owner, fd, request);
  }
  return directoryDescriptor(owner, Directory.ofHost(directory.host.adopt(fd, name)), request);
}

function directoryDescriptor(owner: FilesystemOwner, directory: Directory, request: Request): DirectoryDescriptor {
  const flags = { ...noFlags, read: true, mutateDirectory: request.flags.mutateDirectory };
  return new DirectoryDescriptor(owner, directory, flags, request.mutable);
}

/**
 * Makes the descriptor of an opened file. Only regular files are taken: reading a device or a pipe may wait for ever,
 * or do things.
 */
function openedFile(owner: FilesystemOwner, fd: number, request: Request): FileDescriptor {
  if (request.open.directory) closeAndFail(fd, 'not-directory');
  if (!fs.fstatSync(fd).isFile()) closeAndFail(fd, 'not-permitted');
  const flags = { ...request.flags, read: reads(request), write: writes(request), mutateDirectory: false };
  return new FileDescriptor(owner, new OpenFile(fd, () => giveBack(owner)), flags, request.mutable);
}

function closeAndFail(fd: number, code: 'not-directory' | 'not-permitted'): never {
  fs.closeSync(fd);
  return fail(code);
}

function reads({ flags }: Request): boolean {
  return flags.read || !flags.write;
}
function writes({ flags, open }: Request): boolean {
  return flags.write || open.create || open.truncate;
}

/** The flags for the system. Opening is non-blocking, so that a pipe without another end does not hold the thread. */
function systemFlags(request: Request): number {
  const { flags, open } = request;
  const access = !writes(request) ? O_RDONLY : reads(request) ? O_RDWR : O_WRONLY;
  return (
    access |
    (O_NONBLOCK ?? 0) |
    (O_NOCTTY ?? 0) |
    (open.create ? O_CREAT : 0) |
    (open.exclusive ? O_EXCL : 0) |
    (open.truncate ? O_TRUNC : 0) |
    (open.directory ? (O_DIRECTORY ?? 0) : 0) |
    (flags.fileIntegritySync || flags.requestedWriteSync ? (O_SYNC ?? 0) : 0) |
    (flags.dataIntegritySync ? (O_DSYNC ?? 0) : 0)
  );
}
