// The outbound client sends what it was given, returns what came, keeps connections and tells failures apart.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net';
import { after, test } from 'node:test';
import { type ByteSource, type HeaderList, HttpError } from '../http-message.ts';
import { certificate, key } from './certificate.fixture.ts';
import { toHttpError } from './client-error.ts';
import { bodyOf, client, codeOf, get, read } from './upstream.test-kit.ts';

const closers: (() => void)[] = [];
after(() => {
  for (const close of closers) close();
});

async function portOf(server: Server | ReturnType<typeof createTcpServer>): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.close();
    if ('closeAllConnections' in server) server.closeAllConnections();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (listener: RequestListener): Promise<number> => portOf(createServer(listener));

/** A server that says these bytes to everybody, whatever they ask. */
function say(text: string, then: (socket: Socket) => void = () => {}): Promise<number> {
  return portOf(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(text, 'latin1');
        then(socket);
      });
    }),
  );
}

async function echo(req: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of req) text += chunk;
  return text;
}

test('method, target, headers and body arrive as they are, and nothing is added but framing', async () => {
  const seen: { line: string; headers: HeaderList; body: string }[] = [];
  const port = await serve(async (req, res) => {
    const body = await echo(req);
    const names = req.rawHeaders.filter((_, at) => at % 2 === 0);
    const headers = names.map((name, at) => [name.toLowerCase(), req.rawHeaders[at * 2 + 1]!] as const);
    seen.push({ line: `${req.method} ${req.url}`, headers, body });
    res.end();
  });
  const made = client();
  const host = ['host', `127.0.0.1:${port}`] as const;
  const keepAlive = ['connection', 'keep-alive'] as const;
  const twice = [
    ['x-a', '1'],
    ['x-a', '\xe9'],
  ] as const;
  await made.send(get(port, { method: 'PURGE', target: '/a?b=ü', headers: [['host', 'evil'], ...twice] }), {});
  assert.deepEqual(seen.pop(), {
    line: 'PURGE /a?b=%C3%BC',
    headers: [host, ...twice, ['content-length', '0'], keepAlive],
    body: '',
  });
  await made.send(get(port), {});
  assert.deepEqual(seen.pop()?.headers, [host, keepAlive]);
  await made.send(get(port, { method: 'POST', body: bodyOf(['ab', 'cd']) }), {});
  assert.deepEqual(seen.at(-1)?.headers, [host, ['transfer-encoding', 'chunked'], keepAlive]);
  assert.equal(seen.pop()?.body, 'abcd');
  await made.send(get(port, { method: 'GET', body: bodyOf(['ab'], { length: 2 }) }), {});
  assert.deepEqual(seen.at(-1)?.headers, [host, ['content-length', '2'], keepAlive]);
  assert.equal(seen.pop()?.body, 'ab');
});

test('the response arrives as it was sent, trailers included; redirects are not followed', async () => {
  const port = await serve((_, res) => {
    res.sendDate = false;
    res.writeHead(302, [
      ['Location', '/elsewhere'],
      ['X', '1'],
      ['X', '2'],
    ] as never);
    res.write('abc');
    res.addTrailers({ 'X-Sum': '9' });
    res.end();
  });
  const response = await client().send(get(port), {});
  assert.equal(response.status, 302);
  assert.deepEqual(
    response.headers.filter(([name]) => name === 'location' || name === 'x'),
    [
      ['location', '/elsewhere'],
      ['x', '1'],
      ['x', '2'],
    ],
  );
  assert.equal(await read(response.body), 'abc');
  assert.deepEqual(await response.body?.trailers?.(), [['x-sum', '9']]);
});

test('connections are kept and used again, also after answers without a body', async () => {
  const sockets = new Set<Socket>();
  const port = await serve((req, res) => {
    sockets.add(req.socket);
    res.statusCode = req.url === '/none' ? 204 : 200;
    // Node's parser keeps no connection after a response to HEAD without it.
    if (req.url === '/') res.setHeader('content-length', 1);
    res.end(req.url === '/none' ? undefined : 'x');
  });
  const made = client();
  for (const parts of [{}, { target: '/none' }, { method: 'HEAD' }, {}]) {
    const response = await made.send(get(port, parts), {});
    assert.equal(response.body === undefined, parts.target === '/none' || parts.method === 'HEAD');
    await read(response.body);
    // Node gives a connection back some turns of the event loop after its response has ended.
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  assert.equal(sockets.size, 1);
});

test('a kept connection that the server has closed is replaced without the guest noticing', async () => {
  let requests = 0;
  const port = await portOf(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', () => {
        requests++;
        if (requests === 2) socket.resetAndDestroy();
        else socket.write('HTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx');
      });
    }),
  );
  const made = client();
  await read((await made.send(get(port), {})).body);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(await read((await made.send(get(port), {})).body), 'x');
  assert.equal(requests, 3);
});

test('failures have their codes', async () => {
  const closed = await serve(() => {});
  closers.pop()!();
  await new Promise((resolve) => setTimeout(resolve, 10));
  assert.equal(await codeOf(get(closed)), 'connection-refused');
  assert.equal(await codeOf(get(await say('', (socket) => socket.destroy()))), 'connection-terminated');
  assert.equal(await codeOf(get(await say('SPDY/9 what\r\n\r\n'))), 'HTTP-protocol-error');
  const large = `HTTP/1.1 200 OK\r\nx: ${'v'.repeat(5000)}\r\n\r\n`;
  const small = client({ limits: { headerBytes: 1000, headerCount: 5 } });
  assert.equal(await codeOf(get(await say(large)), {}, small), 'HTTP-response-header-section-size');
  const many = `HTTP/1.1 200 OK\r\n${'x: y\r\n'.repeat(6)}\r\n`;
  assert.equal(await codeOf(get(await say(many)), {}, small), 'HTTP-response-header-section-size');
  for (const authority of ['', 'a b', 'u@h', 'h:99999', 'h/x']) {
    assert.equal(await codeOf(get(0, { authority })), 'HTTP-request-URI-invalid', authority);
  }
});

