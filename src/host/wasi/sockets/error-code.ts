// The error codes of wasi:sockets: those of all versions in one list, and how those of the operating system map to them.

/** The codes of wasi:sockets/network error-code of 0.2, and `connection-broken` of 0.3. */
export type SocketErrorCode =
  | 'unknown'
  | 'access-denied'
  | 'not-supported'
  | 'invalid-argument'
  | 'out-of-memory'
  | 'timeout'
  | 'concurrency-conflict'
  | 'not-in-progress'
  | 'would-block'
  | 'invalid-state'
  | 'new-socket-limit'
  | 'address-not-bindable'
  | 'address-in-use'
  | 'remote-unreachable'
  | 'connection-refused'
  | 'connection-reset'
  | 'connection-aborted'
  | 'connection-broken'
  | 'datagram-too-large'
  | 'name-unresolvable'
  | 'temporary-resolver-failure'
  | 'permanent-resolver-failure';

const codes: Readonly<Record<string, SocketErrorCode>> = {
  EACCES: 'access-denied',
  EADDRINUSE: 'address-in-use',
  EADDRNOTAVAIL: 'address-not-bindable',
  EAFNOSUPPORT: 'not-supported',
  EAI_AGAIN: 'temporary-resolver-failure',
  EAI_FAIL: 'permanent-resolver-failure',
  EAI_NODATA: 'name-unresolvable',
  EAI_NONAME: 'name-unresolvable',
  ECONNABORTED: 'connection-aborted',
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-reset',
  EDESTADDRREQ: 'invalid-state',
  EHOSTDOWN: 'remote-unreachable',
  EHOSTUNREACH: 'remote-unreachable',
  EINVAL: 'invalid-argument',
  EISCONN: 'invalid-state',
  EMFILE: 'new-socket-limit',
  EMSGSIZE: 'datagram-too-large',
  ENETDOWN: 'remote-unreachable',
  ENETUNREACH: 'remote-unreachable',
  ENFILE: 'new-socket-limit',
  ENOBUFS: 'out-of-memory',
  ENODATA: 'name-unresolvable',
  ENOMEM: 'out-of-memory',
  ENOTCONN: 'invalid-state',
  ENOTFOUND: 'name-unresolvable',
  ENOTSUP: 'not-supported',
  EOPNOTSUPP: 'not-supported',
  EPERM: 'access-denied',
  EPIPE: 'connection-broken',
  ETIMEDOUT: 'timeout',
};

/** The error that ends a socket operation with a code that the guest is told. */
export class SocketError extends Error {
  override readonly name = 'SocketError';
  readonly code: SocketErrorCode;
  constructor(code: SocketErrorCode, options?: ErrorOptions) {
    super(code, options);
    this.code = code;
  }
}

export function fail(code: SocketErrorCode): never {
  throw new SocketError(code);
}

/** The code for an error of an operation; `unknown` when it comes neither from here nor from the system. */
export function codeOf(error: unknown): SocketErrorCode {
  if (error instanceof SocketError) return error.code;
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return codes[code] ?? 'unknown';
}

export function toSocketError(error: unknown): SocketError {
  return error instanceof SocketError ? error : new SocketError(codeOf(error), { cause: error });
}
