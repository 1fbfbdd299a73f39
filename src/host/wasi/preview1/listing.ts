// The entries of a directory as fd_readdir gives them: from any cookie on, without holding the whole directory.

import fs from 'node:fs';
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import {
  BYTES_PER_ENTRY,
  countFile,
  type DirectoryDescriptor,
  DirectoryEntryStream,
  directoryFacts,
  type FilesystemOwner,
  giveBack,
} from '../filesystem/descriptor.ts';
import { mountedFacts } from '../filesystem/entries.ts';
import { errorCodeOf } from '../filesystem/error-code.ts';
import { type DescriptorType, type Facts, inodeOf } from '../filesystem/metadata.ts';

export interface ListedEntry {
  readonly name: Uint8Array;
  readonly type: DescriptorType;
  readonly inode: bigint;
  /** The cookie with which the listing goes on after this entry. */
  readonly next: bigint;
}

/**
 * The listing of a directory. A cookie is the number of entries before it. Those given out by the last call are kept,
 * since the guest asks again from the last one that fitted; a cookie before them starts the directory anew and skips.
 */
export class Listing {
  readonly #state: FilesystemOwner;
  readonly #descriptor: DirectoryDescriptor;
  #stream: DirectoryEntryStream;
  /** The entries from `#start` on, as far as they were read. */
  #kept: ListedEntry[] = [];
  #start = 0;
  readonly #held: HeldBytes;

  constructor(state: FilesystemOwner, descriptor: DirectoryDescriptor) {
    this.#state = state;
    this.#held = new HeldBytes(state.hostBytes);
    this.#descriptor = descriptor;
    this.#stream = open(state, descriptor);
  }

  /** Goes to `cookie`, and drops the entries before it. Throws what reading the directory throws. */
  seek(cookie: bigint): void {
    if (cookie === 0n || cookie < this.#start) this.#restart();
    while (this.#start < cookie) {
      const [first] = this.#kept.length > 0 ? this.#kept : this.#read();
      if (first === undefined) return;
      this.#kept.shift();
      this.#start++;
      this.#count();
    }
  }

  /** The entry `index` places after the cookie; undefined at the end. */
  at(index: number): ListedEntry | undefined {
    while (this.#kept.length <= index) if (this.#read().length === 0) return undefined;
    return this.#kept[index];
  }

  close(): void {
    this.#held.release();
    this.#stream.drop();
  }

  #count(): void {
    this.#held.set(this.#kept.length * BYTES_PER_ENTRY);
  }

  #restart(): void {
    this.#stream.drop();
    this.#stream = open(this.#state, this.#descriptor);
    this.#kept = [];
    this.#start = 0;
    this.#count();
  }

  /** Reads one more entry behind the kept ones; gives none at the end. */
  #read(): readonly ListedEntry[] {
    const number = this.#start + this.#kept.length;
    const entry = number < 2 ? this.#dots(number) : this.#next();
    if (entry === undefined) return [];
    this.#kept.push({ ...entry, next: BigInt(number + 1) });
    this.#count();
    return this.#kept;
  }

  /** The entries `.` and `..`. The guest is not told what is above, so `..` has no inode. */
  #dots(number: number): Omit<ListedEntry, 'next'> {
    const inode = number === 0 ? inodeOf(this.#descriptor.facts()) : 0n;
    return { name: Buffer.from(number === 0 ? '.' : '..'), type: 'directory', inode };
  }

  #next(): Omit<ListedEntry, 'next'> | undefined {
    for (;;) {
      try {
        const entry = this.#stream.next();
        return entry && { name: Buffer.from(entry.name), type: entry.type, inode: this.#inode(entry.name) };
      } catch (error) {
        // A name that is no text cannot be told to guests, and is left out.
        if (errorCodeOf(error) !== 'illegal-byte-sequence') throw error;
      }
    }
  }

  #inode(name: string): bigint {
    const facts = factsOf(this.#descriptor, name);
    return facts === undefined ? 0n : inodeOf(facts);
  }
}

/** The facts about an entry; undefined when it has gone meanwhile. */
function factsOf({ directory }: DirectoryDescriptor, name: string): Facts | undefined {
  const node = directory.mounted(name);
  if (node === undefined) return fs.lstatSync(directory.at(name), { bigint: true, throwIfNoEntry: false });
  try {
    return mountedFacts(node);
  } catch (error) {
    if (errorCodeOf(error) === 'no-entry') return undefined;
    throw error;
  }
}

function open(state: FilesystemOwner, { directory }: DirectoryDescriptor): DirectoryEntryStream {
  countFile(state);
  try {
    directoryFacts(directory);
    return DirectoryEntryStream.open(state, directory);
  } catch (error) {
    giveBack(state);
    throw error;
  }
}
