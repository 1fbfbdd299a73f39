// Framing of responses, trailers, streams.
import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { bytesBody } from '../../host/bytes-body.ts';
import type { ByteSource } from '../../host/http-message.ts';
import { textOf } from './app.test-kit.ts';
import { RawClient } from './client.test-kit.ts';
import { answer, echo, later, serve } from './server.test-kit.ts';
import { within } from './wait.test-kit.ts';

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

test('a body that turns out to be empty has the status and the fields of its response', async () => {
  for (const read of [async () => undefined, () => sleep(20, undefined)]) {
    const { port } = await serve(async () => {
      const trailers = async () => [];
      return { status: 404, headers: [['x-a', '1'] as const], body: { read, trailers, cancel() {} } };
    });
    const client = await RawClient.connect(port);
    client.send('GET / HTTP/1.1\r\nHost: h\r\n\r\n');
    const { head, body } = await client.response();
    assert.match(head, /^HTTP\/1\.1 404 Not Found\r\nx-a: 1/);
    assert.equal(body, '');
    client.close();
  }
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

test('HEAD tells a length that is known and is one, and nothing of a body that nobody knows', async () => {
  const { port } = await serve(async ({ target }) => {
    const length = target === '/unknown' ? undefined : Number(target.slice(1));
    return { status: 200, headers: [], body: { length, read: () => undefined, cancel() {} } };
  });
  const client = await RawClient.connect(port);
  for (const [target, line] of [
    ['/5', '\r\ncontent-length: 5'],
    ['/0', ''],
    ['/unknown', ''],
  ] as const) {
    client.send(`HEAD ${target} HTTP/1.1\r\nHost: h\r\n\r\n`);
    const head = (await client.until('\r\n\r\n')).slice(0, -4);
    assert.equal(withoutDate(head), `HTTP/1.1 200 OK${line}`, target);
  }
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
  const through = roundTrip(port, size, (sent, back) => {
    most = Math.max(most, sent - back);
  });
  const got = await within(through, 'the whole body comes back', 60_000);
  assert.equal(got, size);
  assert.ok(most < size / 4, `${most} bytes under way`);
});
