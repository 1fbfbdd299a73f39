// Errors of the system become the error codes of wasi:sockets.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codeOf, fail, SocketError, toSocketError } from './error-code.ts';

/** What POSIX and the resolver say, by what guests are told. */
const told: Readonly<Record<string, string>> = {
  'access-denied': 'EACCES EPERM',
  'not-supported': 'EAFNOSUPPORT ENOTSUP EOPNOTSUPP',
  'invalid-argument': 'EINVAL',
  'out-of-memory': 'ENOMEM ENOBUFS',
  timeout: 'ETIMEDOUT',
  'invalid-state': 'EISCONN ENOTCONN EDESTADDRREQ',
  'new-socket-limit': 'EMFILE ENFILE',
  'address-not-bindable': 'EADDRNOTAVAIL',
  'address-in-use': 'EADDRINUSE',
  'remote-unreachable': 'EHOSTUNREACH EHOSTDOWN ENETUNREACH ENETDOWN',
  'connection-refused': 'ECONNREFUSED',
  'connection-reset': 'ECONNRESET',
  'connection-aborted': 'ECONNABORTED',
  'connection-broken': 'EPIPE',
  'datagram-too-large': 'EMSGSIZE',
  'name-unresolvable': 'ENOTFOUND ENODATA EAI_NONAME EAI_NODATA',
  'temporary-resolver-failure': 'EAI_AGAIN',
  'permanent-resolver-failure': 'EAI_FAIL',
};

test('each error of the system is told by its code', () => {
  for (const [code, names] of Object.entries(told)) {
    for (const name of names.split(' ')) {
      const cause = Object.assign(new Error(name), { code: name });
      assert.equal(codeOf(cause), code, name);
      const error = toSocketError(cause);
      assert.deepEqual([error.code, error.cause], [code, cause]);
    }
  }
});

test('others are unknown, and what has a code keeps it', () => {
  for (const error of [
    new Error('x'),
    Object.assign(new Error('x'), { code: 'EWHAT' }),
    'text',
    undefined,
    { code: 'EPIPE' },
  ]) {
    assert.equal(codeOf(error), 'unknown');
  }
  const own = new SocketError('timeout');
  assert.equal(codeOf(own), 'timeout');
  assert.equal(toSocketError(own), own);
  assert.throws(() => fail('would-block'), { name: 'SocketError', code: 'would-block' });
});
