// Error codes of wasi:sockets@0.3: a variant, with fewer cases than the codes of the host.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { codeOf, SocketError, type SocketErrorCode } from './error-code.ts';

export interface ErrorCode {
  readonly tag: string;
  readonly val?: string | undefined;
}

const others: ReadonlySet<SocketErrorCode> = new Set([
  'unknown',
  'concurrency-conflict',
  'not-in-progress',
  'would-block',
]);

/**
 * The code of an error of a socket. Codes that exist only for look-ups do not occur here, nor those of sockets there.
 */
export function codeIn03(error: unknown): ErrorCode {
  const code = codeOf(error);
  if (code === 'new-socket-limit') return { tag: 'out-of-memory' };
  return others.has(code) ? { tag: 'other', val: code } : { tag: code };
}

/** The code of a look-up's error: wasi:sockets/ip-name-lookup has an error-code of its own. */
export function lookupCode(error: unknown): ErrorCode {
  const code = codeOf(error);
  return lookupCodes.has(code) ? { tag: code } : { tag: 'other', val: code };
}
const lookupCodes: ReadonlySet<SocketErrorCode> = new Set([
  'access-denied',
  'invalid-argument',
  'name-unresolvable',
  'temporary-resolver-failure',
  'permanent-resolver-failure',
]);

type ToCode = (error: unknown) => ErrorCode;

/** Runs an operation. Anything but a SocketError is a defect of the host, and is thrown as it is. */
export function attempt<T>(run: () => T, toCode: ToCode = codeIn03): Result<T, ErrorCode> {
  try {
    return ok(run());
  } catch (error) {
    return failed(error, toCode);
  }
}

export async function attemptLater<T>(run: () => Promise<T>, toCode: ToCode = codeIn03): Promise<Result<T, ErrorCode>> {
  try {
    return ok(await run());
  } catch (error) {
    return failed(error, toCode);
  }
}

function failed(error: unknown, toCode: ToCode): Result<never, ErrorCode> {
  if (!(error instanceof SocketError)) throw error;
  return err(toCode(error));
}
