// The port beside that leads to the one with TLS.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesBody } from '../../host/bytes-body.ts';
import type { HttpResponse } from '../../host/http-message.ts';
import { dispatcherOf, get } from './app.test-kit.ts';
import { redirectTo } from './redirect.ts';
import { answer } from './server.test-kit.ts';

const client = { clientAddress: '127.0.0.1:1' };
const ask = (port: number, target: string, authority: string): Promise<HttpResponse> =>
  redirectTo(
    port,
    dispatcherOf(async () => answer('served')),
  ).handle(get(target, { authority, body: bytesBody(Buffer.from('x')) }), client);

test('clients are led to the same target with TLS, and the method stays', async () => {
  for (const [port, target, authority, location] of [
    [443, '/a?b=c', 'example.org', 'https://example.org/a?b=c'],
    [443, '/', 'example.org:80', 'https://example.org/'],
    [8443, '/', 'example.org:8080', 'https://example.org:8443/'],
    [8443, '/', '[::1]:8080', 'https://[::1]:8443/'],
  ] as const) {
    const { status, headers } = await ask(port, target, authority);
    assert.equal(status, 308);
    assert.deepEqual(headers, [['location', location]]);
  }
});

test('health checks are answered there, and nothing else', async () => {
  assert.equal((await ask(443, '/.well-known/spin/health', 'a')).status, 200);
  assert.equal((await ask(443, '/.well-known/spin/health?ready', 'a')).status, 200);
  assert.equal((await ask(443, '/.well-known/spin/info', 'a')).status, 308);
  assert.equal((await ask(443, '*', 'a')).status, 400);
});
