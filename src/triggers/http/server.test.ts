// Listening, connections and requests as they arrive.
import assert from 'node:assert/strict';
import type { Server } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import { http } from '../../host/node-http.ts';
import { certificate } from '../../host/outbound-http/certificate.fixture.ts';
import { testLog } from '../../telemetry/log.test-kit.ts';
import { dispatcherOf } from './app.test-kit.ts';
import { RawClient } from './client.test-kit.ts';
import { answer, hello, serve } from './server.test-kit.ts';
import { createHttpServer, defaultServerLimits } from './server.ts';
import { localhostFiles } from './tls/files.test-kit.ts';
import { within } from './wait.test-kit.ts';

test('keep-alive: one connection, many requests, and close when the client asks', async () => {
  const { port, seen } = await serve(hello);
  const client = await RawClient.connect(port);
  for (let round = 0; round < 5; round++) {
    client.send(`GET /${round} HTTP/1.1\r\nHost: h\r\n\r\n`);
    assert.equal((await client.response()).body, 'hello');
  }
  client.send('GET /last HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
  assert.match(await client.end(), /connection: close/i);
  assert.equal(seen.length, 6);
});

test('pipelined requests are answered in order, whichever guest is first', async () => {
  const { port } = await serve(async ({ target }) => {
    if (target === '/slow') await new Promise((resolve) => setTimeout(resolve, 30));
    return answer(target);
  });
  const client = await RawClient.connect(port);
  client.send('GET /slow HTTP/1.1\r\nHost: h\r\n\r\nGET /fast HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.equal((await client.response()).body, '/slow');
  assert.equal((await client.response()).body, '/fast');
  client.close();
});

test('the request arrives as it was sent', async () => {
  const { port, seen } = await serve(async () => answer(''));
  const client = await RawClient.connect(port);
  client.send(
    'PURGE /a%20b?c=d&%ff HTTP/1.1\r\nHost: example.org:8080\r\nX-Twice: 1\r\nX-Twice: 2\r\nX-Bytes: \xe9\r\n\r\n',
  );
  await client.response();
  const request = seen[0]!;
  assert.equal(request.method, 'PURGE');
  assert.equal(request.scheme, 'http');
  assert.equal(request.authority, 'example.org:8080');
  assert.equal(request.target, '/a%20b?c=d&%ff');
  assert.equal(request.body, undefined);
  assert.deepEqual(
    request.headers.filter(([name]) => name.startsWith('x-')),
    [
      ['x-twice', '1'],
      ['x-twice', '2'],
      ['x-bytes', '\xe9'],
    ],
  );
  assert.match(request.headers.find(([name]) => name === 'spin-client-addr')![1], /^127\.0\.0\.1:\d+$/);
  client.close();
});

test('stop: no new connections, requests in flight finish, idle connections close', async () => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const { port, server } = await serve(async ({ target }) => {
    if (target === '/idle') return answer('idle');
    started.resolve();
    await release.promise;
    return answer('done');
  });
  const idle = await RawClient.connect(port);
  idle.send('GET /idle HTTP/1.1\r\nHost: a\r\n\r\n');
  await idle.response();
  const busy = await RawClient.connect(port);
  busy.send('GET /busy HTTP/1.1\r\nHost: a\r\n\r\n');
  await within(started.promise, 'the busy request reaches its handler');
  const stopped = server.stop({ timeoutMs: 5_000 });
  await idle.end();
  await assert.rejects(RawClient.connect(port), /ECONNREFUSED/);
  release.resolve();
  const last = await busy.end();
  assert.match(last, /connection: close/i);
  assert.match(last, /done$/);
  await within(stopped, 'the server stops');
});

test('stop: what takes longer than its time is broken off', async () => {
  const { port, server } = await serve(() => new Promise(() => {}));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await within(server.stop({ timeoutMs: 50 }), 'the server stops');
  assert.equal(await client.end().catch(() => ''), '');
});

test('the limits of a server are those of docs/limits.md and docs/manifest.md', () => {
  assert.deepEqual(defaultServerLimits, {
    headerBytes: 65_536,
    headerCount: 1000,
    targetBytes: 65_536,
    bufferedBytes: 65_536,
    headerMs: 20_000,
    bodyIdleMs: 60_000,
    writeIdleMs: 60_000,
    keepAliveMs: 65_000,
    lingerMs: 2_000,
    halfClosedMs: 2_000,
    connections: 20_000,
    streams: 100,
    resets: 100,
    resetsPerSecond: 20,
    controlBytes: 65_536,
    sessionBytes: 10_000_000,
    settings: 32,
    handshakes: 1_000,
    handshakeMs: 10_000,
  });
});

test('a port that is taken: an error that names it', async () => {
  const { port } = await serve(hello);
  const second = createHttpServer({ dispatcher: dispatcherOf(hello) });
  await assert.rejects(
    second.listen({ host: '127.0.0.1', port }),
    (error) =>
      error instanceof MayflyError && error.code === 'listen-failed' && error.message.includes(`127.0.0.1:${port}`),
  );
});

test('what cannot be listened on is told with its reason, and what to do where there is something', async () => {
  const { port } = await serve(hello);
  const listen = (host: string, at: number) =>
    createHttpServer({ dispatcher: dispatcherOf(hello) }).listen({ host, port: at });
  await assert.rejects(listen('127.0.0.1', port), {
    message: `Cannot listen on 127.0.0.1:${port}: the port is in use`,
    hint: `Stop what listens there, or choose another port: --listen 127.0.0.1:${port + 1}`,
  });
  await assert.rejects(listen('192.0.2.1', 0), (error) => {
    assert.ok(error instanceof MayflyError);
    assert.equal(error.message, 'Cannot listen on 192.0.2.1:0: the address is not one of this machine');
    assert.equal(error.hint, undefined);
    return true;
  });
});

test('what node:http is told: careful parsing, no time limit on bodies, no waiting for more to send', async (t) => {
  const given: unknown[] = [];
  const { createServer } = http;
  t.mock.method(http, 'createServer', (...args: Parameters<typeof createServer>) => {
    given.push(args[0]);
    return createServer(...args);
  });
  await serve(hello, { headerBytes: 10, targetBytes: 20, headerMs: 3_000, keepAliveMs: 4_000 });
  await serve(hello);
  const careful = { insecureHTTPParser: false, requireHostHeader: false, requestTimeout: 0, noDelay: true };
  assert.deepEqual(given, [
    {
      ...careful,
      maxHeaderSize: 30,
      headersTimeout: 3_000,
      connectionsCheckingInterval: 3_000,
      keepAliveTimeout: 4_000,
      highWaterMark: 65_536,
    },
    {
      ...careful,
      maxHeaderSize: 131_072,
      headersTimeout: 20_000,
      connectionsCheckingInterval: 5_000,
      keepAliveTimeout: 65_000,
      highWaterMark: 65_536,
    },
  ]);
});

test('connections beyond the limit are closed, and those within it are served', async () => {
  const { port } = await serve(hello, { connections: 2 });
  const [one, two, three] = [
    await RawClient.connect(port),
    await RawClient.connect(port),
    await RawClient.connect(port),
  ];
  assert.equal(await within(three.end(), 'the end of the third connection'), '');
  for (const client of [one, two]) {
    client.send('GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n');
    assert.match(await client.end(), /hello$/);
  }
});

test('a connection that cannot be accepted ends neither the server nor the others, and is in the log', async (t) => {
  const made: Server[] = [];
  const { createServer } = http;
  t.mock.method(http, 'createServer', (...args: Parameters<typeof createServer>) => {
    made.push(createServer(...args));
    return made.at(-1);
  });
  const { log, messages } = testLog();
  const server = createHttpServer({ dispatcher: dispatcherOf(hello, log) });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  made[0]?.emit('error', new Error('accept failed'));
  assert.deepEqual(messages('error'), ['A connection was lost: accept failed']);
  const response = await fetch(`http://127.0.0.1:${port}/`);
  assert.equal(response.status, 200);
  await server.stop({ timeoutMs: 0 });
});

test('with a certificate it speaks TLS, and guests see https', async () => {
  let scheme = '';
  const dispatcher = dispatcherOf(async (request) => {
    scheme = request.scheme;
    return answer('secret');
  });
  const server = createHttpServer({ dispatcher, certificates: [localhostFiles()] });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const status = await new Promise((resolve, reject) => {
    const request = httpsRequest({ host: '127.0.0.1', port, ca: certificate, agent: false }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode));
    });
    request.on('error', reject).end();
  });
  assert.equal(status, 200);
  assert.equal(scheme, 'https');
  await server.stop({ timeoutMs: 100 });
});

test('the bytes of a header go out as they are, also when the body comes later', async () => {
  const { port } = await serve(async ({ target }) => {
    let isFirst = true;
    const read = (): Promise<Uint8Array | undefined> =>
      new Promise((resolve) => setTimeout(resolve, 50, isFirst ? Buffer.from('x') : undefined)).then((chunk) => {
        isFirst = false;
        return chunk as Uint8Array | undefined;
      });
    const response = { status: 200, headers: [['x-bytes', '\xe9\xc3\xa9']] as const };
    return target === '/late' ? { ...response, body: { length: undefined, read, cancel() {} } } : answer('x', response);
  });
  const client = await RawClient.connect(port);
  for (const path of ['/late', '/now']) {
    client.send(`GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`);
    const { head } = await client.response();
    assert.ok(head.includes('x-bytes: \xe9\xc3\xa9\r\n'), JSON.stringify(head));
  }
  client.close();
});