test('names that do not resolve are DNS errors', () => {
  const dns = toHttpError(Object.assign(new Error('getaddrinfo ENOTFOUND x'), { code: 'ENOTFOUND' }));
  assert.equal(dns.code, 'DNS-error');
  assert.deepEqual(dns.detail, { rcode: 'NXDOMAIN', infoCode: undefined });
  const several = Object.assign(new AggregateError([Object.assign(new Error(), { code: 'EHOSTUNREACH' })]), {});
  assert.equal(toHttpError(several).code, 'destination-IP-unroutable');
  const alert = toHttpError(Object.assign(new Error('x'), { code: 'ERR_SSL_TLSV1_ALERT_UNKNOWN_CA' }));
  assert.deepEqual(
    [alert.code, alert.detail],
    ['TLS-alert-received', { alertId: undefined, alertMessage: 'unknown ca' }],
  );
  assert.equal(toHttpError(new Error('odd')).code, 'internal-error');
});

test('time limits: for the first byte, and between bytes', async () => {
  const silent = await say('');
  assert.equal(await codeOf(get(silent), { firstByteTimeoutMs: 50 }), 'connection-read-timeout');
  const stalling = await say('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab');
  const response = await client().send(get(stalling), { betweenBytesTimeoutMs: 50 });
  await assert.rejects(
    read(response.body),
    (error) => error instanceof HttpError && error.code === 'connection-read-timeout',
  );
});

test('a time limit for the connection, TLS included', async () => {
  const mute = await portOf(createTcpServer((socket) => void socket.on('error', () => {})));
  const request = get(mute, { scheme: 'https' });
  assert.equal(await codeOf(request, { connectTimeoutMs: 50 }), 'connection-timeout');
});

test('a response that breaks off is incomplete', async () => {
  const port = await say('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab', (socket) => socket.end());
  const response = await client().send(get(port), {});
  await assert.rejects(
    read(response.body),
    (error) => error instanceof HttpError && error.code === 'HTTP-response-incomplete',
  );
});

test('a request body that breaks breaks the request', async () => {
  const broken = Promise.withResolvers<void>();
  const port = await serve((req) => {
    req.on('error', () => broken.resolve());
    req.resume();
  });
  const lost = new HttpError('HTTP-request-body-size', 'lost');
  const request = get(port, { method: 'POST', body: bodyOf(['ab', lost]) });
  assert.equal(await codeOf(request), 'HTTP-request-body-size');
  await broken.promise;
});

test('abandoned requests and bodies close their connection', async () => {
  const closed = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let count = 0;
  const port = await serve((req, res) => {
    const { resolve } = closed[count++]!;
    req.socket.on('close', () => resolve());
    if (req.url === '/stream') res.write('x');
  });
  const abort = new AbortController();
  const pending = codeOf(get(port), { signal: abort.signal });
  setTimeout(() => abort.abort(), 20);
  assert.equal(await pending, 'connection-terminated');
  await closed[0]!.promise;
  const response = await client().send(get(port, { target: '/stream' }), {});
  response.body?.cancel();
  await closed[1]!.promise;
  assert.equal(await codeOf(get(port), { signal: AbortSignal.abort() }), 'connection-terminated');
});

test('bodies stream both ways: an answer may start before the request has ended, and neither side runs ahead', async () => {
  const port = await serve((req, res) => void req.pipe(res));
  let sent = 0;
  const chunk = Buffer.alloc(65_536, 'x');
  const total = 32 * 1024 * 1024;
  const body: ByteSource = {
    read() {
      if (sent >= total) return undefined;
      sent += chunk.length;
      return chunk;
    },
    cancel() {},
  };
  const response = await client().send(get(port, { method: 'POST', body }), {});
  assert.ok(sent < total, 'the answer came only after the whole request');
  await new Promise((resolve) => setTimeout(resolve, 100));
  const ahead = sent;
  assert.ok(ahead < total, `${ahead} bytes sent without anybody reading`);
  let got = 0;
  for (let next = await response.body?.read(); next !== undefined; next = await response.body?.read())
    got += next.length;
  assert.equal(got, total);
});

test('TLS: a certificate that is trusted, one that is not, and a server that speaks none', async () => {
  const server = createTlsServer({ cert: certificate, key }, (_, res) => res.end('secret'));
  const port = await portOf(server);
  const request = get(port, { scheme: 'https', authority: `localhost:${port}` });
  const response = await client({ ca: certificate }).send(request, {});
  assert.equal(await read(response.body), 'secret');
  assert.equal(await codeOf(request), 'TLS-certificate-error');
  const plain = await say('HTTP/1.1 400 Bad Request\r\n\r\n', (socket) => socket.end());
  assert.equal(await codeOf(get(plain, { scheme: 'https' })), 'TLS-protocol-error');
});

test('the bytes of a header go out as they are, also before the body', async () => {
  const { promise: head, resolve } = Promise.withResolvers<Buffer>();
  const port = await portOf(
    createTcpServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', (bytes: Buffer) => {
        resolve(bytes);
        socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
      });
    }),
  );
  const made = client();
  const headers: HeaderList = [['x-bytes', '\xe9\xc3\xa9']];
  const never: ByteSource = { length: undefined, read: () => new Promise(() => {}), cancel() {} };
  await made.send({ ...get(port), method: 'POST', headers, body: never }, {});
  assert.match((await head).toString('latin1'), /x-bytes: \xe9\xc3\xa9\r\n/);
  made.close();
});
