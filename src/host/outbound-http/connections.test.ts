// Which connections get another request: those on which nothing was left, and that brought nothing but answers.
import assert from 'node:assert/strict';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/support/servers/until.ts';
import type { HttpRequest } from '../http-message.ts';
import { certificate, key } from './certificate.fixture.ts';
import { answers, bodyOf, client, codeOf, exchange, get, OK, settled, upstream } from './upstream.test-kit.ts';

/** How many connections two requests take, of which the first is answered with `first`. */
async function connectionsAfter(first: string, parts: Partial<HttpRequest> = {}): Promise<number> {
  const { port, connections } = await upstream(answers(first, OK));
  const made = client();
  await exchange(made, get(port, parts)).catch(() => undefined);
  await settled();
  assert.equal(await exchange(made, get(port, { target: '/second' })), '200 ok', JSON.stringify(first));
  return connections.length;
}

test('clean ones are used again', async () => {
  const clean = [
    OK,
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;x=y\r\nok\r\n0\r\nx-sum: 1\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: x\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx',
    'HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n',
  ];
  for (const first of clean) assert.equal(await connectionsAfter(first), 1, first);
  assert.equal(await connectionsAfter('HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n', { method: 'HEAD' }), 1);
});

test('one that brought more than its answer is not: not a byte, not a part of another answer, nor a whole one', async () => {
  const extras = ['x', '\r\n', '\r\n\r\n', 'H', 'HTTP/1.1 200 OK\r\n', 'HTTP/1.1 200 OK\r\nx: y\r\ncontent-le', OK];
  const firsts = [
    OK,
    'HTTP/1.1 204 No Content\r\n\r\n',
    'HTTP/1.1 304 Not Modified\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n0\r\nx: y\r\n\r\n',
    'HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 1\r\n\r\nx',
    '\r\nHTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok',
  ];
  for (const first of firsts) {
    for (const extra of extras) assert.equal(await connectionsAfter(first + extra), 2, JSON.stringify(first + extra));
  }
  const head = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n';
  assert.equal(await connectionsAfter(`${head}hello`, { method: 'HEAD' }), 2, 'HEAD has no body');
});

test('the same over TLS', async () => {
  for (const [extra, wanted] of [
    ['', 1],
    ['HTTP/1.1 200 OK\r\n', 2],
  ] as const) {
    const { port, connections } = await upstream(answers(OK + extra), { key, cert: certificate });
    const made = client({ ca: certificate });
    const request = get(port, { scheme: 'https', authority: `localhost:${port}` });
    assert.equal(await exchange(made, request), '200 ok');
    await settled();
    assert.equal(await exchange(made, request), '200 ok');
    assert.equal(connections.length, wanted);
  }
});

test('bytes in pieces are counted the same', async () => {
  const text =
    'HTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n';
  for (const [whole, wanted] of [
    [text, 1],
    [`${text}H`, 2],
  ] as const) {
    let first = true;
    const { port, connections } = await upstream((socket, got) => {
      if (!got.endsWith('\r\n\r\n')) return;
      if (!first) return void socket.write(OK);
      first = false;
      let at = 0;
      const timer = setInterval(() => {
        socket.write(whole.slice(at, ++at));
        if (at >= whole.length) clearInterval(timer);
      }, 0);
    });
    const made = client();
    assert.equal(await exchange(made, get(port)), '200 ok');
    await settled();
    assert.equal(await exchange(made, get(port)), '200 ok');
    assert.equal(connections.length, wanted);
  }
});

