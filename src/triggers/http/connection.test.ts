// How connections end: by what is no request, by what is the last one, by a client that closes its side.
import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { test } from 'node:test';
import { textOf } from './app.test-kit.ts';
import { RawClient } from './client.test-kit.ts';
import type { HttpHandler } from './dispatcher.ts';
import { answer, hello, later, serve } from './server.test-kit.ts';
import { eventually, within } from './wait.test-kit.ts';

const get = (path: string, ...headers: string[]): string =>
  `GET ${path} HTTP/1.1\r\nHost: h\r\n${headers.map((header) => `${header}\r\n`).join('')}\r\n`;

/** `/slow` takes its time; every answer is the path, and the body behind it. */
const echoPath: HttpHandler = async ({ target, body }) => {
  if (target.startsWith('/slow')) await new Promise((resolve) => setTimeout(resolve, 50));
  return answer(`${target}${await textOf(body)}`);
};

/** The statuses of all answers, and their bodies. */
function answersIn(text: string): string[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d+) [\s\S]*?\r\n\r\n(?=(?:(.*?)(?:HTTP\/1\.1 |$)))/g)].map(
    ([, status, body]) => `${status} ${body}`.trim(),
  );
}

async function talk(port: number, ...parts: string[]): Promise<string[]> {
  const client = await RawClient.connect(port);
  for (const part of parts) {
    client.send(part);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return answersIn(await client.end());
}

test('what follows a request and is none does not take its answer', async () => {
  const { port, seen } = await serve(echoPath);
  for (const [follows, status] of [
    ['hello there\r\n\r\n', '400'],
    ['FOO / HTTP/1.1\r\n\r\n', '501'],
    ['\0', '400'],
    [get('/x', 'a b: c'), '400'],
    [`GET /${'x'.repeat(200_000)} HTTP/1.1\r\nHost: h\r\n\r\n`, '414'],
    ['CONNECT h:80 HTTP/1.1\r\nHost: h\r\n\r\n', '404'],
  ] as const) {
    seen.length = 0;
    assert.deepEqual(await talk(port, get('/slow1') + get('/2') + follows), ['200 /slow1', '200 /2', status], follows);
    assert.deepEqual(await talk(port, get('/slow'), follows, follows), ['200 /slow', status], follows);
    assert.deepEqual(await talk(port, get('/fast'), follows), ['200 /fast', status], follows);
  }
});

test('bytes behind the last request of a connection are not read', async () => {
  const { port, seen } = await serve(echoPath);
  const last = get('/last', 'Connection: close');
  assert.deepEqual(await talk(port, get('/slow') + last + get('/more')), ['200 /slow', '200 /last']);
  assert.deepEqual(await talk(port, last, get('/more')), ['200 /last']);
  assert.deepEqual(await talk(port, `GET /old HTTP/1.0\r\n\r\n${get('/more')}`), ['200 /old']);
  const waits = get('/waits', 'Expect: 100-continue');
  assert.deepEqual(await talk(port, waits + get('/more')), ['200 /waits']);
  assert.ok(!seen.some(({ target }) => target === '/more'));
});

test('a request that is refused is the last of its connection', async () => {
  const { port, seen } = await serve(echoPath);
  const twoHosts = 'GET /bad HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n';
  assert.deepEqual(await talk(port, get('/slow') + twoHosts + get('/more')), ['200 /slow', '400']);
  assert.deepEqual(await talk(port, get('/slow') + twoHosts, get('/more')), ['200 /slow', '400']);
  assert.ok(!seen.some(({ target }) => target === '/more'));
});

test('a request to change the protocol is answered, says that it is the last, and nothing behind it is a request', async () => {
  const { port, seen } = await serve(echoPath);
  const upgrade = ['Connection: keep-alive, Upgrade', 'Upgrade: h2c'];
  const post = (framing: string, body: string): string => {
    const fields = [...upgrade, framing].map((field) => `${field}\r\n`).join('');
    return `POST /slow HTTP/1.1\r\nHost: h\r\n${fields}\r\n${body}`;
  };
  for (const first of [
    get('/slow', ...upgrade),
    post('Content-Length: 3', 'abc'),
    post('Transfer-Encoding: chunked', '3\r\nabc\r\n0\r\n\r\n'),
  ]) {
    for (const parts of [
      [first + get('/more')],
      [first, get('/more')],
      [first + get('/more').slice(0, 9), get('/more').slice(9)],
    ]) {
      seen.length = 0;
      const client = await RawClient.connect(port);
      for (const part of parts) {
        client.send(part);
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      const all = await client.end();
      assert.match(all, /^HTTP\/1\.1 200 OK\r\n[\s\S]*connection: close\r\n[\s\S]*\/slow(?:abc)?$/i, first);
      assert.equal(seen.length, 1, first);
    }
  }
  assert.deepEqual(await talk(port, get('/1', 'Connection: upgrade') + get('/2', 'Connection: close')), [
    '200 /1',
    '200 /2',
  ]);
});

test('CONNECT is answered, and what follows is thrown away', async () => {
  const { port, seen } = await serve(echoPath);
  const connectTo = (path: string, body = ''): string =>
    `CONNECT ${path} HTTP/1.1\r\nHost: h:80\r\n${body && `Content-Length: ${body.length}\r\n`}\r\n${body}`;
  for (const parts of [
    [connectTo('h:80')],
    [connectTo('/')],
    [connectTo('h:80', 'abc') + get('/more')],
    [connectTo('h:80'), get('/more'), 'x'.repeat(100_000)],
  ]) {
    assert.deepEqual(await talk(port, ...parts), ['404'], parts.join());
  }
  assert.equal(seen.length, 0);
});

test('a tunnel that breaks takes nothing with it', async () => {
  const { port } = await serve(echoPath);
  for (let i = 0; i < 5; i++) {
    const client = await RawClient.connect(port, { paused: true });
    client.send(`CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n${'x'.repeat(200_000)}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
    client.reset();
  }
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.deepEqual(await talk(port, get('/still', 'Connection: close')), ['200 /still']);
});

test('a body that is none is refused, ends its guest, and leaves the answers before it alone', async () => {
  let ended = 0;
  const { port } = await serve(async (request, context) => {
    if (request.target !== '/body') return echoPath(request, context);
    await new Promise((resolve) => context.signal?.addEventListener('abort', resolve));
    ended++;
    throw new Error('aborted');
  });
  const body = 'POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n';
  assert.deepEqual(await talk(port, get('/slow') + body), ['200 /slow', '400']);
  assert.deepEqual(await talk(port, body), ['400']);
  const extension = `POST /body HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3;${'x'.repeat(100_000)}`;
  assert.deepEqual(await talk(port, extension), ['413']);
  await eventually(() => ended === 3, 'the guests of the broken bodies are told');
});

test('a body that breaks once its answer has begun breaks the connection', async () => {
  const { port } = await serve(async ({ body }) => ({
    status: 200,
    headers: [],
    body: { ...later('abc'), read: async () => body!.read() },
  }));
  const client = await RawClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n');
  await client.until('abc\r\n');
  client.send('zz\r\n');
  assert.doesNotMatch(await client.end(), /HTTP\/1\.1|0\r\n\r\n$/);
});

test('an answer that breaks before its turn leaves those before it alone, and ends the connection in its turn', async () => {
  const { port } = await serve(async (request, context) => {
    if (request.target !== '/broken') return echoPath(request, context);
    return { status: 200, headers: [], body: later('abc', new Error('lost')) };
  });
  for (const version of ['HTTP/1.1', 'HTTP/1.0\r\nConnection: keep-alive']) {
    const ask = (path: string): string => get(path).replace('HTTP/1.1', version);
    const client = await RawClient.connect(port);
    client.send(ask('/slow1') + ask('/broken') + ask('/3'));
    assert.equal((await client.response()).body, '/slow1');
    const rest = await client.end().catch((error: NodeJS.ErrnoException) => error.code ?? '');
    assert.doesNotMatch(rest, /0\r\n\r\n$|\/3/, version);
  }
  const paused = halfClosed(port, get('/slow1') + get('/broken'));
  assert.doesNotMatch(await paused, /0\r\n\r\n$/);
});

/** Sends, closes its side, and reads to the end. */
function halfClosed(port: number, text: string): Promise<string> {
  const ended = new Promise<string>((resolve, reject) => {
    let all = '';
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.setEncoding('latin1').on('data', (part: string) => {
      all += part;
    });
    socket.on('end', () => socket.destroy()).on('error', reject);
    socket.on('close', () => resolve(all));
    socket.end(text, 'latin1');
  });
  return within(ended, 'the end of a connection that the client had half closed');
}

test('a client that closes its side gets the answers that it waits for, whole', async () => {
  const size = 3_000_000;
  const { port } = await serve(async (request, context) => {
    if (request.target === '/large') return answer('x'.repeat(size));
    if (request.target !== '/pieces') return echoPath(request, context);
    return { status: 200, headers: [], body: later(...Array.from({ length: 30 }, () => 'y'.repeat(size / 30))) };
  });
  assert.deepEqual(answersIn(await halfClosed(port, get('/slow1') + get('/2') + get('/slow3'))), [
    '200 /slow1',
    '200 /2',
    '200 /slow3',
  ]);
  assert.match(await halfClosed(port, get('/slow')), /connection: close/i);
  assert.match(await halfClosed(port, 'GET /slow HTTP/1.0\r\n\r\n'), /\/slow$/);
  assert.ok((await halfClosed(port, get('/large'))).length > size);
  const pieces = await halfClosed(port, get('/pieces'));
  assert.ok(pieces.length > size && pieces.endsWith('\r\n0\r\n\r\n'), `${pieces.length} bytes`);
  assert.equal(await halfClosed(port, ''), '');
  assert.deepEqual(answersIn(await halfClosed(port, `${get('/slow')}GET /cut HT`)), ['200 /slow', '400']);
});

test('a client that closed its side is told that its answer is the last, though it was to be told to continue first', async () => {
  const closed = Promise.withResolvers<void>();
  const { port } = await serve(async ({ body }) => {
    await closed.promise;
    return answer(await textOf(body));
  });
  const client = await RawClient.connect(port);
  client.send('POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\nabc');
  client.halfClose();
  await new Promise((resolve) => setTimeout(resolve, 50));
  closed.resolve();
  const text = await client.end();
  assert.match(
    text,
    /^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK\r\n[\s\S]*connection: close[\s\S]*\r\n\r\nabc$/i,
  );
});

test('a client that closed its side and is sent nothing for a while counts as gone', async () => {
  const gone = Promise.withResolvers<void>();
  const { port } = await serve(
    (_, { signal }) => {
      signal!.addEventListener('abort', () => gone.resolve());
      return new Promise(() => {});
    },
    { halfClosedMs: 50 },
  );
  assert.equal(await halfClosed(port, get('/')), '');
  await within(gone.promise, 'the signal of the client that is gone');
});

test('pipelined requests in flight are all answered when the server stops', async () => {
  const { port, server } = await serve(echoPath);
  const client = await RawClient.connect(port);
  client.send(get('/slow1') + get('/2') + get('/slow3'));
  await new Promise((resolve) => setTimeout(resolve, 10));
  const stopped = server.stop({ timeoutMs: 5_000 });
  assert.deepEqual(answersIn(await client.end()), ['200 /slow1', '200 /2', '200 /slow3']);
  await within(stopped, 'the server stops');
});

test('a head that came too late is answered with 408 in its turn, and is no request when its rest comes', async () => {
  const slow = Promise.withResolvers<void>();
  const { port, seen } = await serve(
    async ({ target }) => {
      await slow.promise;
      return answer(target);
    },
    { headerMs: 50 },
  );
  const client = await RawClient.connect(port);
  client.send(`${get('/slow')}GET /late HTTP/1.1\r\nHost: h\r\n`);
  await new Promise((resolve) => setTimeout(resolve, 400));
  client.send('\r\n');
  await new Promise((resolve) => setTimeout(resolve, 50));
  slow.resolve();
  assert.deepEqual(answersIn(await client.end()), ['200 /slow', '408']);
  assert.deepEqual(
    seen.map(({ target }) => target),
    ['/slow'],
  );
});

test('whoever sends on and on after the end is cut off', async () => {
  const { port } = await serve(hello, { lingerMs: 60_000 });
  const client = await RawClient.connect(port);
  client.send('no request\r\n\r\n');
  await client.until('\r\n\r\n');
  const ended = client.end().catch(() => '');
  for (let sent = 0; sent < 100; sent++) {
    client.send(Buffer.alloc(65_536, 'x'));
    await new Promise(setImmediate);
  }
  await ended;
});

test('whatever comes in whatever order, a client that closes its side is left by the server, too', async () => {
  const { port } = await serve(
    async (request, context) => {
      if (request.target === '/skip') return answer('skipped');
      if (request.target !== '/broken') return echoPath(request, context);
      return { status: 200, headers: [], body: later('abc', new Error('lost')) };
    },
    { halfClosedMs: 500, lingerMs: 50, bodyIdleMs: 100 },
  );
  const post = (path: string, ...fields: string[]): string => get(path, ...fields).replace('GET', 'POST');
  const pieces = [
    get('/slow'),
    get('/broken'),
    get('/u', 'Connection: upgrade', 'Upgrade: x'),
    get('/last', 'Connection: close'),
    get('/x', 'Host: h'),
    get('/e', 'Expect: 100-continue'),
    `${post('/p', 'Content-Length: 3')}abc`,
    `${post('/skip', 'Content-Length: 3')}abc`,
    `${post('/w', 'Content-Length: 3', 'Expect: 100-continue')}abc`,
    `${post('/c', 'Transfer-Encoding: chunked')}3\r\nabc\r\n0\r\n\r\n`,
    `${post('/z', 'Transfer-Encoding: chunked')}zz\r\n`,
    'CONNECT h:1 HTTP/1.1\r\nHost: h\r\n\r\n',
    'FOO / HTTP/1.1\r\n\r\n',
    'GET /old HTTP/1.0\r\n\r\n',
  ];
  for (const first of pieces) {
    await Promise.all(
      pieces.flatMap((second) =>
        ['', get('/slow'), get('/more')].map((third) =>
          halfClosed(port, first + second + third).catch((error) =>
            assert.match(error.code ?? String(error), /^(?:ECONNRESET|EPIPE)$/),
          ),
        ),
      ),
    );
  }
});
