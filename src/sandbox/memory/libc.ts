// The C library calls that the mapped memories need, through node:ffi. It says what is missing and decides nothing.
import { getSystemErrorName } from 'node:util';
import { messageOf } from '../../errors.ts';

type Ffi = typeof import('node:ffi');

/** Numbers of <sys/mman.h> and <fcntl.h>; the same on x86-64 and arm64. */
export const PROT_NONE = 0;
export const PROT_READ = 1;
export const PROT_READ_WRITE = 3;
export const MAP_SHARED = 0x1;
export const MAP_PRIVATE = 0x2;
const MAP_FIXED = 0x10;
export const MAP_ANONYMOUS = 0x20;
export const MAP_NORESERVE = 0x4000;
const MADV_DONTNEED = 4;
const MAP_FAILED = -1n;

const signatures = {
  getpagesize: { return: 'int32', arguments: [] },
  memfd_create: { return: 'int32', arguments: ['string', 'uint32'] },
  fcntl: { return: 'int32', arguments: ['int32', 'int32', 'int32'] },
  mmap: { return: 'int64', arguments: ['uint64', 'uint64', 'int32', 'int32', 'int32', 'int64'] },
  munmap: { return: 'int32', arguments: ['uint64', 'uint64'] },
  mprotect: { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] },
  madvise: { return: 'int32', arguments: ['uint64', 'uint64', 'int32'] },
  ioctl: { return: 'int32', arguments: ['int32', 'uint64', 'uint64'] },
  syscall: { return: 'int64', arguments: ['int64', 'uint64', 'uint64'] },
  __errno_location: { return: 'uint64', arguments: [] },
} as const;

export interface Libc {
  /** Bytes of a page of the system. */
  readonly pageSize: number;
  memfdCreate(name: string, flags: number): number;
  fcntl(fd: number, command: number, argument: number): number;
  /**
   * Maps what stands at `offset` of the file at this address, which must be that of a mapping that the caller owns. False
   * when the kernel refuses.
   */
  mapFixed(
    address: bigint,
    byteLength: number,
    protection: number,
    flags: number,
    fd: number,
    offset?: number,
  ): boolean;
  /** Makes a mapping and returns its address, or undefined when the kernel refuses. */
  map(byteLength: number, protection: number, flags: number, fd: number): bigint | undefined;
  unmap(address: bigint, byteLength: number): void;
  /** Changes the protection of pages. False when the kernel refuses. */
  protect(address: bigint, byteLength: number, protection: number): boolean;
  /** Calls madvise(MADV_DONTNEED): the pages are again what they are mapped from, or zeros. */
  dropPages(address: bigint, byteLength: bigint): boolean;
  ioctl(fd: number, request: bigint, argument: bigint): number;
  syscall(number: bigint, first: bigint, second: bigint): number;
  /** The name of the last failed call's errno, for messages only: the engine may have made calls in between. */
  errno(): string;
  addressOf(buffer: ArrayBuffer): bigint;
  /** An ArrayBuffer over foreign memory; the caller keeps it mapped as long as anybody reads it. */
  view(address: bigint, byteLength: number): ArrayBuffer;
}

/** The C library, or the reason why it cannot be had. */
export function loadLibc(): Libc | string {
  if (process.platform !== 'linux') return `it needs Linux, and this is ${process.platform}`;
  if (process.arch !== 'x64' && process.arch !== 'arm64') return `it needs x64 or arm64, and this is ${process.arch}`;
  try {
    const ffi = quietFfi();
    return ffi === undefined ? 'this Node has no node:ffi' : bind(ffi);
  } catch (error) {
    return `node:ffi is not usable: ${messageOf(error)}`;
  }
}

/**
 * Loads node:ffi without Node's warning about experimental modules: `mayfly doctor` says the same in words that help
 * more.
 */
function quietFfi(): Ffi | undefined {
  const { emitWarning } = process;
  process.emitWarning = () => {};
  try {
    return process.getBuiltinModule('node:ffi') as Ffi | undefined;
  } finally {
    process.emitWarning = emitWarning;
  }
}

function bind(ffi: Ffi): Libc {
  const { functions: c } = ffi.dlopen(null, signatures);
  return {
    pageSize: c.getpagesize(),
    memfdCreate: (name, flags) => c.memfd_create(name, flags),
    fcntl: (fd, command, argument) => c.fcntl(fd, command, argument),
    mapFixed: (address, byteLength, protection, flags, fd, offset = 0) =>
      c.mmap(address, BigInt(byteLength), protection, flags | MAP_FIXED, fd, BigInt(offset)) === address,
    map(byteLength, protection, flags, fd) {
      const address = c.mmap(0n, BigInt(byteLength), protection, flags, fd, 0n);
      return address === MAP_FAILED ? undefined : address;
    },
    unmap: (address, byteLength) => void c.munmap(address, BigInt(byteLength)),
    protect: (address, byteLength, protection) => c.mprotect(address, BigInt(byteLength), protection) === 0,
    dropPages: (address, byteLength) => c.madvise(address, byteLength, MADV_DONTNEED) === 0,
    ioctl: c.ioctl,
    syscall: (number, first, second) => Number(c.syscall(number, first, second)),
    errno: () => errnoName(ffi.getInt32(c.__errno_location())),
    addressOf: (buffer) => ffi.getRawPointer(buffer),
    view: (address, byteLength) => ffi.toArrayBuffer(address, byteLength, false),
  };
}

function errnoName(errno: number): string {
  return errno > 0 ? getSystemErrorName(-errno) : 'an unknown error';
}
