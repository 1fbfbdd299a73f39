// Turns the errors of node:http, its sockets and TLS into the error codes of wasi:http/types.
import { messageOf } from '../../errors.ts';
import { HttpError } from '../http-message.ts';

const plain: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection-refused',
  ECONNRESET: 'connection-terminated',
  EPIPE: 'connection-terminated',
  ETIMEDOUT: 'connection-timeout',
  EHOSTUNREACH: 'destination-IP-unroutable',
  ENETUNREACH: 'destination-IP-unroutable',
  EADDRNOTAVAIL: 'destination-unavailable',
  EMFILE: 'connection-limit-reached',
  ENFILE: 'connection-limit-reached',
  EACCES: 'destination-IP-prohibited',
  EPERM: 'destination-IP-prohibited',
  EPROTO: 'TLS-protocol-error',
  ERR_UNESCAPED_CHARACTERS: 'HTTP-request-URI-invalid',
  ERR_INVALID_URL: 'HTTP-request-URI-invalid',
  ERR_INVALID_HTTP_TOKEN: 'HTTP-request-method-invalid',
};

/** OpenSSL's reasons for refusing a certificate, and Node's own for a name that does not fit. */
const certificate =
  /^(?:CERT_|ERR_TLS_CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|ERROR_IN_|CRL_|INVALID_(?:CA|PURPOSE)|HOSTNAME_)/;

export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  const code = codeOf(error);
  const [tag, detail] = classify(code);
  return new HttpError(tag, messageOf(error) || code, detail, { cause: error });
}

function classify(code: string): readonly [tag: string, detail?: unknown] {
  const tag = plain[code];
  if (tag !== undefined) return [tag];
  if (code === 'ENOTFOUND') return ['DNS-error', { rcode: 'NXDOMAIN', infoCode: undefined }];
  if (code === 'EAI_AGAIN') return ['DNS-error', { rcode: 'SERVFAIL', infoCode: undefined }];
  if (code.startsWith('EAI_')) return ['DNS-error', { rcode: undefined, infoCode: undefined }];
  if (certificate.test(code)) return ['TLS-certificate-error'];
  const alert = /^ERR_SSL_.*_ALERT_(.*)$/.exec(code)?.[1];
  if (alert !== undefined) {
    return ['TLS-alert-received', { alertId: undefined, alertMessage: alert.toLowerCase().replaceAll('_', ' ') }];
  }
  if (code.startsWith('ERR_SSL_') || code.startsWith('ERR_TLS_')) return ['TLS-protocol-error'];
  if (code === 'HPE_HEADER_OVERFLOW') return ['HTTP-response-header-section-size', undefined];
  if (code.startsWith('HPE_')) return ['HTTP-protocol-error'];
  return ['internal-error', code === '' ? undefined : code];
}

/**
 * The code of an error. Several addresses that were tried in vain make one error; the first one's tells as much as the
 * others.
 */
function codeOf(error: unknown): string {
  const { code, errors } = error as { code?: unknown; errors?: unknown[] };
  if (typeof code === 'string') return code;
  return Array.isArray(errors) && errors.length > 0 ? codeOf(errors[0]) : '';
}
