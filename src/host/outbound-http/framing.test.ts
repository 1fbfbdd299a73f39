// What arrives of a request is framed by the host, whatever its guest has set.
import assert from 'node:assert/strict';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { type ByteSource, type HeaderList, HttpError } from '../http-message.ts';
import { framed } from './framing.ts';
import { answers, bodyOf, client, codeOf, exchange, get, OK, read, settled, upstream } from './upstream.test-kit.ts';

const connectionFields: HeaderList = [
  ['transfer-encoding', 'chunked'],
  ['Transfer-Encoding', 'gzip, chunked'],
  ['trailer', 'x'],
  ['expect', '100-continue'],
  ['connection', 'close, x-a'],
  ['connection', 'upgrade'],
  ['upgrade', 'h2c'],
  ['te', 'gzip;q=1'],
  ['keep-alive', 'timeout=1'],
  ['proxy-connection', 'keep-alive'],
  ['http2-settings', 'x'],
];

test('no field of the connection that a guest sets arrives', async () => {
  const { port, connections } = await upstream(answers(OK));
  const made = client();
  for (const field of connectionFields) {
    assert.equal(await exchange(made, get(port, { headers: [field, ['x-a', '1']] })), '200 ok', field[0]);
    await settled();
  }
  const one = `GET / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nx-a: 1\r\nConnection: keep-alive\r\n\r\n`;
  assert.deepEqual(connections, [one.repeat(connectionFields.length)]);
});

test('with a body, too: it has one framing, and what the guest says of it does not count', async () => {
  const { port, connections } = await upstream((socket, text) => text.endsWith('0\r\n\r\n') && socket.write(OK));
  const headers = [...connectionFields, ['te', 'trailers, gzip'], ['trailer', 'X-Sum, Content-Length']] as const;
  await exchange(client(), get(port, { method: 'POST', headers, body: bodyOf(['ab']) }));
  assert.equal(
    connections[0],
    `POST / HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nte: trailers\r\nconnection: keep-alive, te\r\n` +
      'transfer-encoding: chunked\r\ntrailer: x, x-sum\r\n\r\n2\r\nab\r\n0\r\n\r\n',
  );
});

test('trailers hold no field that is for the head', async () => {
  const { port, connections } = await upstream(
    (socket, text) => text.endsWith('0\r\nx: 1\r\n\r\n') && socket.write(OK),
  );
  const trailers = (): HeaderList => [
    ['content-length', '5'],
    ['x', '1'],
    ['transfer-encoding', 'chunked'],
    ['host', 'h'],
  ];
  await exchange(client(), get(port, { method: 'POST', body: bodyOf(['ab'], { trailers }) }));
  assert.match(connections[0] ?? '', /\r\n0\r\nx: 1\r\n\r\n$/);
});

const methods = ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'BREW'];

test('a content-length without a body is an error, and nothing is sent', async () => {
  const { port, connections } = await upstream(answers(OK));
  for (const method of methods) {
    for (const name of ['content-length', 'Content-Length']) {
      const request = get(port, { method, headers: [[name, '10']] });
      assert.equal(await codeOf(request), 'HTTP-request-body-size', method);
    }
    await exchange(client(), get(port, { method: 'GET', headers: [['content-length', '0']] }));
  }
  assert.ok(connections.every((text) => text.includes('content-length: 0')));
  assert.equal(connections.length, methods.length);
});

test('a content-length that is no number is an error, and so are two that differ', async () => {
  const { port, connections } = await upstream(answers(OK));
  const bad: HeaderList[] = ['+5', '5,5', '-1', '0x5', ' ', '5 ', '1e1'].map((value) => [['content-length', value]]);
  bad.push([
    ['content-length', '5'],
    ['Content-Length', '6'],
  ]);
  for (const headers of bad) {
    for (const body of [undefined, bodyOf(['hello'])]) {
      assert.equal(await codeOf(get(port, { method: 'POST', headers, body })), 'HTTP-protocol-error');
    }
  }
  assert.equal(connections.length, 0);
  const twice: HeaderList = [
    ['content-length', '5'],
    ['content-length', '5'],
  ];
  await exchange(client(), get(port, { method: 'POST', headers: twice, body: bodyOf(['hello']) }));
  assert.equal(connections[0]?.split('content-length: 5').length, 2, 'it goes out once');
});

test('a body that is shorter or longer than its content-length breaks its request', async () => {
  for (const method of ['GET', 'DELETE', 'POST']) {
    for (const [chunks, parts] of [
      [['ab']],
      [[]],
      [['abcde', 'f']],
      [['abcdefgh']],
      [['ab'], { length: 2 }],
      [['ab'], { length: 5 }],
    ] as [string[], Partial<ByteSource>?][]) {
      const seen = await upstream(answers(''));
      const headers: HeaderList = [['content-length', '5']];
      const request = get(seen.port, { method, headers, body: bodyOf(chunks, parts) });
      assert.equal(await codeOf(request), 'HTTP-request-body-size', `${method} ${chunks}`);
      if (seen.connections.length > 0) await seen.closed(0);
      const sent = seen.connections[0]?.split('\r\n\r\n')[1] ?? '';
      assert.ok(sent.length < 5 || sent === 'abcde', `sent ${sent}`);
    }
  }
});

test('a length that only the body knows holds as well', async () => {
  const { port } = await upstream(answers(''));
  assert.equal(
    await codeOf(get(port, { method: 'POST', body: bodyOf(['abc'], { length: 2 }) })),
    'HTTP-request-body-size',
  );
  assert.equal(
    await codeOf(get(port, { method: 'POST', body: bodyOf(['a'], { length: 2 }) })),
    'HTTP-request-body-size',
  );
});

test('a request that swallowed the next one: the second visitor gets the answer to its own request', async () => {
  const seen: string[] = [];
  const server = createServer(async (req: IncomingMessage, res) => {
    res.end(`ok ${req.url}`);
    let body = '';
    for await (const chunk of req) body += chunk;
    seen.push(`${req.url} ${JSON.stringify(body)} ${req.headers.cookie}`);
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address() as AddressInfo;
  const made = client();
  const forwarded: HeaderList = [
    ['content-length', '60'],
    ['cookie', 'first'],
  ];
  assert.equal(await codeOf(get(port, { target: '/one', headers: forwarded }), {}, made), 'HTTP-request-body-size');
  assert.equal(await exchange(made, get(port, { target: '/two', headers: [['cookie', 'second']] })), '200 ok /two');
  await settled();
  server.close();
  server.closeAllConnections();
  assert.deepEqual(seen, ['/two "" second']);
});

test('inside the process a body has the length that its headers say, or fails', async () => {
  const request = get(0, { method: 'POST', headers: [['Content-Length', '3']] });
  assert.throws(() => framed(request), { code: 'HTTP-request-body-size' });
  for (const chunks of [['ab'], ['abcd'], ['ab', 'cd']]) {
    const { headers, body } = framed({ ...request, body: bodyOf(chunks) });
    assert.deepEqual(headers, [['content-length', '3']]);
    await assert.rejects(read(body), (error) => error instanceof HttpError && error.code === 'HTTP-request-body-size');
  }
  assert.equal(await read(framed({ ...request, body: bodyOf(['ab', 'c']) }).body), 'abc');
});
