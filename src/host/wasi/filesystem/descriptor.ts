// What the guest's handles `descriptor` and `directory-entry-stream` stand for, and how many a sandbox may hold.
import fs from 'node:fs';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { HostObject, type ObjectOwner } from '../io/host-object.ts';
import { type Directory, decodeName } from './directory.ts';
import { fail } from './error-code.ts';
import { type DescriptorType, type Facts, typeOf } from './metadata.ts';
import type { Preopen } from './mount-tree.ts';
import type { OpenFile } from './open-file.ts';

/** The most open files, directories and streams of files: each may cost a file descriptor of the host, or a buffer. */
export const MAX_OPEN_FILES = 256;

/** The part of a sandbox's WASI state that the filesystem uses. */
export interface FilesystemOwner extends ObjectOwner {
  readonly configured: { readonly preopens: readonly Preopen[]; readonly writableFiles: boolean };
  openFiles: number;
}

/** Counts one more, which must be given back once with `giveBack`. Throws `insufficient-memory` at the limit. */
export function countFile(owner: FilesystemOwner): void {
  if (owner.openFiles >= MAX_OPEN_FILES) fail('insufficient-memory');
  owner.openFiles++;
}
export function giveBack(owner: FilesystemOwner): void {
  owner.openFiles--;
}

export interface DescriptorFlags {
  readonly read: boolean;
  readonly write: boolean;
  readonly fileIntegritySync: boolean;
  readonly dataIntegritySync: boolean;
  readonly requestedWriteSync: boolean;
  readonly mutateDirectory: boolean;
}

export const noFlags: DescriptorFlags = {
  read: false,
  write: false,
  fileIntegritySync: false,
  dataIntegritySync: false,
  requestedWriteSync: false,
  mutateDirectory: false,
};

/** A file. `flags.read` and `flags.write` are the rights to the content; `mutable` is the one to its metadata. */
export class FileDescriptor extends HostObject {
  readonly kind = 'file';
  readonly file: OpenFile;
  readonly flags: DescriptorFlags;
  readonly mutable: boolean;

  constructor(owner: ObjectOwner, file: OpenFile, flags: DescriptorFlags, mutable: boolean) {
    super(owner);
    this.file = file;
    this.flags = flags;
    this.mutable = mutable;
  }
  facts(): Facts {
    return fs.fstatSync(this.file.fd, { bigint: true });
  }
  protected close(): void {
    this.file.release();
  }
}

/**
 * A directory, which counts as one open file. `mutable` is inherited from the preopen: guests' libraries open
 * directories without asking for `mutate-directory` and then create files in them. `flags` is what `get-flags` answers.
 */
export class DirectoryDescriptor extends HostObject {
  readonly kind = 'directory';
  readonly directory: Directory;
  readonly flags: DescriptorFlags;
  readonly mutable: boolean;
  readonly #owner: FilesystemOwner;

  constructor(owner: FilesystemOwner, directory: Directory, flags: DescriptorFlags, mutable: boolean) {
    super(owner);
    this.#owner = owner;
    this.directory = directory;
    this.flags = flags;
    this.mutable = mutable;
  }
  facts(): Facts {
    return directoryFacts(this.directory);
  }
  protected close(): void {
    this.directory.close();
    giveBack(this.#owner);
  }
}

export type Descriptor = FileDescriptor | DirectoryDescriptor;

export function directoryFacts(directory: Directory): Facts {
  const { host, node } = directory;
  if (host !== undefined) return fs.statSync(host.self, { bigint: true });
  return node ?? fail('no-entry');
}

export interface DirectoryEntry {
  readonly type: DescriptorType;
  readonly name: string;
}

/** The number of entries of a directory that are read at once, and the bytes that one of them takes with its name. */
const READ_AHEAD = 64;
export const BYTES_PER_ENTRY = 400;

/**
 * The entries of a directory, which are read piece by piece, so that its size does not matter. What mounts put there
 * comes first.
 */
export class DirectoryEntryStream extends HostObject {
  readonly #owner: FilesystemOwner;
  readonly #mounted: [name: string, type: DescriptorType][];
  readonly #hidden: ReadonlySet<string>;
  readonly #entries: fs.Dir | undefined;
  readonly #held: HeldBytes;

  /** Opens the stream. Throws what opening the directory throws, before anything is counted or held. */
  static open(owner: FilesystemOwner, directory: Directory): DirectoryEntryStream {
    const options = { encoding: 'buffer' as BufferEncoding, bufferSize: READ_AHEAD };
    const held = new HeldBytes(owner.hostBytes);
    held.set(READ_AHEAD * BYTES_PER_ENTRY);
    try {
      const entries = directory.host && fs.opendirSync(directory.host.self, options);
      return new DirectoryEntryStream(owner, directory, entries, held);
    } catch (error) {
      held.release();
      throw error;
    }
  }

  private constructor(owner: FilesystemOwner, directory: Directory, entries: fs.Dir | undefined, held: HeldBytes) {
    super(owner);
    this.#owner = owner;
    this.#held = held;
    this.#entries = entries;
    const children = [...(directory.node?.children ?? [])];
    this.#hidden = new Set(children.map(([name]) => name));
    this.#mounted = children.map(([name, node]) => [name, node.source?.kind === 'file' ? 'regular-file' : 'directory']);
  }

  /**
   * The next entry; undefined at the end. Throws `illegal-byte-sequence` for a name that is no text; the next call goes
   * on after it.
   */
  next(): DirectoryEntry | undefined {
    const mounted = this.#mounted.shift();
    if (mounted !== undefined) return { name: mounted[0], type: mounted[1] };
    for (;;) {
      const entry = this.#entries?.readSync();
      if (!entry) return undefined;
      const name = decodeName(entry.name as unknown as Uint8Array);
      if (!this.#hidden.has(name)) return { name, type: typeOf(entry) };
    }
  }

  protected close(): void {
    this.#entries?.closeSync();
    this.#held.release();
    giveBack(this.#owner);
  }
}
