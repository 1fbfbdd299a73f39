// A guest of preview1 without code: a memory, and calls as a core module makes them. Not part of the product.
import assert from 'node:assert/strict';
import type { LockedMount } from '../../../app/locked-app.ts';
import type { GuestMemory } from '../../../component/types/core-host.ts';
import { Trap } from '../../../errors.ts';
import { type Mounts, openMounts } from '../filesystem/mount-tree.ts';
import { releaseAll } from '../io/host-object.ts';
import type { Stdio, WasiState } from '../state.ts';
import { testState } from '../wasi.test-kit.ts';
import { preview1Module } from './module.ts';
import { preopenRights } from './rights.ts';

export const PAGE = 65_536;
/** Addresses in the memory for results, lists of buffers, paths and other data. */
export const RESULT = 1024;
const LIST = 2048;
const PATH = 4096;
export const DATA = 16_384;
/** The descriptor number of the first preopen. */
export const ROOT = 3;
export const ALL = preopenRights.inheriting;

export interface GuestOptions {
  readonly mounts?: readonly LockedMount[] | Mounts;
  readonly writable?: boolean;
  readonly arguments?: readonly string[];
  readonly environment?: readonly (readonly [string, string])[];
  readonly stdio?: Stdio;
}

export class TestGuest {
  readonly state: WasiState;
  readonly bytes = new Uint8Array(4 * PAGE);
  readonly data = new DataView(this.bytes.buffer);
  readonly memory: GuestMemory;

  constructor(options: GuestOptions = {}) {
    const { mounts = [] } = options;
    this.state = testState({
      preopens: ('preopens' in mounts ? mounts : openMounts(mounts)).preopens,
      writableFiles: options.writable ?? false,
      arguments: options.arguments ?? [],
      environment: options.environment ?? [],
      stdio: options.stdio ?? {},
    });
    const { bytes, data } = this;
    this.memory = { bytes, data, check: (pointer, size, align) => check(bytes.length, pointer, size, align) };
  }

  /** Makes a guest with `folder` as `/`. */
  static of(folder: string, writable = true): TestGuest {
    return new TestGuest({ mounts: [{ kind: 'directory', source: folder, destination: '/' }], writable });
  }

  /** Calls a function, which gives an errno, or a promise of one when the guest has to wait. */
  call(name: string, ...args: (number | bigint)[]): number | Promise<number> {
    const func = preview1Module.functions[name];
    assert.ok(func, `no function ${name}`);
    const wanted = func.params.map((param) => (param === 'u32' ? 'number' : 'bigint'));
    assert.deepEqual(
      args.map((value) => typeof value),
      wanted,
      `parameters of ${name}`,
    );
    const result = func.call(this.state, this.memory, ...args);
    if (!(result instanceof Promise)) return result ?? 0;
    assert.ok(func.suspends, `${name} must not give a promise`);
    return result.then((finish) => finish() ?? 0);
  }

  /** Calls a function with a path in place of its pointer and length. */
  path(name: string, text: string | Uint8Array, place: number, ...args: (number | bigint)[]): number {
    return this.call(name, ...args.slice(0, place), ...this.text(text), ...args.slice(place)) as number;
  }

  text(text: string | Uint8Array, at = PATH): [pointer: number, length: number] {
    const bytes = Buffer.from(text as Uint8Array);
    this.bytes.set(bytes, at);
    return [at, bytes.length];
  }

  /** Opens a path and gives its descriptor; fails where `openErrno` would give an errno. */
  open(path: string, options: OpenOptions = {}): number {
    assert.equal(this.openErrno(path, options), 0, `cannot open ${path}`);
    return this.u32();
  }

  openErrno(
    path: string,
    { oflags = 0, base = ALL, inheriting = ALL, fdflags = 0, fd = ROOT, follow = 1 }: OpenOptions = {},
  ): number {
    return this.path(
      'path_open',
      path,
      2,
      fd,
      follow,
      oflags,
      base & ~(oflags & 2 ? WRITES : 0n),
      inheriting,
      fdflags,
      RESULT,
    );
  }

  u32(at = RESULT): number {
    return this.data.getUint32(at, true);
  }

  u64(at = RESULT): bigint {
    return this.data.getBigUint64(at, true);
  }

  /** Writes an (iovec | ciovec) list of these sizes; its buffers stand one after the other from DATA on. */
  buffers(...sizes: number[]): [pointer: number, count: number] {
    let at = DATA;
    for (const [index, size] of sizes.entries()) {
      this.data.setUint32(LIST + index * 8, at, true);
      this.data.setUint32(LIST + index * 8 + 4, size, true);
      at += size;
    }
    return [LIST, sizes.length];
  }

  write(fd: number, text: string): number | Promise<number> {
    this.bytes.set(Buffer.from(text), DATA);
    return this.call('fd_write', fd, ...this.buffers(Buffer.byteLength(text)), RESULT);
  }

  /** Reads up to `size` bytes with one fd_read. */
  async read(fd: number, size = 1000): Promise<string> {
    assert.equal(await this.call('fd_read', fd, ...this.buffers(size), RESULT), 0);
    return this.dataText(this.u32());
  }

  dataText(length: number): string {
    return Buffer.from(this.bytes.subarray(DATA, DATA + length)).toString();
  }

  end(): void {
    releaseAll(this.state);
  }
}

/** The rights fd_write, fd_allocate and fd_filestat_set_size, with which no directory can be opened. */
const WRITES = (1n << 6n) | (1n << 8n) | (1n << 22n);

export interface OpenOptions {
  readonly oflags?: number;
  readonly base?: bigint;
  readonly inheriting?: bigint;
  readonly fdflags?: number;
  readonly fd?: number;
  readonly follow?: number;
}

function check(length: number, pointer: number, size: number, align: number): void {
  if (pointer % align !== 0 || pointer + size > length) throw new Trap(`bad pointer ${pointer}`);
}
