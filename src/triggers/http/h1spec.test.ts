// The cases of uNetworking/h1spec, written anew from its list: requests in pieces, requests that are good, and requests
// that are none. The original, in Deno, is run by hand.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { RawClient } from './client.test-kit.ts';
import { echo, hello, serve } from './server.test-kit.ts';

const whole = 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n';

/** Where a request may be cut, by what its first part ends in. */
const cuts: readonly (readonly [string, string])[] = [
  ['in the method', 'G'],
  ['before the target', 'GET '],
  ['behind the target', 'GET /hello'],
  ['before the version', 'GET /hello '],
  ['in the version', 'GET /hello HTTP'],
  ['behind the version', 'GET /hello HTTP/1.1'],
  ['in the end of the first line', 'GET /hello HTTP/1.1\r'],
  ['behind the first line', 'GET /hello HTTP/1.1\r\n'],
  ['in the name of a field', 'GET /hello HTTP/1.1\r\nHos'],
  ['behind the colon', 'GET /hello HTTP/1.1\r\nHost:'],
  ['before the value', 'GET /hello HTTP/1.1\r\nHost: '],
  ['behind the value', 'GET /hello HTTP/1.1\r\nHost: localhost'],
  ['in the end of a field', 'GET /hello HTTP/1.1\r\nHost: localhost\r'],
  ['behind a field', 'GET /hello HTTP/1.1\r\nHost: localhost\r\n'],
  ['in the last line end', 'GET /hello HTTP/1.1\r\nHost: localhost\r\n\r'],
];

const host = 'Host: example.com\r\n';
const chunks = 'c\r\nHellO world1\r\n0\r\n\r\n';

/** Requests, with the first digits of the statuses that are right. */
const requests: readonly (readonly [string, string, RegExp])[] = [
  ['no version', 'GET / \r\n\r\n', /^[45]/],
  ['an expectation without a body', `GET / HTTP/1.1\r\n${host}Expect: 100-continue\r\n\r\n`, /^[12]/],
  ['a good one', `GET / HTTP/1.1\r\n${host}\r\n`, /^2/],
  [
    'names in any case, tabs, and fields without a value',
    'GET / HTTP/1.1\r\nhoSt:\texample.com\r\nempty:\r\n\r\n',
    /^2/,
  ],
  ['a name of a field with brackets', `GET / HTTP/1.1\r\n${host}X-Invalid[]: test\r\n\r\n`, /^4/],
  ['no host', 'GET / HTTP/1.1\r\nContent-Length: 5\r\n\r\n', /^4/],
  ['two hosts', `GET / HTTP/1.1\r\n${host}Host: example.org\r\n\r\n`, /^4/],
  [
    'a negative length that overflows',
    `GET / HTTP/1.1\r\n${host}Content-Length: -123456789123456789123456789\r\n\r\n`,
    /^4/,
  ],
  ['a negative length', `GET / HTTP/1.1\r\n${host}Content-Length: -1234\r\n\r\n`, /^4/],
  ['a length that is no number', `GET / HTTP/1.1\r\n${host}Content-Length: abc\r\n\r\n`, /^4/],
  ['a field with nothing but a space', `GET / HTTP/1.1\r\n${host}X-Empty-Header: \r\n\r\n`, /^2/],
  ['a control character in a value', `GET / HTTP/1.1\r\n${host}X-Bad-Control-Char: test\x07\r\n\r\n`, /^4/],
  ['a version that is not there', `GET / HTTP/9.9\r\n${host}\r\n`, /^[45]/],
  ['something before the method', `Extra lineGET / HTTP/1.1\r\n${host}\r\n`, /^[45]/],
  ['a line end that is none', `GET / HTTP/1.1\r\n${host}\rSome-Header: Test\r\n\r\n`, /^4/],
  ['a good one in chunks', `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${chunks}`, /^2/],
  ['a good one with a body', `POST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`, /^2/],
  [
    'chunks and a length, in any case',
    `POST / HTTP/1.1\r\n${host}content-LengtH: 5\r\nTransFer-Encoding: chunked\r\n\r\n${chunks}`,
    /^4/,
  ],
];

test('a request that comes in pieces is waited for, wherever it is cut', async () => {
  const { port } = await serve(hello);
  for (const [where, first] of cuts) {
    const client = await RawClient.connect(port);
    client.send(first);
    const other = await RawClient.connect(port);
    other.send(whole);
    await other.response();
    assert.equal(client.received, '', where);
    client.send(whole.slice(first.length));
    assert.match((await client.response()).head, /^HTTP\/1\.1 200 /, where);
    client.close();
    other.close();
  }
});

test('bodies come back as they were sent, by length and in chunks', async () => {
  const { port } = await serve(echo);
  const client = await RawClient.connect(port);
  client.send(`POST / HTTP/1.1\r\n${host}Content-Length: 5\r\n\r\nhello`);
  assert.equal((await client.response()).body, 'hello');
  client.send(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${chunks}`);
  assert.equal((await client.response()).body, 'HellO world1');
  client.close();
});

for (const [name, text, status] of requests) {
  test(`a request with ${name}`, async () => {
    const { port } = await serve(hello);
    const client = await RawClient.connect(port);
    client.send(text);
    assert.match((await client.until('\r\n')).replace(/^HTTP\/1\.1 /, ''), status);
    client.close();
  });
}
