// Requests and answers of HTTP/2, as clients that keep to its rules meet them, with TLS and without.
import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type ClientHttp2Session, type ClientHttp2Stream, connect, type OutgoingHttpHeaders } from 'node:http2';
import { after, test } from 'node:test';
import { certificate } from '../../../host/outbound-http/certificate.fixture.ts';
import { textOf } from '../app.test-kit.ts';
import { answer, echo, endless, hello, later, type Served, serve } from '../server.test-kit.ts';
import { localhostFiles } from '../tls/files.test-kit.ts';
import { eventually, within } from '../wait.test-kit.ts';

const sessions: ClientHttp2Session[] = [];
after(() => {
  for (const session of sessions) session.destroy();
});

type Handler = Parameters<typeof serve>[0];

async function serveHttp2(handler: Handler, limits: Parameters<typeof serve>[1] = {}): Promise<Served> {
  return serve(handler, limits, { http2: true });
}

function client(port: number): ClientHttp2Session {
  const session = connect(`http://127.0.0.1:${port}`);
  session.on('error', () => undefined);
  sessions.push(session);
  return session;
}

interface Answered {
  readonly headers: Record<string, unknown>;
  readonly raw: readonly string[];
  readonly body: Buffer;
  readonly trailers: Record<string, unknown>;
}

/** Asks, and waits for all of the answer. */
async function ask(
  session: ClientHttp2Session,
  headers: OutgoingHttpHeaders | string[],
  body?: string | Buffer,
): Promise<Answered> {
  const stream = session.request(headers as OutgoingHttpHeaders, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  return within(answerTo(stream), `the answer to ${JSON.stringify(headers)}`);
}

async function answerTo(stream: ClientHttp2Stream): Promise<Answered> {
  let trailers = {};
  stream.on('trailers', (fields) => {
    trailers = fields;
  });
  const [headers, , raw] = await once(stream, 'response');
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return { headers, raw, body: Buffer.concat(chunks), trailers };
}

test('a request arrives with its pseudo header fields as what they are in HTTP/1.1', async () => {
  const { port, seen } = await serveHttp2(async ({ method }) => answer(method));
  const session = client(port);
  const fields = [':method', 'PURGE', ':scheme', 'https', ':authority', 'example.org:8080', ':path', '/a%20b?c=d&%ff'];
  const more = ['x-twice', '1', 'x-twice', '2', 'x-bytes', '\xe9', 'cookie', 'a=1', 'cookie', 'b=2'];
  const { body } = await ask(session, [...fields, ...more]);
  assert.equal(body.toString(), 'PURGE');
  const request = seen[0]!;
  assert.equal(request.method, 'PURGE');
  assert.equal(request.scheme, 'http');
  assert.equal(request.authority, 'example.org:8080');
  assert.equal(request.target, '/a%20b?c=d&%ff');
  assert.equal(request.body, undefined);
  const own = request.headers.filter(([name]) => !name.startsWith('spin-'));
  assert.deepEqual(own, [
    ['host', 'example.org:8080'],
    ['x-twice', '1'],
    ['x-twice', '2'],
    ['x-bytes', '\xe9'],
    ['cookie', 'a=1; b=2'],
  ]);
  const values = new Map(request.headers);
  assert.equal(values.get('spin-full-url'), 'http://example.org:8080/a%20b?c=d&%ff');
  assert.match(values.get('spin-client-addr') ?? '', /^127\.0\.0\.1:\d+$/);
});

test('with TLS both versions are spoken on one port, as the client chooses', async () => {
  const { port } = await serve(async ({ scheme }) => answer(scheme), {}, { certificates: [localhostFiles()] });
  const session = connect(`https://127.0.0.1:${port}`, { ca: certificate });
  sessions.push(session);
  assert.equal((await ask(session, { ':path': '/' })).body.toString(), 'https');
  assert.equal(session.alpnProtocol, 'h2');
  const { https } = await import('../../../host/node-http.ts');
  const request = https().request({ host: '127.0.0.1', port, ca: certificate, agent: false }).end();
  const [response] = await within(once(request, 'response'), 'an answer of HTTP/1.1');
  assert.equal(response.httpVersion, '1.1');
  response.destroy();
});

test('without TLS one port speaks both, by the first bytes of a connection', async () => {
  const { port } = await serveHttp2(echo);
  const body = randomBytes(100_000);
  const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body });
  assert.deepEqual(Buffer.from(await response.arrayBuffer()), body);
  assert.deepEqual((await ask(client(port), { ':method': 'POST' }, body)).body, body);
});

