// Headers of the PROXY protocol: what is read of them, byte by byte, and what is refused; then on connections.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect as connectHttp2 } from 'node:http2';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { seeded } from '../../../../test/support/random.ts';
import { RawClient } from '../client.test-kit.ts';
import { FrameClient, get, HEADERS } from '../http2/frames.test-kit.ts';
import { answer, serve } from '../server.test-kit.ts';
import { localhostFiles } from '../tls/files.test-kit.ts';
import { within } from '../wait.test-kit.ts';
import { readProxyHeader } from './proxy-protocol.ts';

const latin1 = (text: string): Buffer => Buffer.from(text, 'latin1');
const SIGNATURE = '\r\n\r\n\0\r\nQUIT\n';

function version2(command: number, family: number, rest: Uint8Array): Buffer {
  const fixed = Buffer.from([command, family, rest.length >> 8, rest.length & 0xff]);
  return Buffer.concat([latin1(SIGNATURE), fixed, rest]);
}

const ipv4 = Buffer.from([192, 0, 2, 1, 10, 0, 0, 1, 0x12, 0x67, 0x01, 0xbb]);
const ipv6 = Buffer.from(
  '20010db80000000000000000000000ff200100000000000000000000000000011267 01bb'.replaceAll(' ', ''),
  'hex',
);

test('headers that are good, whole and in pieces, and with bytes behind them', () => {
  const good: [Buffer, string | undefined][] = [
    [latin1('PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\r\n'), '192.0.2.1:4711'],
    [latin1('PROXY TCP6 2001:db8::ff 2001::1 4711 443\r\n'), '[2001:db8::ff]:4711'],
    [latin1('PROXY UNKNOWN\r\n'), undefined],
    [latin1('PROXY UNKNOWN ffff::1 whatever 1 2\r\n'), undefined],
    [version2(0x21, 0x11, ipv4), '192.0.2.1:4711'],
    [version2(0x21, 0x21, ipv6), '[2001:db8::ff]:4711'],
    [version2(0x21, 0x11, Buffer.concat([ipv4, Buffer.from([4, 0, 1, 0])])), '192.0.2.1:4711'],
    [version2(0x20, 0x00, Buffer.alloc(0)), undefined],
    [version2(0x20, 0x11, ipv4), undefined],
    [version2(0x21, 0x00, Buffer.from('xx')), undefined],
    [version2(0x21, 0x31, Buffer.alloc(216)), undefined],
  ];
  for (const [bytes, address] of good) {
    for (let length = 1; length < bytes.length; length++)
      assert.equal(readProxyHeader(bytes.subarray(0, length)), undefined);
    const header = readProxyHeader(Buffer.concat([bytes, latin1('GET / HTTP/1.1')]));
    assert.ok(typeof header === 'object');
    assert.deepEqual([header.length, header.peer?.text], [bytes.length, address]);
  }
});

test('headers that are none are refused, at once or when they become too long', () => {
  const bad = [
    latin1('GET / HTTP/1.1\r\n'),
    latin1('\x16\x03\x01'),
    latin1('PROXY TCP4 192.0.2.1 10.0.0.1 4711\r\n'),
    latin1('PROXY TCP4 2001:db8::1 2001::1 1 2\r\n'),
    latin1('PROXY TCP6 192.0.2.1 10.0.0.1 1 2\r\n'),
    latin1('PROXY TCP4 192.0.2.1 10.0.0.1 65536 443\r\n'),
    latin1('PROXY TCP4 192.0.2.1 10.0.0.1 1 99999\r\n'),
    latin1('PROXY TCP4  192.0.2.1 10.0.0.1 1 2\r\n'),
    latin1('PROXY UDP4 192.0.2.1 10.0.0.1 1 2\r\n'),
    latin1('proxy TCP4 192.0.2.1 10.0.0.1 1 2\r\n'),
    latin1(`PROXY UNKNOWN ${'x'.repeat(100)}`),
    latin1(`PROXY UNKNOWN ${'x'.repeat(100)}\r\n`),
    version2(0x11, 0x11, ipv4),
    version2(0x22, 0x11, ipv4),
    version2(0x21, 0x12, ipv4),
    version2(0x21, 0x11, ipv4.subarray(1)),
    version2(0x21, 0x21, ipv4),
    version2(0x21, 0x11, Buffer.alloc(4097)),
    latin1(`${SIGNATURE.slice(0, -1)}x`),
  ];
  for (const bytes of bad) assert.equal(readProxyHeader(bytes), 'refused', bytes.toString('latin1'));
});

test('random bytes never throw, and nothing is read beyond the bound', () => {
  const random = seeded(7);
  for (let round = 0; round < 20_000; round++) {
    const bytes = Buffer.from(Array.from({ length: random.int(60) }, () => random.int(256)));
    const begun = random.pick([latin1('PROXY '), latin1(SIGNATURE), latin1(`${SIGNATURE}\x21\x11`), Buffer.alloc(0)]);
    readProxyHeader(Buffer.concat([begun, bytes]));
  }
});

