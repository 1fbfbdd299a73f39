// A folder of files, and a guest that has it as its preopen, for the tests of this folder. Not part of the product.
import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after } from 'node:test';
import type { LockedMount } from '../../../app/locked-app.ts';
import { ioInterfaces } from '../io/bindings-0.2.ts';
import type { HostObject } from '../io/host-object.ts';
import type { WasiState } from '../state.ts';
import { caller, testState } from '../wasi.test-kit.ts';
import { filesystemInterfaces } from './bindings-0.2.ts';
import { noFlags } from './descriptor.ts';
import { type Mounts, openMounts } from './mount-tree.ts';

/** `name: text` makes a file, `name: { … }` a folder, `name: '-> target'` a symbolic link. */
export type Files = { readonly [name: string]: string | Files };

/** Makes the files in a new folder that is removed after the tests. */
export function makeFiles(files: Files): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'mayfly-files-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  fill(folder, files);
  return folder;
}

function fill(folder: string, files: Files): void {
  for (const [name, content] of Object.entries(files)) {
    const place = path.join(folder, name);
    if (typeof content !== 'string') {
      fs.mkdirSync(place);
      fill(place, content);
    } else if (content.startsWith('-> ')) fs.symlinkSync(content.slice(3), place);
    else fs.writeFileSync(place, content);
  }
}

export const follow = { symlinkFollow: true };
export const noFollow = { symlinkFollow: false };
const noOpen = { create: false, directory: false, exclusive: false, truncate: false };

export type Handle = HostObject;

/** Calls functions by short names; `get` unwraps a success and `code` an error, and each fails on the other. */
export class FileGuest {
  readonly state: WasiState;
  readonly #call;

  /** `mounts` may be opened already: guests of one app share what its mounts hold open. */
  constructor(mounts: readonly LockedMount[] | Mounts, writableFiles: boolean) {
    const { preopens } = 'preopens' in mounts ? mounts : openMounts(mounts);
    this.state = testState({ preopens, writableFiles });
    this.#call = caller([...filesystemInterfaces, ...ioInterfaces], this.state);
  }

  preopens(): [Handle, string][] {
    return this.#call('wasi:filesystem/preopens', 'get-directories') as [Handle, string][];
  }

  call(method: string, ...args: unknown[]): unknown {
    return this.#call('wasi:filesystem/types', `[method]descriptor.${method}`, ...args);
  }

  func(interfaceName: string, name: string, ...args: unknown[]): unknown {
    return this.#call(interfaceName, name, ...args);
  }

  get<T = Handle>(method: string, ...args: unknown[]): T {
    return unwrap<T>(this.call(method, ...args), method);
  }

  code(method: string, ...args: unknown[]): string {
    const result = this.call(method, ...args) as { tag: string; val: unknown };
    assert.equal(result.tag, 'err', `${method} ${args.slice(1).map(String)} succeeded`);
    return result.val as string;
  }

  openArgs(base: Handle, file: string, flags: object = { read: true }, open: object = {}, links = follow): unknown[] {
    return [base, links, file, { ...noOpen, ...open }, { ...noFlags, ...flags }];
  }

  open(base: Handle, file: string, flags?: object, open?: object, links = follow): Handle {
    return this.get('open-at', ...this.openArgs(base, file, flags, open, links));
  }

  openCode(base: Handle, file: string, flags?: object, open?: object, links = follow): string {
    return this.code('open-at', ...this.openArgs(base, file, flags, open, links));
  }

  text(base: Handle, file: string): string {
    const handle = this.open(base, file);
    const [bytes] = this.get<[Uint8Array, boolean]>('read', handle, 10_000n, 0n);
    handle.drop();
    return Buffer.from(bytes).toString();
  }

  list(base: Handle): string[] {
    const stream = this.get('read-directory', base);
    const names: string[] = [];
    for (;;) {
      const result = this.#call('wasi:filesystem/types', '[method]directory-entry-stream.read-directory-entry', stream);
      const entry = unwrap<{ name: string; type: string } | undefined>(result, 'read-directory-entry');
      if (entry === undefined) break;
      names.push(`${entry.name}:${entry.type}`);
    }
    stream.drop();
    return names.sort();
  }
}

export function unwrap<T>(result: unknown, what: string): T {
  const { tag, val } = result as { tag: string; val: T };
  assert.equal(tag, 'ok', `${what}: ${String(val)}`);
  return val;
}

/** Makes a guest with `files` at `/`, and the descriptor of that. */
export function guestOf(files: Files, writable = false): { guest: FileGuest; root: Handle; folder: string } {
  const folder = makeFiles(files);
  const guest = new FileGuest([{ kind: 'directory', source: folder, destination: '/' }], writable);
  return { guest, root: guest.preopens()[0]![0], folder };
}