test('bodies of megabytes go both ways, and none of their bytes is lost or spoilt', async () => {
  const { port } = await serveHttp2(async ({ body }) => ({
    status: 200,
    headers: [],
    body: {
      read: () => body?.read(),
      cancel: () => body?.cancel(),
      // What was sent is overwritten at once, as a body of another request would do it.
      release: (chunk: Uint8Array) => void chunk.fill(0xaa),
    },
  }));
  const session = client(port);
  const bodies = [1, 65_535, 65_536, 3_000_000].map((size) => randomBytes(size));
  const digest = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');
  const answers = await Promise.all(bodies.map((body) => ask(session, { ':method': 'POST' }, body)));
  assert.deepEqual(
    answers.map(({ body }) => digest(body)),
    bodies.map(digest),
  );
});

test('answers: status, repeated fields, bytes beyond ASCII, length, HEAD, and no body where there is none', async () => {
  const { port } = await serveHttp2(async ({ target }) => {
    if (target === '/204') return { status: 204, headers: [], body: undefined };
    if (target === '/later') return { status: 200, headers: [], body: later('a', 'b') };
    return answer('hello', {
      status: 201,
      headers: [
        ['x', '1'],
        ['x', '2'],
        ['x-bytes', '\xe9'],
        ['connection', 'close'],
      ],
    });
  });
  const session = client(port);
  const { headers, raw, body } = await ask(session, { ':path': '/' });
  assert.equal(headers[':status'], 201);
  assert.equal(headers['content-length'], '5');
  assert.equal(headers.connection, undefined);
  assert.equal(headers['x-bytes'], '\xe9');
  assert.equal(raw.filter((text) => text === 'x').length, 2);
  assert.ok(headers.date);
  assert.equal(body.toString(), 'hello');
  const head = await ask(session, { ':path': '/', ':method': 'HEAD' });
  assert.equal(head.headers['content-length'], '5');
  assert.equal(head.body.length, 0);
  const none = await ask(session, { ':path': '/204' });
  assert.equal(none.headers[':status'], 204);
  assert.equal(none.headers['content-length'], undefined);
  const streamed = await ask(session, { ':path': '/later' });
  assert.equal(streamed.headers['content-length'], undefined);
  assert.equal(streamed.body.toString(), 'ab');
});

test('trailers travel in both directions', async () => {
  const { port } = await serveHttp2(async ({ body }) => ({
    status: 200,
    headers: [],
    body: {
      read: () => body?.read(),
      cancel: () => body?.cancel(),
      trailers: async () => [...((await body?.trailers?.()) ?? []), ['x-more', 'b'], ['content-length', '9']],
    },
  }));
  const stream = client(port).request({ ':method': 'POST' }, { waitForTrailers: true });
  stream.on('wantTrailers', () => stream.sendTrailers({ 'x-trailer': 'a' }));
  stream.end('body');
  const { body, trailers } = await within(answerTo(stream), 'an answer with trailers');
  assert.equal(body.toString(), 'body');
  assert.deepEqual(Object.entries(trailers), [
    ['x-trailer', 'a'],
    ['x-more', 'b'],
  ]);
});

test('what is no request is refused with the status of HTTP/1.1, and no guest sees it', async () => {
  const { port, seen } = await serveHttp2(hello, { headerCount: 10, headerBytes: 2000, targetBytes: 1000 });
  const session = client(port);
  const base = { ':path': '/', ':authority': 'a' };
  const statusOf = async (headers: OutgoingHttpHeaders | string[]): Promise<unknown> =>
    (await ask(session, headers)).headers[':status'];
  const many = (count: number): OutgoingHttpHeaders =>
    Object.fromEntries(Array.from({ length: count }, (_, at) => [`x-${at}`, 'v']));
  const cases: [string, OutgoingHttpHeaders | string[], number][] = [
    ['fields within the limit', { ...base, ...many(10) }, 200],
    ['one field too many', { ...base, ...many(11) }, 431],
    ['fields that are too long', { ...base, x: 'v'.repeat(2000) }, 431],
    ['a target that is too long', { ...base, ':path': `/${'v'.repeat(1000)}` }, 414],
    ['host and authority differ', { ...base, host: 'b' }, 400],
    ['host and authority agree', { ...base, host: 'A' }, 200],
    ['an authority that is no host', { ...base, ':authority': '[x]' }, 400],
    ['another scheme', { ...base, ':scheme': 'ftp' }, 400],
    ['an expectation that nobody knows', { ...base, expect: 'wonders' }, 417],
    ['a path outside of ASCII', { ...base, ':path': '/\xe9' }, 400],
  ];
  for (const [name, headers, status] of cases) assert.equal(await statusOf(headers).catch(String), status, name);
  const tunnel = session.request({ ':method': 'CONNECT', ':authority': 'a:1' });
  const [refused] = await within(once(tunnel, 'response'), 'an answer to CONNECT');
  assert.equal(refused[':status'], 404);
  assert.equal(seen.length, 2);
});

