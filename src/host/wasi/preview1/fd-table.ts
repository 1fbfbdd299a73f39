// The descriptor numbers of one guest, each standing for a descriptor or stream of the WASI implementation. The limit
// of open files also limits their number; a new one gets the lowest number that is free.
import { monotonicNow } from '../clocks/clocks.ts';
import {
  countFile,
  DirectoryDescriptor,
  type FileDescriptor,
  type FilesystemOwner,
  noFlags,
} from '../filesystem/descriptor.ts';
import { Directory } from '../filesystem/directory.ts';
import type { InputStream, OutputStream } from '../io/streams.ts';
import { Errno, failWith } from './errno.ts';
import type { Listing } from './listing.ts';
import { preopenRights, type Rights, stdinRights, stdoutRights } from './rights.ts';

export const Fdflag = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;

/** The part of a sandbox's WASI state that a core module sees. */
export interface FdOwner extends FilesystemOwner {
  readonly stdin: InputStream;
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly arguments: readonly string[];
  readonly environment: readonly (readonly [name: string, value: string])[];
}

interface EntryBase {
  rights: Rights;
  /** The bits of Fdflag that are set. */
  flags: number;
}
export interface StdinEntry extends EntryBase {
  readonly kind: 'input';
  readonly stream: InputStream;
}
export interface StdoutEntry extends EntryBase {
  readonly kind: 'output';
  readonly stream: OutputStream;
}
export interface FileEntry extends EntryBase {
  readonly kind: 'file';
  readonly descriptor: FileDescriptor;
  position: bigint;
}
export interface DirectoryEntry extends EntryBase {
  readonly kind: 'directory';
  readonly descriptor: DirectoryDescriptor;
  /** The path at which the directory is preopened. */
  readonly preopen: Uint8Array | undefined;
  listing: Listing | undefined;
}
export type FdEntry = StdinEntry | StdoutEntry | FileEntry | DirectoryEntry;

export class FdTable {
  readonly state: FdOwner;
  readonly startedAt = monotonicNow();
  readonly #entries: (FdEntry | undefined)[] = [];

  constructor(state: FdOwner) {
    this.state = state;
    const { stdin, stdout, stderr, configured } = state;
    this.#entries.push(
      { kind: 'input', stream: stdin, rights: stdinRights, flags: 0 },
      { kind: 'output', stream: stdout, rights: stdoutRights, flags: 0 },
      { kind: 'output', stream: stderr, rights: stdoutRights, flags: 0 },
    );
    for (const { path, node } of configured.preopens) {
      countFile(state);
      const flags = { ...noFlags, read: true, mutateDirectory: configured.writableFiles };
      const descriptor = new DirectoryDescriptor(state, Directory.ofMount(node), flags, configured.writableFiles);
      const preopen = Buffer.from(path);
      this.#entries.push({
        kind: 'directory',
        descriptor,
        preopen,
        rights: preopenRights,
        flags: 0,
        listing: undefined,
      });
    }
  }

  /** The entry of a number. Throws `badf`, and `notcapable` where the descriptor lacks one of `rights`. */
  get(fd: number, rights = 0n): FdEntry {
    const entry = this.#entries[fd] ?? failWith(Errno.badf);
    if ((entry.rights.base & rights) !== rights) failWith(Errno.notcapable);
    return entry;
  }

  /** The entry of a file. Throws `badf` for streams, `isdir` for directories. */
  file(fd: number, rights = 0n): FileEntry {
    const entry = this.#entries[fd] ?? failWith(Errno.badf);
    if (entry.kind === 'directory') failWith(Errno.isdir);
    if (entry.kind !== 'file') failWith(Errno.spipe);
    return this.get(fd, rights) as FileEntry;
  }

  directory(fd: number, rights = 0n): DirectoryEntry {
    const entry = this.#entries[fd] ?? failWith(Errno.badf);
    if (entry.kind !== 'directory') failWith(Errno.notdir);
    return this.get(fd, rights) as DirectoryEntry;
  }

  add(entry: FdEntry): number {
    let fd = this.#entries.indexOf(undefined);
    if (fd < 0) fd = this.#entries.length;
    this.#entries[fd] = entry;
    return fd;
  }

  close(fd: number): void {
    const entry = this.get(fd);
    this.#entries[fd] = undefined;
    while (this.#entries.length > 0 && this.#entries.at(-1) === undefined) this.#entries.pop();
    release(entry);
  }

  /**
   * Moves a descriptor to another number, which has to be open, too: the table cannot be made larger than what is open.
   */
  renumber(from: number, to: number): void {
    const entry = this.get(from);
    const replaced = this.get(to);
    if (from === to) return;
    this.#entries[to] = entry;
    this.#entries[from] = undefined;
    release(replaced);
  }
}

/**
 * Closes what the entry stands for. Standard streams belong to the sandbox, which closes them when the request ends.
 */
function release(entry: FdEntry): void {
  if (entry.kind === 'directory') entry.listing?.close();
  if (entry.kind === 'file' || entry.kind === 'directory') entry.descriptor.drop();
}