test('one that brings something while nobody asks is not', async () => {
  const { port, connections, closed } = await upstream((socket, text, connection) => {
    if (!text.endsWith('\r\n\r\n')) return;
    socket.write(OK);
    if (connection === 0) setTimeout(() => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil'), 60);
  });
  const made = client();
  assert.equal(await exchange(made, get(port)), '200 ok');
  await closed(0);
  assert.equal(await exchange(made, get(port)), '200 ok');
  assert.equal(connections.length, 2);
});

test('one that brings more while its answer is still read is not', async () => {
  const { port, connections } = await upstream((socket, text, connection) => {
    if (!text.endsWith('\r\n\r\n')) return;
    socket.write(OK);
    if (connection === 0) setTimeout(() => socket.write('HTTP'), 20);
  });
  const made = client();
  const response = await made.send(get(port), {});
  await new Promise((resolve) => setTimeout(resolve, 60));
  const chunk = await response.body?.read();
  assert.equal(Buffer.from(chunk ?? []).toString(), 'ok', 'what came before is whole');
  assert.equal(await response.body?.read(), undefined);
  await settled();
  assert.equal(await exchange(made, get(port)), '200 ok');
  assert.equal(connections.length, 2);
});

test('one whose body was not read to the end, whose request was abandoned or broke, is not', async () => {
  const { port, connections, closed } = await upstream((socket, text) => {
    if (text.includes('GET /half')) socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf');
    else if (text.includes('GET /whole') || text.includes('GET /last')) socket.write(OK);
  });
  const made = client();
  const half = await made.send(get(port, { target: '/half' }), {});
  await half.body?.read();
  half.body?.cancel();
  await closed(0);
  const whole = await made.send(get(port, { target: '/whole' }), {});
  whole.body?.cancel();
  await closed(1);
  const abort = new AbortController();
  setTimeout(() => abort.abort(), 20);
  assert.equal(await codeOf(get(port), { signal: abort.signal }, made), 'connection-terminated');
  await closed(2);
  const broken = bodyOf(['ab', new Error('lost')]);
  assert.equal(await codeOf(get(port, { method: 'POST', body: broken }), {}, made), 'internal-error');
  await closed(3);
  assert.doesNotMatch(connections[3] ?? '', /0\r\n\r\n$/, 'it looked complete');
  assert.equal(await exchange(made, get(port, { target: '/last' })), '200 ok');
  assert.equal(connections.length, 5);
});

test('one that answered before it had the whole request is not', async () => {
  const answered = new Set<number>();
  const { port, connections } = await upstream((socket, _, connection) => {
    if (!answered.has(connection)) socket.write(OK);
    answered.add(connection);
  });
  const made = client();
  const rest = Promise.withResolvers<undefined>();
  const chunks = ['a', 'b'];
  const body = { read: () => (chunks.length > 0 ? Buffer.from(chunks.pop()!) : rest.promise), cancel() {} };
  assert.equal(await exchange(made, get(port, { method: 'POST', body })), '200 ok');
  rest.resolve(undefined);
  await settled();
  assert.match(connections[0] ?? '', /0\r\n\r\n$/, 'after a success the request goes on to its end');
  assert.equal(await exchange(made, get(port)), '200 ok');
  assert.equal(connections.length, 2);
});

test('what the server says of its connections is respected', async () => {
  for (const field of ['connection: close', 'keep-alive: timeout=1']) {
    assert.equal(await connectionsAfter(`HTTP/1.1 200 OK\r\n${field}\r\ncontent-length: 2\r\n\r\nok`), 2, field);
  }
  assert.equal(await connectionsAfter('HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nok'), 2);
});

test('all kept connections may have been closed by the server: the request finds a new one', async () => {
  const { port, connections } = await upstream((socket, text, connection) => {
    if (connection < 3 && text.includes('/second')) socket.resetAndDestroy();
    else if (connection >= 3 || text.split('\r\n\r\n').length === 2) setTimeout(() => socket.write(OK), 20);
  });
  const made = client();
  await Promise.all([1, 2, 3].map(() => exchange(made, get(port))));
  await settled();
  assert.equal(await exchange(made, get(port, { target: '/second' })), '200 ok');
  assert.equal(connections.length, 4);
});

test('two clients share no connections, and a closed one keeps none', async () => {
  const { port, connections, closed } = await upstream(answers(OK));
  const [one, two] = [client(), client()];
  await exchange(one, get(port));
  await exchange(two, get(port));
  await settled();
  await exchange(one, get(port));
  assert.equal(connections.length, 2);
  await settled();
  one.close();
  await closed(0);
  assert.equal(await exchange(two, get(port)), '200 ok');
  assert.equal(connections.length, 2);
});

/** A server that answers when `wanted` requests wait for it; gives how many connections are open. */
async function patientServer(t: TestContext, wanted: number) {
  const sockets = new Set<Socket>();
  const waiting: Socket[] = [];
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {}).on('close', () => sockets.delete(socket));
    socket.on('data', () => {
      waiting.push(socket);
      if (waiting.length === wanted) for (const one of waiting.splice(0)) one.write(OK);
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return { port: (server.address() as AddressInfo).port, open: () => sockets.size };
}

test('of the connections that are free 32 to one place are kept, and 128 in all', { timeout: 20_000 }, async (t) => {
  for (const [places, each, kept] of [
    [1, 32, 32],
    [1, 33, 32],
    [4, 32, 128],
    [5, 26, 128],
  ] as const) {
    const made = client();
    const servers = await Promise.all(Array.from({ length: places }, () => patientServer(t, each)));
    const requests = servers.flatMap(({ port }) => Array.from({ length: each }, () => exchange(made, get(port))));
    assert.ok((await Promise.all(requests)).every((answer) => answer === '200 ok'));
    const open = (): number => servers.reduce((sum, server) => sum + server.open(), 0);
    await until(() => open() <= kept, `${kept} connections of ${places * each}`);
    await settled();
    assert.equal(open(), kept);
    made.close();
  }
});

test('a kept connection that the server closes is no error for a request that may be sent twice', async () => {
  const attempt = async (method: string): Promise<string> => {
    const { port } = await upstream((socket, text, connection) => {
      const heads = text.split('\r\n\r\n').length - 1;
      if (connection === 0 && heads > 1) socket.destroy();
      else if (heads > 0) socket.write(OK);
    });
    const made = client();
    assert.equal(await exchange(made, get(port)), '200 ok');
    await settled();
    return exchange(made, get(port, { method, target: '/again' })).then(
      (answer) => answer.slice(0, 3),
      () => 'error',
    );
  };
  for (const method of ['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']) {
    assert.equal(await attempt(method), '200', method);
  }
  for (const method of ['POST', 'PATCH', 'get', 'CUSTOM']) assert.equal(await attempt(method), 'error', method);
});
