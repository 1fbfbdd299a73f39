// Why a connection could not be made, in the words in which Spin tells it: those of its pool and of tokio-postgres.
import { messageOf } from '../../../errors.ts';
import { displayText } from './db-error.ts';

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

export class ConnectFault extends Error {
  override readonly name = 'ConnectFault';
  /** Whether the server has no TLS. */
  readonly isWithoutTls: boolean;

  constructor(cause: string, kind = 'error connecting to server', isWithoutTls = false) {
    super(`Error occurred while creating a new object: ${kind}\n\nCaused by:\n    0: ${kind}\n    1: ${cause}`);
    this.isWithoutTls = isWithoutTls;
  }

  static of(error: unknown): ConnectFault {
    if (error instanceof ConnectFault) return error;
    const { name, code, severity } = error as { name?: string; code?: string; severity?: string };
    const message = messageOf(error);
    if (severity !== undefined && name === 'error') return new ConnectFault(displayText(fieldsOf(error)), 'db error');
    if (/does not support SSL/.test(message)) {
      return new ConnectFault('server does not support TLS', 'error performing TLS handshake', true);
    }
    if (code !== undefined && Object.hasOwn(systemErrors, code)) return new ConnectFault(systemErrors[code]!);
    if (/password missing|SASL|SCRAM/.test(message)) return new ConnectFault(message, 'authentication error');
    if (/SSL|TLS|CERT|ISSUER|SIGNATURE/i.test(`${code} ${message}`)) {
      return new ConnectFault(message, 'error performing TLS handshake');
    }
    if (/terminated/.test(message))
      return new ConnectFault('unexpected end of file', 'error communicating with the server');
    return new ConnectFault(message || 'unknown');
  }
}

function fieldsOf(error: unknown): ReadonlyMap<string, string> {
  const { severity, message, detail, hint } = error as Record<string, string | undefined>;
  const all = { S: severity, M: message, D: detail, H: hint };
  return new Map(Object.entries(all).filter((entry): entry is [string, string] => entry[1] !== undefined));
}
