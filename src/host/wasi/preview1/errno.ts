// The error numbers of wasi_snapshot_preview1, and which one stands for what an operation threw.
// https://github.com/WebAssembly/WASI/blob/main/legacy/preview1/docs.md#-errno-variant
import { type ErrorCode, errorCodeOf, FilesystemError } from '../filesystem/error-code.ts';
import { StreamFailure } from '../io/streams.ts';

export const Errno = {
  success: 0,
  again: 6,
  badf: 8,
  canceled: 11,
  fault: 21,
  ilseq: 25,
  inval: 28,
  io: 29,
  isdir: 31,
  mfile: 33,
  nametoolong: 37,
  notdir: 54,
  notsock: 57,
  notsup: 58,
  overflow: 61,
  perm: 63,
  pipe: 64,
  spipe: 70,
  notcapable: 76,
} as const;

export type Errno = number;

const ofErrorCode: Readonly<Record<ErrorCode, Errno>> = {
  access: 2,
  'would-block': 6,
  already: 7,
  'bad-descriptor': 8,
  busy: 10,
  deadlock: 16,
  quota: 19,
  exist: 20,
  'file-too-large': 22,
  'illegal-byte-sequence': 25,
  'in-progress': 26,
  interrupted: 27,
  invalid: 28,
  io: 29,
  'is-directory': 31,
  loop: 32,
  'too-many-links': 34,
  'message-size': 35,
  'name-too-long': 37,
  'no-device': 43,
  'no-entry': 44,
  'no-lock': 46,
  'insufficient-memory': 48,
  'insufficient-space': 51,
  'not-directory': 54,
  'not-empty': 55,
  'not-recoverable': 56,
  unsupported: 58,
  'no-tty': 59,
  'no-such-device': 60,
  overflow: 61,
  'not-permitted': 63,
  pipe: 64,
  'read-only': 69,
  'invalid-seek': 70,
  'text-file-busy': 74,
  'cross-device': 75,
};

/** The error that ends a function with a number that no part of the filesystem gives. */
export class ErrnoError extends Error {
  override readonly name = 'ErrnoError';
  readonly errno: Errno;
  constructor(errno: Errno) {
    super(`errno ${errno}`);
    this.errno = errno;
  }
}

export function failWith(errno: Errno): never {
  throw new ErrnoError(errno);
}

/** The number for an error; throws `error` itself when it is no failure of an operation: traps, exits, defects. */
export function errnoOf(error: unknown): Errno {
  if (error instanceof ErrnoError) return error.errno;
  if (error instanceof StreamFailure) return Errno.io;
  const code = errorCodeOf(error);
  // Sandboxes have their own limit of open files, for which the filesystem has no better name than this.
  if (error instanceof FilesystemError && code === 'insufficient-memory') return Errno.mfile;
  return ofErrorCode[code];
}
