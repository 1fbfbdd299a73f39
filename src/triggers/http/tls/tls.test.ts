// TLS as clients meet it: versions, protocols, handshakes.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectPlain } from 'node:net';
import { test } from 'node:test';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { certificate } from '../../../host/outbound-http/certificate.fixture.ts';
import { hello, serve } from '../server.test-kit.ts';
import { within } from '../wait.test-kit.ts';
import { localhostFiles } from './files.test-kit.ts';

const certificates = [localhostFiles()];

async function shake(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, ca: certificate, ...options });
  await within(once(socket, 'secureConnect'), 'a handshake');
  return socket;
}

test('the protocol is the better one of those that the client offers; without an offer it is HTTP/1.1', async () => {
  const { port } = await serve(hello, {}, { certificates });
  for (const [ALPNProtocols, chosen] of [
    [['http/1.1', 'h2'], 'h2'],
    [['http/1.1'], 'http/1.1'],
    [['h2', 'spdy/3'], 'h2'],
    [undefined, false],
  ] as const) {
    const socket = await shake(port, ALPNProtocols && { ALPNProtocols: [...ALPNProtocols] });
    assert.equal(socket.alpnProtocol, chosen);
    socket.destroy();
  }
  await assert.rejects(shake(port, { ALPNProtocols: ['spdy/3'] }), /no application protocol/);
});

test('versions before 1.2 are refused, and there is no renegotiation', async () => {
  const { port } = await serve(hello, {}, { certificates });
  const old = shake(port, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' });
  await assert.rejects(old, /protocol version|unsupported protocol/);
  const socket = await shake(port, { maxVersion: 'TLSv1.2' });
  assert.equal(socket.getProtocol(), 'TLSv1.2');
  const renegotiated = new Promise((resolve) => {
    socket.on('error', resolve);
    socket.renegotiate({}, resolve);
  });
  assert.ok((await within(renegotiated, 'the end of the renegotiation')) instanceof Error);
  socket.destroy();
});

test('handshakes at once are bounded, and so is their time', async () => {
  const { port } = await serve(hello, { handshakes: 2, handshakeMs: 300 }, { certificates });
  const silent = [connectPlain(port, '127.0.0.1'), connectPlain(port, '127.0.0.1')];
  await within(Promise.all(silent.map((socket) => once(socket, 'connect'))), 'two connections');
  const ends = silent.map((socket) => once(socket.resume(), 'close'));
  const third = shake(port);
  await assert.rejects(third, /disconnected|ECONNRESET/);
  await within(Promise.all(ends), 'the end of the silent ones');
  // Those that are over count no more, whichever way they ended.
  for (let round = 0; round < 4; round++) (await shake(port)).destroy();
  const broken = connectPlain(port, '127.0.0.1');
  broken.end('no hello');
  await within(once(broken.resume(), 'close'), 'the end of one that speaks no TLS');
  (await shake(port)).destroy();
});
