// The error codes of wasi:filesystem, and how those of the operating system map to them.

const codes = {
  EACCES: 'access',
  EAGAIN: 'would-block',
  EALREADY: 'already',
  EBADF: 'bad-descriptor',
  EBUSY: 'busy',
  EDEADLK: 'deadlock',
  EDQUOT: 'quota',
  EEXIST: 'exist',
  EFBIG: 'file-too-large',
  EILSEQ: 'illegal-byte-sequence',
  EINPROGRESS: 'in-progress',
  EINTR: 'interrupted',
  EINVAL: 'invalid',
  EIO: 'io',
  EISDIR: 'is-directory',
  ELOOP: 'loop',
  EMLINK: 'too-many-links',
  EMSGSIZE: 'message-size',
  ENAMETOOLONG: 'name-too-long',
  ENODEV: 'no-device',
  ENOENT: 'no-entry',
  ENOLCK: 'no-lock',
  ENOMEM: 'insufficient-memory',
  ENOSPC: 'insufficient-space',
  ENOTDIR: 'not-directory',
  ENOTEMPTY: 'not-empty',
  ENOTRECOVERABLE: 'not-recoverable',
  ENOTSUP: 'unsupported',
  ENOTTY: 'no-tty',
  ENXIO: 'no-such-device',
  EOVERFLOW: 'overflow',
  EPERM: 'not-permitted',
  EPIPE: 'pipe',
  EROFS: 'read-only',
  ESPIPE: 'invalid-seek',
  ETXTBSY: 'text-file-busy',
  EXDEV: 'cross-device',
} as const;

/** A code; the enum has one case for each of these, no more. */
export type ErrorCode = (typeof codes)[keyof typeof codes];

/**
 * Codes for other names that POSIX or Node know; that the host has no file descriptors left is not the guest's concern.
 */
const others: Readonly<Record<string, ErrorCode>> = {
  EMFILE: 'insufficient-memory',
  ENFILE: 'insufficient-memory',
  ENOSYS: 'unsupported',
  EOPNOTSUPP: 'unsupported',
  EWOULDBLOCK: 'would-block',
};

/** The error that ends an operation with a code that does not come from the operating system. */
export class FilesystemError extends Error {
  override readonly name = 'FilesystemError';
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    super(code);
    this.code = code;
  }
}

/**
 * The code for an error that an operation threw; throws `error` itself when it comes neither from here nor from the
 * system.
 */
export function errorCodeOf(error: unknown): ErrorCode {
  if (error instanceof FilesystemError) return error.code;
  const code = error instanceof Error && 'syscall' in error && 'code' in error ? String(error.code) : undefined;
  if (code === undefined) throw error;
  return (codes as Readonly<Record<string, ErrorCode>>)[code] ?? others[code] ?? 'io';
}

export function fail(code: ErrorCode): never {
  throw new FilesystemError(code);
}
