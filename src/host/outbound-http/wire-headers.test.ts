// What stands on the wire of each request, and what may follow its body.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteSource, HeaderList, HttpRequest } from '../http-message.ts';
import { framed, sendableTrailers, wireHeaders } from './framing.ts';

const request = (parts: Partial<HttpRequest> = {}): HttpRequest => ({
  method: 'GET',
  scheme: 'http',
  authority: 'h:1',
  target: '/',
  headers: [],
  body: undefined,
  ...parts,
});
const body = (length?: number): ByteSource => ({ length, read: () => undefined, cancel() {} });
const host = ['host', 'h:1'];

test('without a body: a length where the method could have one, none where it means nothing', () => {
  for (const method of ['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']) {
    assert.deepEqual(wireHeaders(request({ method }), []), host, method);
  }
  for (const method of ['POST', 'PUT', 'PATCH', 'BREW', 'get']) {
    assert.deepEqual(wireHeaders(request({ method }), []), [...host, 'content-length', '0'], method);
  }
  const said = request({ headers: [['content-length', '0']] });
  assert.deepEqual(wireHeaders(said, []), [...host, 'content-length', '0']);
});

test('with a body: its length, or chunks', () => {
  assert.deepEqual(wireHeaders(request({ body: body(5) }), []), [...host, 'content-length', '5']);
  assert.deepEqual(wireHeaders(request({ body: body(0) }), []), [...host, 'content-length', '0']);
  assert.deepEqual(wireHeaders(request({ body: body() }), []), [...host, 'transfer-encoding', 'chunked']);
  const named = request({
    body: body(5),
    headers: [
      ['content-length', '7'],
      ['host', 'evil'],
      ['x', 'y'],
    ],
  });
  assert.deepEqual(wireHeaders(named, []), [...host, 'x', 'y', 'content-length', '5']);
});

test('trailers are asked for and announced, by names that may stand there', () => {
  const chunked = [...host, 'transfer-encoding', 'chunked'];
  const wire = (sent: HeaderList) => wireHeaders(request({ body: body() }), sent);
  assert.deepEqual(wire([['TE', 'gzip, Trailers ']]), [
    ...host,
    'te',
    'trailers',
    'connection',
    'keep-alive, te',
    ...chunked.slice(2),
  ]);
  assert.deepEqual(wire([['te', 'gzip']]), chunked);
  assert.deepEqual(
    wire([
      ['Trailer', 'X-A, x-b'],
      ['trailer', 'x-c'],
    ]),
    [...chunked, 'trailer', 'x-a, x-b, x-c'],
  );
  assert.deepEqual(wire([['trailer', 'a b, , x(y']]), chunked);
  assert.deepEqual(wireHeaders(request({ body: body(1) }), [['trailer', 'x']]), [...host, 'content-length', '1']);
  for (const name of [
    ...['connection', 'expect', 'http2-settings', 'keep-alive', 'proxy-connection', 'te', 'trailer'],
    ...['transfer-encoding', 'upgrade', 'content-length', 'host'],
  ]) {
    assert.deepEqual(wire([['trailer', name]]), chunked, name);
    assert.deepEqual(
      sendableTrailers([
        [name.toUpperCase(), 'x'],
        ['x', 'y'],
      ]),
      [['x', 'y']],
      name,
    );
    const kept = framed(
      request({
        headers: [
          [name, '0'],
          ['X-A', 'y'],
        ],
      }),
    ).headers.map(([one]) => one);
    assert.deepEqual(
      kept,
      name === 'host' ? ['host', 'x-a'] : name === 'content-length' ? ['x-a', name] : ['x-a'],
      name,
    );
  }
});
