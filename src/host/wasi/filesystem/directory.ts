// A directory as guests see it: what lies on the host's disk, what mounts put there, or both.
import fs from 'node:fs';
import { fail } from './error-code.ts';
import type { HostDirectory } from './host-directory.ts';
import type { MountNode } from './mount-tree.ts';

export class Directory {
  readonly node: MountNode | undefined;
  #host: HostDirectory | undefined;
  #closed = false;

  private constructor(node: MountNode | undefined, host: HostDirectory | undefined) {
    this.node = node;
    this.#host = host;
  }

  /** The directory of a mount. Nothing is opened: a request that never touches its files pays nothing for them. */
  static ofMount(node: MountNode): Directory {
    return new Directory(node, undefined);
  }

  static ofHost(host: HostDirectory): Directory {
    return new Directory(undefined, host);
  }

  /** The directory on the disk; undefined for one that exists only because mounts lie below it. */
  get host(): HostDirectory | undefined {
    if (this.#host === undefined && this.node?.source?.kind === 'directory' && !this.#closed) {
      this.#host = this.node.source.directory.clone();
    }
    return this.#host;
  }

  /** What a mount puts at `name`, if any does. */
  mounted(name: string): MountNode | undefined {
    return this.node?.children.get(name);
  }

  /** Goes down one step. Throws `not-directory` for everything else, symbolic links included. */
  enter(name: string): Directory {
    const node = this.mounted(name);
    if (node !== undefined) return node.source?.kind === 'file' ? fail('not-directory') : Directory.ofMount(node);
    return Directory.ofHost(this.#onDisk().enter(name));
  }

  /** A path for calls of node:fs that do not follow symbolic links. Throws where only mounts can be. */
  at(name: string): string {
    return this.#onDisk().at(name);
  }

  /** The target of the symbolic link `name`; undefined when it is no link, or nothing is there. */
  readLink(name: string): string | undefined {
    if (this.mounted(name) !== undefined || this.host === undefined) return undefined;
    const entry = this.host.at(name);
    if (!fs.lstatSync(entry, { throwIfNoEntry: false })?.isSymbolicLink()) return undefined;
    return decodeName(fs.readlinkSync(entry, { encoding: 'buffer' }));
  }

  /** Makes a handle of its own on the same directory. */
  clone(): Directory {
    return this.node === undefined ? Directory.ofHost(this.#onDisk().clone()) : Directory.ofMount(this.node);
  }

  close(): void {
    this.#closed = true;
    this.#host?.close();
    this.#host = undefined;
  }

  #onDisk(): HostDirectory {
    return this.host ?? fail('no-entry');
  }
}

/** The name as text. Names on disk may be any bytes; guests only see those that are text. */
export function decodeName(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return fail('illegal-byte-sequence');
  }
}

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
