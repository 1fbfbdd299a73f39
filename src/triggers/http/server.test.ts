import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { after, test } from 'node:test';
import { MayflyError } from '../../errors.ts';
import type { ByteSource, HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { bytesBody } from './body.ts';
import { createHttpServer, type HttpServer, type HttpServerOptions } from './server.ts';
import { testLog, textOf, triggerOf } from './test-app.ts';
import { RawClient } from './test-client.ts';
import type { HttpHandler } from './trigger.ts';

const servers: HttpServer[] = [];
after(() => Promise.all(servers.map((server) => server.stop({ timeoutMs: 0 }))));

interface Served {
  port: number;
  server: HttpServer;
  lines: string[];
  seen: HttpRequest[];
}

async function serve(handler: HttpHandler, limits: HttpServerOptions['limits'] = {}): Promise<Served> {
  const log = testLog();
  const seen: HttpRequest[] = [];
  const trigger = triggerOf((request, context) => {
    seen.push(request);
    return handler(request, context);
  }, log);
  const server = createHttpServer({ trigger, limits });
  servers.push(server);
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, server, lines: log.lines, seen };
}

const answer = (text: string, parts: Partial<HttpResponse> = {}): HttpResponse => ({
  status: 200,
  headers: [],
  body: bytesBody(Buffer.from(text)),
  ...parts,
});
const hello: HttpHandler = async () => answer('hello');
const echo: HttpHandler = async ({ body }) => ({ status: 200, headers: [], body });

/** A body of chunks that come one by one; an Error among them breaks it. */
function later(...chunks: (string | Error)[]): ByteSource {
  return {
    async read() {
      await new Promise(setImmediate);
      const chunk = chunks.shift();
      if (chunk instanceof Error) throw chunk;
      return chunk === undefined ? undefined : Buffer.from(chunk);
    },
    cancel() {},
  };
}
const withoutDate = (head: string): string => head.replace(/\r\ndate: [^\r]*/i, '');

test('a response has what the guest set, its framing and the date, nothing else', async () => {
  const { port } = await serve(async () =>
    answer('hello', {
      headers: [
        ['x-a', '1'],
        ['x-a', '2'],
      ],
    }),
  );
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  const response = await client.response();
  assert.equal(withoutDate(response.head), 'HTTP/1.1 200 OK\r\nx-a: 1\r\nx-a: 2\r\ncontent-length: 5');
  assert.match(response.head, /\r\ndate: /i);
  assert.equal(response.body, 'hello');
  client.close();
});

test('an empty body has content-length 0', async () => {
  const { port } = await serve(async () => answer(''));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.equal(withoutDate((await client.response()).head), 'HTTP/1.1 200 OK\r\ncontent-length: 0');
  client.close();
});

test('a body that comes bit by bit is chunked, or has the length that was announced', async () => {
  const { port } = await serve(async ({ target }) => ({
    status: 200,
    headers: target === '/length' ? [['content-length', '6']] : [],
    body: later('abc', 'def'),
  }));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  const chunked = await client.response();
  assert.match(chunked.head, /transfer-encoding: chunked/i);
  assert.equal(chunked.body, 'abcdef');
  client.send('GET /length HTTP/1.1\r\nHost: h\r\n\r\n');
  const sized = await client.response();
  assert.equal(withoutDate(sized.head), 'HTTP/1.1 200 OK\r\ncontent-length: 6');
  assert.equal(sized.body, 'abcdef');
  client.close();
});

test('the head goes out while the body is not there yet', async () => {
  let finish = (): void => {};
  const body: ByteSource = {
    read: () => new Promise((resolve) => (finish = () => resolve(undefined))),
    cancel() {},
  };
  const { port } = await serve(async () => ({ status: 200, headers: [['x', 'y']], body }));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.match(await client.until('\r\n\r\n'), /x: y/);
  finish();
  assert.match(await client.until('0\r\n\r\n'), /0\r\n\r\n$/);
  client.close();
});

