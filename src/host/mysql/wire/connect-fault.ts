// Why a connection could not be made, in the words in which Spin tells it: those of mysql_async.
import { messageOf } from '../../../errors.ts';
import { MysqlFault } from '../fault.ts';

/** As the standard library of Rust tells errors of the system. */
const systemErrors: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'Connection refused (os error 111)',
  ECONNRESET: 'Connection reset by peer (os error 104)',
  EHOSTUNREACH: 'No route to host (os error 113)',
  ENETUNREACH: 'Network is unreachable (os error 101)',
  ETIMEDOUT: 'Connection timed out (os error 110)',
  ENOTFOUND: 'failed to lookup address information: Name or service not known',
  EAI_AGAIN: 'failed to lookup address information: Temporary failure in name resolution',
};

export function connectFault(error: unknown): MysqlFault {
  if (error instanceof MysqlFault) return error;
  const { errno, code = '', sqlState } = error as { errno?: number; code?: string; sqlState?: string };
  if (sqlState !== undefined && errno !== undefined) {
    const cause = `ERROR ${sqlState} (${errno}): ${messageOf(error)}`;
    return new MysqlFault('connection-failed', `Server error: \`${cause}'\n\nCaused by:\n    ${cause}`);
  }
  const io = Object.hasOwn(systemErrors, code) ? systemErrors[code] : messageOf(error);
  const text = `Input/output error: ${io}`;
  return new MysqlFault('connection-failed', `Input/output error: ${text}\n\nCaused by:\n    0: ${text}\n    1: ${io}`);
}
