// What `--listen` may be, and which of the sockets of systemd it names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseListenAt, parseMode, tcpAddressOf } from './listen-at.ts';

const passed = (LISTEN_FDS: string, LISTEN_FDNAMES?: string): Record<string, string | undefined> => ({
  LISTEN_PID: '42',
  LISTEN_FDS,
  LISTEN_FDNAMES,
});
const at = (text: string, env = {}): unknown => parseListenAt(text, undefined, env, 42);

test('addresses of TCP, paths and sockets of systemd', () => {
  assert.deepEqual(at('localhost:3000'), { host: 'localhost', port: 3000 });
  assert.deepEqual(at('unix:/run/app.sock'), { path: '/run/app.sock', mode: undefined });
  assert.deepEqual(at('unix:app:1.sock'), { path: 'app:1.sock', mode: undefined });
  assert.deepEqual(parseListenAt('unix:a', 0o660), { path: 'a', mode: 0o660 });
  assert.deepEqual(at('systemd', passed('1')), { fd: 3 });
  assert.deepEqual(at('systemd:b', passed('2', 'a:b')), { fd: 4 });
  assert.deepEqual(tcpAddressOf({ host: 'a', port: 1 }), { host: 'a', port: 1 });
  assert.equal(tcpAddressOf({ path: 'a' }), undefined);
});

test('a socket that is not there, and one of which there are several', () => {
  const none = { code: 'usage', message: 'No socket was passed to this process' };
  for (const env of [{}, { LISTEN_FDS: '1' }, { LISTEN_PID: '41', LISTEN_FDS: '1' }, passed('0'), passed('x')]) {
    assert.throws(() => at('systemd', env), none);
  }
  assert.throws(() => at('systemd', passed('2', 'a:b')), {
    message: '2 sockets were passed to this process',
    hint: /are: a, b\. /,
  });
  assert.throws(() => at('systemd:c', passed('2', 'a:b')), { message: 'No socket "c" was passed to this process' });
  assert.throws(() => at('systemd:a', passed('2', 'a:a')), { message: '2 sockets were passed to this process' });
  assert.throws(() => at('systemd:a', passed('1')), { hint: /are: none/ });
});

test('modes as chmod writes them', () => {
  assert.equal(parseMode('660'), 0o660);
  assert.equal(parseMode('0600'), 0o600);
  for (const bad of ['', '66', '888', 'rw', '1777']) assert.throws(() => parseMode(bad), { code: 'usage' });
});
