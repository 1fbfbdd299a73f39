// Each error of sockets, TLS and name lookup has its code of wasi:http.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HttpError } from '../http-message.ts';
import { toHttpError } from './client-error.ts';

const failed = (code: string): Error => Object.assign(new Error(`failed with ${code}`), { code });

/** Errors of Node and the system, by the error code of wasi:http. */
const told: Readonly<Record<string, string>> = {
  'connection-refused': 'ECONNREFUSED',
  'connection-terminated': 'ECONNRESET EPIPE',
  'connection-timeout': 'ETIMEDOUT',
  'destination-IP-unroutable': 'EHOSTUNREACH ENETUNREACH',
  'destination-unavailable': 'EADDRNOTAVAIL',
  'connection-limit-reached': 'EMFILE ENFILE',
  'destination-IP-prohibited': 'EACCES EPERM',
  'HTTP-request-URI-invalid': 'ERR_UNESCAPED_CHARACTERS ERR_INVALID_URL',
  'HTTP-request-method-invalid': 'ERR_INVALID_HTTP_TOKEN',
  'TLS-certificate-error': `CERT_HAS_EXPIRED ERR_TLS_CERT_ALTNAME_INVALID UNABLE_TO_VERIFY_LEAF_SIGNATURE
    DEPTH_ZERO_SELF_SIGNED_CERT SELF_SIGNED_CERT_IN_CHAIN ERROR_IN_CERT_NOT_AFTER_FIELD CRL_HAS_EXPIRED INVALID_CA
    INVALID_PURPOSE HOSTNAME_MISMATCH`,
  'TLS-protocol-error': 'EPROTO ERR_SSL_WRONG_VERSION_NUMBER ERR_TLS_HANDSHAKE_TIMEOUT',
  'HTTP-response-header-section-size': 'HPE_HEADER_OVERFLOW',
  'HTTP-protocol-error': 'HPE_INVALID_CONSTANT HPE_CB_HEADER',
};

test('each error has its code, its message and its cause', () => {
  for (const [code, names] of Object.entries(told)) {
    for (const name of names.trim().split(/\s+/)) {
      const cause = failed(name);
      const error = toHttpError(cause);
      assert.deepEqual(
        [error.code, error.detail, error.message, error.cause],
        [code, undefined, cause.message, cause],
        name,
      );
    }
  }
});

test('names that cannot be resolved, alerts and what is unknown carry a detail', () => {
  const detail = (code: string): unknown[] => [toHttpError(failed(code)).code, toHttpError(failed(code)).detail];
  assert.deepEqual(detail('ENOTFOUND'), ['DNS-error', { rcode: 'NXDOMAIN', infoCode: undefined }]);
  assert.deepEqual(detail('EAI_AGAIN'), ['DNS-error', { rcode: 'SERVFAIL', infoCode: undefined }]);
  assert.deepEqual(detail('EAI_NONAME'), ['DNS-error', { rcode: undefined, infoCode: undefined }]);
  assert.deepEqual(detail('ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION'), [
    'TLS-alert-received',
    { alertId: undefined, alertMessage: 'protocol version' },
  ]);
  assert.deepEqual(detail('SOMETHING'), ['internal-error', 'SOMETHING']);
  assert.deepEqual(detail('XERR_SSL_'), ['internal-error', 'XERR_SSL_']);
  assert.deepEqual(
    [toHttpError(new Error('x')).code, toHttpError(new Error('x')).detail],
    ['internal-error', undefined],
  );
});

test('of several attempts the first tells, and an error that has a code keeps it', () => {
  const several = Object.assign(new AggregateError([failed('ECONNREFUSED'), failed('ETIMEDOUT')]), { code: undefined });
  assert.equal(toHttpError(several).code, 'connection-refused');
  assert.equal(toHttpError(Object.assign(new Error('x'), { errors: [] })).code, 'internal-error');
  const own = new HttpError('DNS-timeout', 'late');
  assert.equal(toHttpError(own), own);
  assert.equal(toHttpError(Object.assign(new Error(''), { code: 'EPIPE' })).message, 'EPIPE');
});