test('a client that waits to be told to continue is told when the guest reads', async () => {
  const { port } = await serveHttp2(async ({ body, target }) => {
    if (target === '/refuses') return answer('no');
    return answer(await textOf(body));
  });
  const session = client(port);
  const stream = session.request({ ':method': 'POST', expect: '100-continue' }, { endStream: false });
  await within(once(stream, 'continue'), 'the status 100');
  stream.end('body');
  assert.equal((await answerTo(stream)).body.toString(), 'body');
  const other = session.request({ ':method': 'POST', ':path': '/refuses', expect: '100-continue' });
  other.on('continue', () => assert.fail('told to continue'));
  assert.equal((await within(answerTo(other), 'an answer without the body')).body.toString(), 'no');
});

test('an answer before the end of the request stops the request, and the connection goes on', async () => {
  const { port } = await serveHttp2(async () => answer('early'));
  const session = client(port);
  const stream = session.request({ ':method': 'POST' });
  stream.on('error', () => undefined);
  stream.write('part');
  const [headers] = await within(once(stream, 'response'), 'an early answer');
  assert.equal(headers[':status'], 200);
  stream.resume();
  await within(once(stream, 'close'), 'the end of the stream');
  assert.equal(stream.rstCode, 0);
  assert.equal((await ask(session, { ':path': '/' })).body.toString(), 'early');
});

test('a guest that fails before its answer, and one that fails in it', async () => {
  const { port, lines } = await serveHttp2(async ({ target }) => {
    const body = later(...(target === '/late' ? ['part', new Error('broke')] : [new Error('broke')]));
    return { status: 200, headers: [], body };
  });
  const session = client(port);
  assert.equal((await ask(session, { ':path': '/early' })).headers[':status'], 500);
  await assert.rejects(ask(session, { ':path': '/late' }), /NGHTTP2_INTERNAL_ERROR/);
  assert.deepEqual(lines.slice(-2), [
    'Response to GET /early broke off: broke',
    'Response to GET /late broke off: broke',
  ]);
});

test('a client that breaks a request off aborts the signal and cancels the body, and others on its connection go on', async () => {
  const gone = Promise.withResolvers<void>();
  const body = endless();
  const { port } = await serveHttp2(async ({ target }, { signal }) => {
    if (target === '/waits') {
      signal?.addEventListener('abort', () => gone.resolve());
      return new Promise(() => undefined);
    }
    return target === '/endless' ? { status: 200, headers: [], body } : answer('hello');
  });
  const session = client(port);
  const waiting = session.request({ ':path': '/waits' });
  const loading = session.request({ ':path': '/endless' });
  await within(once(loading, 'data'), 'a part of the endless body');
  for (const stream of [waiting, loading]) stream.close(8);
  await within(gone.promise, 'the signal');
  await eventually(() => body.cancelled, 'the body is cancelled');
  assert.equal((await ask(session, { ':path': '/' })).body.toString(), 'hello');
});

test('a client that takes its body slowly makes the guest wait', async () => {
  const body = endless();
  const { port } = await serveHttp2(async () => ({ status: 200, headers: [], body }));
  const stream = client(port).request({ ':path': '/' });
  await within(once(stream, 'response'), 'a head');
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.ok(body.taken <= 1_000_000, `${body.taken} bytes`);
  stream.close(8);
});

test('stop: streams in flight and on their way are answered, the client is told, and the connection closes', async () => {
  const release = Promise.withResolvers<void>();
  const started = Promise.withResolvers<void>();
  const { port, server } = await serveHttp2(async ({ target }) => {
    if (target === '/busy') {
      started.resolve();
      await release.promise;
    }
    return answer(target);
  });
  const [idle, busy] = [client(port), client(port)];
  await ask(idle, { ':path': '/idle' });
  const asked = ask(busy, { ':path': '/busy' });
  await within(started.promise, 'the busy request');
  const told = Promise.all([idle, busy].map((session) => once(session, 'goaway')));
  const stopped = server.stop({ timeoutMs: 5_000 });
  await within(told, 'GOAWAY');
  await within(once(idle, 'close'), 'the end of the idle connection');
  release.resolve();
  assert.equal((await asked).body.toString(), '/busy');
  await within(stopped, 'the server stops');
  await assert.rejects(ask(client(port), { ':path': '/' }));
});

test('stop: what takes longer than its time is broken off', async () => {
  const { port, server } = await serveHttp2(() => new Promise(() => undefined));
  const stream = client(port).request({ ':path': '/' });
  stream.on('error', () => undefined);
  await new Promise((resolve) => setTimeout(resolve, 20));
  await within(server.stop({ timeoutMs: 50 }), 'the server stops');
});