const proxied = { trustedProxies: ['127.0.0.1'], proxyProtocol: true };
const who: Parameters<typeof serve>[0] = async ({ headers, scheme }) =>
  answer(`${headers.find(([name]) => name === 'spin-client-addr')?.[1]} ${scheme}`);
const line = 'PROXY TCP4 192.0.2.1 10.0.0.1 4711 443\r\n';

test('the guest sees the client of the proxy, on each request of the connection', async () => {
  const { port } = await serve(who, {}, proxied);
  const client = await RawClient.connect(port);
  for (const piece of [line.slice(0, 20), line.slice(20)]) {
    client.send(piece);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(2));
  for (let at = 0; at < 2; at++) assert.equal((await client.response()).body, '192.0.2.1:4711 http');
  client.close();
  const local = await RawClient.connect(port);
  local.send(version2(0x20, 0, Buffer.alloc(0)));
  local.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.match((await local.response()).body, /^127\.0\.0\.1:/);
  local.close();
});

test('the same with HTTP/2 and with TLS', async () => {
  const plain = await serve(who, {}, { ...proxied, http2: true });
  const socket = connect(plain.port, '127.0.0.1');
  socket.write(line);
  const frames = FrameClient.over(socket);
  frames.send(get(1));
  await frames.next(({ type }) => type === HEADERS, 'an answer');
  assert.equal(plain.seen[0]?.headers.find(([name]) => name === 'spin-client-addr')?.[1], '192.0.2.1:4711');
  frames.close();
  const { port } = await serve(who, {}, { ...proxied, certificates: [localhostFiles()] });
  const under = async (): Promise<Socket> => {
    const raw = connect(port, '127.0.0.1');
    await once(raw, 'connect');
    raw.write(version2(0x21, 0x11, ipv4));
    return raw;
  };
  for (const ALPNProtocols of [['h2'], ['http/1.1']]) {
    const secure = connectTls({ socket: await under(), rejectUnauthorized: false, ALPNProtocols });
    await within(once(secure, 'secureConnect'), 'a handshake behind the header');
    if (secure.alpnProtocol === 'h2') {
      const session = connectHttp2('https://localhost', { createConnection: () => secure });
      const stream = session.request({ ':path': '/' }).setEncoding('utf8');
      const [text] = await within(once(stream, 'data'), 'an answer of HTTP/2');
      assert.equal(text, '192.0.2.1:4711 https');
      session.destroy();
      continue;
    }
    secure.setEncoding('utf8').write('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    let text = '';
    secure.on('data', (chunk: string) => {
      text += chunk;
    });
    await within(once(secure, 'close'), 'an answer of HTTP/1.1');
    assert.match(text, /192\.0\.2\.1:4711 https$/);
  }
});

test('a trusted proxy must speak it: else its connection is closed without a word, and the log says so', async () => {
  const { port, lines, seen } = await serve(who, { handshakeMs: 100 }, proxied);
  const wrong = await RawClient.connect(port);
  wrong.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.equal(await wrong.end(), '');
  assert.match(lines.at(-1) ?? '', /^127\.0\.0\.1:\d+ is a trusted proxy and does not speak the PROXY protocol/);
  const silent = await RawClient.connect(port);
  assert.equal(await silent.end(), '');
  const gone = await RawClient.connect(port);
  gone.send('PROXY ');
  gone.halfClose();
  assert.equal(await gone.end(), '');
  assert.equal(seen.length, 0);
});

test('from others such a header is no request, and without it they are who they are', async () => {
  const { port, seen } = await serve(who, {}, { trustedProxies: ['192.0.2.7'], proxyProtocol: true });
  const liar = await RawClient.connect(port);
  liar.send(`${line}GET / HTTP/1.1\r\nHost: h\r\n\r\n`);
  assert.match(await liar.end(), /^HTTP\/1\.1 400 /);
  assert.equal(seen.length, 0);
  const honest = await RawClient.connect(port);
  honest.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.match((await honest.response()).body, /^127\.0\.0\.1:/);
  honest.close();
});

test('what a trusted proxy forwards counts on the server, and is 400 when it says two things', async () => {
  const { port } = await serve(who, {}, { trustedProxies: ['127.0.0.1'] });
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\nX-Forwarded-For: 1.2.3.4\r\nX-Forwarded-Proto: https\r\n\r\n');
  assert.equal((await client.response()).body, '1.2.3.4:0 https');
  client.send(
    'POST / HTTP/1.1\r\nHost: h\r\nForwarded: for=6.6.6.6\r\nX-Forwarded-For: 1.2.3.4\r\nContent-Length: 1\r\n\r\nx',
  );
  assert.match((await client.response()).head, /^HTTP\/1\.1 400 /);
  client.close();
});

test('a server that stops does not wait for a proxy that says nothing', async () => {
  const { port, server } = await serve(who, {}, proxied);
  const silent = await RawClient.connect(port);
  await within(server.stop({ timeoutMs: 10_000 }), 'the server stops', 5_000);
  assert.equal(await silent.end(), '');
});