test('HEAD, 204 and 304 have no body and the right length', async () => {
  const { port } = await serve(async ({ target }) => answer('hello', { status: Number(target.slice(1)) }));
  const client = await RawClient.connect(port);
  client.send(
    'HEAD /200 HTTP/1.1\r\nHost: h\r\n\r\nGET /204 HTTP/1.1\r\nHost: h\r\n\r\nGET /304 HTTP/1.1\r\nHost: h\r\n\r\n',
  );
  client.send('GET /200 HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.match(await client.until('\r\n\r\n'), /^HTTP\/1.1 200 OK\r\ncontent-length: 5\r\n/);
  assert.doesNotMatch(await client.until('\r\n\r\n'), /content-length|transfer-encoding/i);
  assert.match(await client.until('\r\n\r\n'), /^HTTP\/1.1 304 .*\r\ncontent-length: 5\r\n/);
  assert.equal((await client.response()).body, 'hello');
  client.close();
});

test('a length that is not kept never passes as whole', async () => {
  const { port, lines } = await serve(async ({ target }) => ({
    status: 200,
    headers: [['content-length', '5']],
    body:
      target === '/none'
        ? undefined
        : target === '/whole'
          ? bytesBody(Buffer.from('abc'))
          : later('abc', target.slice(1)),
  }));
  for (const target of ['/none', '/whole']) {
    const client = await RawClient.connect(port);
    client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    assert.match((await client.response()).head, /^HTTP\/1.1 500 /, target);
    client.close();
  }
  for (const target of ['/defgh', '/d']) {
    const client = await RawClient.connect(port);
    client.send(`GET ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    const all = await client.end();
    assert.match(all, /^HTTP\/1.1 200 /);
    assert.ok(!all.endsWith('abcde'), all);
  }
  assert.equal(lines.length, 4);
});

test('a body that breaks: 500 before the head, a broken connection after it', async () => {
  const { port, lines } = await serve(async ({ target }) => ({
    status: 200,
    headers: [],
    body: target === '/early' ? later(new Error('lost')) : later('abc', new Error('lost')),
  }));
  const client = await RawClient.connect(port);
  client.send('GET /late HTTP/1.1\r\nHost: h\r\n\r\n');
  const all = await client.end();
  assert.match(all, /^HTTP\/1.1 200 /);
  assert.doesNotMatch(all, /0\r\n\r\n$/);
  assert.match(lines[0]!, /GET \/late broke off: lost/);
  const failing: ByteSource = {
    read() {
      throw new Error('lost');
    },
    cancel() {},
  };
  const early = await serve(async () => ({ status: 200, headers: [['x', 'y']], body: failing }));
  const second = await RawClient.connect(early.port);
  second.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
  assert.equal(withoutDate((await second.response()).head), 'HTTP/1.1 500 Internal Server Error\r\ncontent-length: 0');
  second.close();
});

test('HTTP/1.0 gets no chunks, and a connection that ends with the body; one that breaks is reset', async () => {
  const { port } = await serve(async ({ target }) => ({
    status: 200,
    headers: [],
    body: target === '/ok' ? later('abc', 'def') : later('abc', new Error('lost')),
  }));
  const client = await RawClient.connect(port);
  client.send('GET /ok HTTP/1.0\r\nHost: h\r\n\r\n');
  const all = await client.end();
  assert.doesNotMatch(all, /chunked/i);
  assert.match(all, /\r\n\r\nabcdef$/);
  const broken = await RawClient.connect(port);
  broken.send('GET /broken HTTP/1.0\r\nHost: h\r\n\r\n');
  await assert.rejects(broken.end(), /ECONNRESET/);
});

test('trailers in both directions', async () => {
  const { port, seen } = await serve(async ({ body }) => {
    const text = await textOf(body);
    const trailers = await body?.trailers?.();
    return answer(text, { body: { ...later(text), trailers: () => trailers } });
  });
  const client = await RawClient.connect(port);
  client.send(
    'POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n3\r\nabc\r\n0\r\nX-Sum: 9\r\n\r\n',
  );
  const all = await client.until('x-sum: 9\r\n\r\n');
  assert.match(all, /3\r\nabc\r\n0\r\nx-sum: 9\r\n\r\n$/);
  assert.equal(seen[0]?.body?.length, undefined);
  client.close();
});

test('100 Continue is sent when the guest reads, and only then', async () => {
  const { port } = await serve(async ({ target, body }) => answer(target === '/read' ? await textOf(body) : 'no'));
  const client = await RawClient.connect(port);
  client.send('POST /read HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n');
  assert.equal(await client.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
  client.send('abc');
  assert.equal((await client.response()).body, 'abc');
  client.send('POST /skip HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\nExpect: 100-continue\r\n\r\n');
  const refused = await client.end();
  assert.match(refused, /^HTTP\/1.1 200 OK\r\n/);
  assert.match(refused, /connection: close/i);
});

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

test('a flood of pipelined requests ends with the connection, not with the memory', async () => {
  const { port, seen } = await serve(() => new Promise(() => {}));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n'.repeat(5000));
  await client.end().catch(() => {});
  assert.ok(seen.length <= 100, `${seen.length} requests`);
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

test('the absolute form has to agree with the host', async () => {
  const { port, seen } = await serve(async () => answer(''));
  for (const [target, host, status] of [
    ['http://h/x?y', 'h', 200],
    ['http://H', 'h', 200],
    ['http://other/x', 'h', 400],
    ['ftp://h/x', 'h', 400],
    ['/x#fragment', 'h', 400],
  ] as const) {
    const client = await RawClient.connect(port);
    client.send(`GET ${target} HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    assert.match((await client.response()).head, new RegExp(`^HTTP/1.1 ${status} `), target);
    client.close();
  }
  assert.deepEqual(
    seen.map(({ target }) => target),
    ['/x?y', '/'],
  );
});

test('what is no clean HTTP is refused, and no guest sees it', async () => {
  const { port, seen } = await serve(hello);
  const bad: [string, string][] = [
    ['no host', 'GET / HTTP/1.1\r\n\r\n'],
    ['no host in 1.0', 'GET / HTTP/1.0\r\n\r\n'],
    ['two hosts', 'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'],
    ['host is no authority', 'GET / HTTP/1.1\r\nHost: a/b\r\n\r\n'],
    ['host with user', 'GET / HTTP/1.1\r\nHost: u@b\r\n\r\n'],
    ['bare CR between headers', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\rb\r\n\r\n'],
    ['bare CR at the end', 'GET / HTTP/1.1\r\nHost: a\r\n\rGET /x HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['space before the colon', 'GET / HTTP/1.1\r\nHost: a\r\nContent-Length : 5\r\n\r\nhello'],
    ['line folding', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\r\n b: c\r\n\r\n'],
    [
      'length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello!'],
    ['length is no number', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: +5\r\n\r\nhello'],
    ['unknown coding', 'POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n'],
    ['NUL in a value', 'GET / HTTP/1.1\r\nHost: a\r\nX: a\0b\r\n\r\n'],
    ['bytes outside ASCII in the target', 'GET /\xe9 HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['space in the target', 'GET /a b HTTP/1.1\r\nHost: a\r\n\r\n'],
    ['no such version', 'GET / HTTP/3.1\r\nHost: a\r\n\r\n'],
    ['no HTTP', 'hello there\r\n\r\n'],
  ];
  for (const [name, text] of bad) {
    const client = await RawClient.connect(port);
    client.send(text);
    const all = await client.end();
    assert.match(all, /^HTTP\/1.1 400 /, name);
    assert.doesNotMatch(all, /hello$/, name);
  }
  const late = await RawClient.connect(port);
  late.send('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n');
  await late.end();
  assert.equal(seen.filter(({ body }) => body === undefined).length, 0);
});

test('too many or too large headers: 431', async () => {
  const { port, seen } = await serve(hello, { headerCount: 10, headerBytes: 2000 });
  const many = Array.from({ length: 10 }, (_, at) => `x-${at}: v\r\n`);
  for (const [headers, status] of [
    [many.slice(0, 9).join(''), 200],
    [many.join(''), 431],
    ['x: v\r\n'.repeat(300), 431],
    [`x: ${'v'.repeat(3000)}\r\n`, 431],
  ] as const) {
    const client = await RawClient.connect(port);
    client.send(`GET / HTTP/1.1\r\nHost: a\r\n${headers}\r\n`);
    assert.match((await client.response()).head, new RegExp(`^HTTP/1.1 ${status} `));
    client.close();
  }
  assert.equal(seen.length, 1);
});

test('a head that never ends is cut off', async () => {
  const { port } = await serve(hello, { headerMs: 100 });
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\nX: ');
  assert.match(await client.end(), /^(HTTP\/1.1 408 |$)/);
});

test('a body that stalls fails for the guest, one that nobody takes is cut off', async () => {
  const failure = Promise.withResolvers<unknown>();
  const download = endless();
  const { port } = await serve(
    async ({ method, body }) => {
      if (method === 'GET') return { status: 200, headers: [], body: download };
      await textOf(body).catch(failure.resolve);
      return answer('stalled');
    },
    { bodyIdleMs: 50, writeIdleMs: 50, lingerMs: 50 },
  );
  const upload = await RawClient.connect(port);
  upload.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  assert.match(String(await failure.promise), /no bytes came for 50 ms/);
  assert.equal((await upload.response()).body, 'stalled');
  assert.equal(await upload.end(), '');
  const client = await RawClient.connect(port, { paused: true });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  while (!download.cancelled) await new Promise((resolve) => setTimeout(resolve, 5));
  client.close();
});

function endless(): ByteSource & { cancelled: boolean; taken: number } {
  const chunk = Buffer.alloc(65_536, 'x');
  return {
    cancelled: false,
    taken: 0,
    read() {
      this.taken += chunk.length;
      return chunk;
    },
    cancel() {
      this.cancelled = true;
    },
  };
}

test('a client that goes away aborts the signal and cancels the body', async () => {
  for (const reset of [false, true]) {
    const gone = Promise.withResolvers<void>();
    const body = endless();
    const { port } = await serve(async ({ target }, { signal }) => {
      signal!.addEventListener('abort', () => gone.resolve());
      return target === '/wait' ? new Promise(() => {}) : { status: 200, headers: [], body };
    });
    const waiting = await RawClient.connect(port);
    waiting.send('GET /wait HTTP/1.1\r\nHost: a\r\n\r\n');
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (reset) waiting.reset();
    else waiting.close();
    await gone.promise;
    const reading = await RawClient.connect(port);
    reading.send('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n');
    await reading.until('\r\n\r\n');
    if (reset) reading.reset();
    else reading.close();
    while (!body.cancelled) await new Promise((resolve) => setTimeout(resolve, 5));
  }
});

test('a client that closes its side only is taken for gone', async () => {
  const gone = Promise.withResolvers<void>();
  const { port } = await serve((_, { signal }) => {
    signal!.addEventListener('abort', () => gone.resolve());
    return new Promise(() => {});
  });
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  client.halfClose();
  await gone.promise;
  await client.end();
});

test('a client that goes away in the middle of its body fails the body', async () => {
  const failed = Promise.withResolvers<unknown>();
  const { port } = await serve(async ({ body }) => {
    await textOf(body).catch(failed.resolve);
    return answer('');
  });
  const client = await RawClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc');
  await new Promise((resolve) => setTimeout(resolve, 20));
  client.reset();
  assert.match(String(await failed.promise), /went away in the middle/);
});

test('a request body that the guest leaves is thrown away for a while, then the connection closes', async () => {
  const { port } = await serve(hello, { lingerMs: 100 });
  const small = await RawClient.connect(port);
  small.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\n');
  assert.equal((await small.response()).body, 'hello');
  small.send('abcGET / HTTP/1.1\r\nHost: a\r\n\r\n');
  assert.equal((await small.response()).body, 'hello');
  small.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc');
  assert.equal((await small.response()).body, 'hello');
  await small.end();
});

/** Sends `size` bytes and counts what comes back; `progress` hears of every step of both. */
function roundTrip(port: number, size: number, progress: (sent: number, got: number) => void): Promise<number> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ host: '127.0.0.1', port, method: 'POST', agent: false });
    const chunk = Buffer.alloc(65_536, 'x');
    let sent = 0;
    let got = 0;
    request.on('error', reject);
    request.on('response', (response: IncomingMessage) => {
      response.on('data', (data: Buffer) => {
        got += data.length;
        progress(sent, got);
      });
      response.on('end', () => resolve(got));
      response.on('error', reject);
    });
    const push = (): void => {
      while (sent < size) {
        sent += chunk.length;
        progress(sent, got);
        if (!request.write(chunk)) {
          request.once('drain', push);
          return;
        }
      }
      request.end();
    };
    push();
  });
}

test('64 MB go through both ways at once, with little under way', async () => {
  const { port } = await serve(echo);
  const size = 64 * 1024 * 1024;
  let most = 0;
  const got = await roundTrip(port, size, (sent, back) => {
    most = Math.max(most, sent - back);
  });
  assert.equal(got, size);
  assert.ok(most < size / 4, `${most} bytes under way`);
});

test('a client that does not read holds the guest back', async () => {
  const body = endless();
  const { port } = await serve(async () => ({ status: 200, headers: [], body }));
  const client = await RawClient.connect(port, { paused: true });
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  let taken = -1;
  while (body.taken !== taken) {
    taken = body.taken;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  assert.ok(taken > 0 && taken < 64 * 1024 * 1024, `${taken} bytes taken`);
  client.close();
});

test('a guest that does not read holds the client back', async () => {
  const { port } = await serve(() => new Promise(() => {}));
  const client = await RawClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000000\r\n\r\n');
  let sent = 0;
  while (client.send(Buffer.alloc(65_536)) && sent < 1e9) sent += 65_536;
  while (client.waiting > 0 && sent < 64e6) {
    const before = client.waiting;
    await new Promise((resolve) => setTimeout(resolve, 20));
    if (client.waiting === before) break;
  }
  assert.ok(client.waiting > 0);
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
  await started.promise;
  const stopped = server.stop({ timeoutMs: 5_000 });
  await idle.end();
  await assert.rejects(RawClient.connect(port), /ECONNREFUSED/);
  release.resolve();
  const last = await busy.end();
  assert.match(last, /connection: close/i);
  assert.match(last, /done$/);
  await stopped;
});

test('stop: what takes longer than its time is broken off', async () => {
  const { port, server } = await serve(() => new Promise(() => {}));
  const client = await RawClient.connect(port);
  client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await new Promise((resolve) => setTimeout(resolve, 20));
  await server.stop({ timeoutMs: 50 });
  assert.equal(await client.end().catch(() => ''), '');
});

test('a port that is taken: an error that names it', async () => {
  const { port } = await serve(hello);
  const second = createHttpServer({ trigger: triggerOf(hello) });
  await assert.rejects(
    second.listen({ host: '127.0.0.1', port }),
    (error) =>
      error instanceof MayflyError && error.code === 'listen-failed' && error.message.includes(`127.0.0.1:${port}`),
  );
});
