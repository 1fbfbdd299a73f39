// What all functions of wasi:sockets@0.2 do with failures: a result with one of its error codes.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { codeOf, SocketError, type SocketErrorCode } from './error-code.ts';

export type SocketResult<T> = Result<T, SocketErrorCode>;

/** Runs an operation. Anything but a SocketError is a defect of the host, and is thrown as it is. */
export function attempt<T>(run: () => T): SocketResult<T> {
  try {
    return ok(run());
  } catch (error) {
    if (!(error instanceof SocketError)) throw error;
    return err(codeIn02(error));
  }
}

/** The code in 0.2, which has none for a connection whose other end is closed. */
export function codeIn02(error: unknown): SocketErrorCode {
  const code = codeOf(error);
  return code === 'connection-broken' ? 'connection-reset' : code;
}
