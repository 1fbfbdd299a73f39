// Heads of requests: what a request is for, which are refused with which status, and what the guest gets to see.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HttpRequest } from '../../host/http-message.ts';
import { textOf } from './app.test-kit.ts';
import { RawClient } from './client.test-kit.ts';
import { answer, hello, type Served, serve } from './server.test-kit.ts';

/** The status line of the first answer, and the request that the guest saw. */
async function ask(served: Served, text: string): Promise<{ status: number; seen: HttpRequest | undefined }> {
  served.seen.length = 0;
  const client = await RawClient.connect(served.port);
  client.send(text);
  const head = await client.until('\r\n\r\n');
  client.close();
  return { status: Number(/^HTTP\/1\.1 (\d+) /.exec(head)?.[1]), seen: served.seen[0] };
}

const hostOf = (request: HttpRequest | undefined): string | undefined =>
  request?.headers.find(([name]) => name === 'host')?.[1];

test('the host of an absolute target takes the place of the header, a fragment is left out', async () => {
  const served = await serve(hello);
  for (const [target, host, authority, path] of [
    ['http://h/x?y', 'h', 'h', '/x?y'],
    ['http://H', 'h', 'H', '/'],
    ['HTTP://h?q', 'h', 'h', '/?q'],
    ['http://other:81/x', 'h', 'other:81', '/x'],
    ['https://other/x', '', 'other', '/x'],
    ['http://h/x#f', 'h', 'h', '/x'],
    ['/x#fragment', 'h', 'h', '/x'],
    ['/x?y#f?z#g', 'h', 'h', '/x?y'],
    ['//x', 'h', 'h', '//x'],
  ] as const) {
    const { status, seen } = await ask(served, `GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.equal(status, 200, target);
    assert.deepEqual([seen?.authority, seen?.target], [authority, path], target);
    assert.equal(hostOf(seen)?.toLowerCase(), authority.toLowerCase(), target);
    assert.equal(seen?.scheme, 'http', target);
  }
});

test('a target that names no host, or none that is one, is refused', async () => {
  const served = await serve(hello);
  for (const head of [
    'GET ftp://h/x HTTP/1.1\r\nHost: h',
    'GET http:///x HTTP/1.1\r\nHost: h',
    'GET http://:80/x HTTP/1.1\r\nHost: h',
    'GET http://u:p@h/x HTTP/1.1\r\nHost: h',
    'GET http://h/x HTTP/1.1',
    'GET http://h/x HTTP/1.1\r\nHost: a/b',
    'GET http://h/x HTTP/1.1\r\nHost: h\r\nHost: h',
    'GET h:80 HTTP/1.1\r\nHost: h',
    'GET * HTTP/1.1\r\nHost: h',
    'GET / HTTP/1.1\r\nHost:',
    'GET / HTTP/1.1\r\nHost: :80',
  ]) {
    const { status, seen } = await ask(served, `${head}\r\n\r\n`);
    assert.deepEqual([status, seen], [400, undefined], head);
  }
  assert.equal((await ask(served, 'OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n')).seen?.target, '*');
});

test('OPTIONS may be for all of the server, or for a target like others', async () => {
  const served = await serve(hello);
  for (const [target, status, path] of [
    ['*', 200, '*'],
    ['/x', 200, '/x'],
    ['http://h/x', 200, '/x'],
    ['http://h', 200, '/'],
    ['**', 400, undefined],
    ['h:80', 400, undefined],
  ] as const) {
    const found = await ask(served, `OPTIONS ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    assert.deepEqual([found.status, found.seen?.target], [status, path], target);
  }
});

test('as many headers as the limit says, and as many bytes of names and values', async () => {
  const served = await serve(hello, { headerCount: 3, headerBytes: 50 });
  const head = (...lines: string[]): string => `GET / HTTP/1.1\r\nHost: h\r\n${lines.join('\r\n')}\r\n\r\n`;
  for (const [text, status] of [
    [head('a: 1', 'b: 2'), 200],
    [head('a: 1', 'b: 2', 'c: 3'), 431],
    // `host` and `h` are 5 of the 50.
    [head(`x: ${'v'.repeat(44)}`), 200],
    [head(`x: ${'v'.repeat(45)}`), 431],
  ] as const) {
    assert.equal((await ask(served, text)).status, status, text);
  }
});

test('HTTP/1.0 needs no host: the authority is the address that the client came to', async () => {
  const served = await serve(hello);
  for (const head of ['GET /x HTTP/1.0', 'GET /x HTTP/1.0\r\nHost:', 'POST /x HTTP/1.0\r\nContent-Length: 0']) {
    const { status, seen } = await ask(served, `${head}\r\n\r\n`);
    assert.equal(status, 200, head);
    assert.equal(seen?.authority, `127.0.0.1:${served.port}`, head);
    assert.equal(hostOf(seen), head.endsWith('Host:') ? '' : undefined, 'the header stays as it was');
  }
  assert.equal((await ask(served, 'GET /x HTTP/1.0\r\nHost: h\r\n\r\n')).seen?.authority, 'h');
  assert.equal((await ask(served, 'GET http://h/x HTTP/1.0\r\n\r\n')).seen?.authority, 'h');
  assert.equal((await ask(served, 'GET /x HTTP/1.0\r\nHost: a b\r\n\r\n')).status, 400);
});

test('a health check of HTTP/1.0 without a host is answered', async () => {
  const served = await serve(hello);
  const client = await RawClient.connect(served.port);
  client.send('GET /.well-known/spin/health HTTP/1.0\r\n\r\n');
  assert.match(await client.end(), /^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nOK$/);
});

test('other versions than 1.0 and 1.1 are refused', async () => {
  const served = await serve(hello);
  for (const line of ['GET / HTTP/2.0', 'GET / HTTP/0.9', 'GET / HTTP/1.2', 'GET / HTTP/3.1', 'GET /']) {
    const { status, seen } = await ask(served, `${line}\r\nHost: h\r\n\r\n`);
    assert.deepEqual([status, seen], [400, undefined], line);
  }
});

test('a method that Node does not know is 501, what is no request line 400', async () => {
  const served = await serve(hello);
  for (const [line, wanted] of [
    ['FOO /info HTTP/1.1', 501],
    ['get / HTTP/1.1', 501],
    ['GETX / HTTP/1.0', 501],
    ['hello there', 400],
    ['F(O / HTTP/1.1', 400],
  ] as const) {
    const { status, seen } = await ask(served, `${line}\r\nHost: h\r\nConnection: close\r\n\r\n`);
    assert.deepEqual([status, seen], [wanted, undefined], line);
  }
});

test('a target beyond its limit is 414, headers beyond theirs 431', async () => {
  const served = await serve(async ({ target }) => answer(String(target.length)), {
    targetBytes: 1000,
    headerBytes: 2000,
  });
  const target = (length: number): string => `GET /${'x'.repeat(length - 1)} HTTP/1.1\r\nHost: h\r\n\r\n`;
  const header = (length: number): string => `GET / HTTP/1.1\r\nHost: h\r\nx: ${'v'.repeat(length)}\r\n\r\n`;
  for (const [text, wanted] of [
    [target(1000), 200],
    [target(1001), 414],
    [target(10_000), 414],
    [target(300_000), 414],
    [header(1900), 200],
    [header(2000), 431],
    [header(10_000), 431],
    [`GET /${'x'.repeat(900)} HTTP/1.1\r\nHost: h\r\nx: ${'v'.repeat(1900)}\r\n\r\n`, 200],
  ] as const) {
    const { status } = await ask(served, text);
    assert.equal(status, wanted, `${text.slice(0, 30)}, ${text.length} bytes`);
  }
});

test('a client that still sends gets the refusal all the same', async () => {
  const served = await serve(hello, { targetBytes: 1000, headerBytes: 1000 });
  const client = await RawClient.connect(served.port);
  client.send(`GET /${'x'.repeat(500_000)} HTTP/1.1\r\nHost: h\r\n\r\n`);
  const all = await client.end();
  assert.match(all, /^HTTP\/1\.1 414 .*\r\ncontent-length: 0\r\ndate: .*\r\nconnection: close\r\n\r\n$/s);
});

test('codings other than chunked are 501, and 400 where the end of the body cannot be told', async () => {
  const served = await serve(async ({ body }) => answer(await textOf(body)));
  const post = (version: string, ...codings: string[]): string =>
    `POST / ${version}\r\nHost: h\r\n${codings.map((coding) => `Transfer-Encoding: ${coding}\r\n`).join('')}\r\n0\r\n\r\n`;
  for (const [wanted, ...codings] of [
    [200, 'chunked'],
    [200, 'Chunked'],
    [200, ', chunked'],
    [501, 'gzip, chunked'],
    [501, 'identity, chunked'],
    [501, 'gzip', 'chunked'],
    [501, 'foo;q="a, b", chunked'],
    [400, 'gzip'],
    [400, 'identity'],
    [400, 'xchunked'],
    [400, 'chunked;q=1'],
    [400, 'chunked, gzip'],
    [400, 'chunked, chunked'],
    [400, 'chunked', 'chunked'],
    [400, ''],
  ] as const) {
    const { status, seen } = await ask(served, post('HTTP/1.1', ...codings));
    assert.equal(status, wanted, codings.join(' | '));
    assert.equal(seen !== undefined, wanted === 200, codings.join(' | '));
  }
  assert.equal((await ask(served, post('HTTP/1.0', 'chunked'))).status, 400);
});

test('a content-length beyond what can be counted is 413', async () => {
  const served = await serve(hello);
  const { status, seen } = await ask(served, 'POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9007199254740993\r\n\r\n');
  assert.deepEqual([status, seen], [413, undefined]);
});

test('expectations: one is known, an empty one is none, others are 417, and HTTP/1.0 has none', async () => {
  const served = await serve(async ({ body }) => answer(await textOf(body)));
  const post = (version: string, expect: string): string =>
    `POST / ${version}\r\nHost: h\r\nContent-Length: 3\r\nExpect: ${expect}\r\n\r\nabc`;
  assert.equal((await ask(served, post('HTTP/1.1', '100-Continue'))).status, 100);
  assert.equal((await ask(served, post('HTTP/1.1', ''))).status, 200);
  for (const expect of ['foo', '100-continue, foo', '200-ok', 'x100-continue']) {
    const { status, seen } = await ask(served, post('HTTP/1.1', expect));
    assert.deepEqual([status, seen], [417, undefined], expect);
  }
  for (const expect of ['100-continue', 'foo']) {
    assert.equal((await ask(served, post('HTTP/1.0', expect))).status, 200, expect);
  }
});

test('trailers count as headers do', async () => {
  const served = await serve(
    async ({ body }) => {
      await textOf(body);
      return answer(String((await body?.trailers?.())?.length));
    },
    { headerBytes: 1000, targetBytes: 5000 },
  );
  const post = (value: string): string =>
    `POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nx: ${value}\r\n\r\n`;
  assert.equal((await ask(served, post('v'.repeat(900)))).status, 200);
  assert.equal((await ask(served, post('v'.repeat(1100)))).status, 500);
  assert.match(served.lines.join('\n'), /^POST \/ failed$/);
});
