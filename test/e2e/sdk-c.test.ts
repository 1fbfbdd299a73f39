// Every function of the C library, called by a guest in our runtime.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type GuestApp, guestApp } from '../support/guest-app.ts';

const long = 'The quick brown fox. '.repeat(1000);
let guest: GuestApp;
let server: Server;
let url: string;

before(async () => {
  guest = await guestApp('sdk-c', { 'short.txt': 'short', 'long.txt': long, 'empty.txt': '' });
  server = createServer((request, response) => {
    response.writeHead(202, { 'x-got': `${request.method} ${request.headers['x-sent']}` });
    request.pipe(response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/path?query`;
});

after(async () => {
  server.close();
  await guest.close();
});

test('format', async () => {
  assert.equal(
    await guest.ask('/format'),
    '200 -5 0 4294967295 beef BEEF 10|   42|42   |-0042|     7|' +
      '-9223372036854775808 18446744073709551615 7 8|text|abc|   right|left    |xy|c%',
  );
});

test('query parameters are percent-decoded, the first of a name counts', async () => {
  assert.equal(
    await guest.ask('/query?a=1&b=x%20y%2B+%e2%82%ac&empty=&none&sp%20ace=%zz&a=2'),
    '200 a=1;b=x y+ €;empty=;none=;sp ace=%zz;missing=-;',
  );
});

test('method, target, path and headers', async () => {
  const answer = await guest.ask('/some/request?x', { method: 'PATCH', headers: { 'x-one': 'first', 'x-two': 'b' } });
  assert.match(answer, /^200 PATCH \/some\/request\?x \/some\/request\nfirst\nno x-none\n/);
  assert.match(answer, /^x-two: b$/m);
});

test('malloc and its kin keep blocks apart', async () => {
  assert.equal(await guest.ask('/memory'), '200 sound');
});

test('an outgoing request streams both ways', async () => {
  const body = long.slice(0, 20_001);
  const response = await guest.app.fetch(
    new Request(`http://localhost/forward?url=${encodeURIComponent(url)}`, { method: 'POST', body }),
  );
  assert.equal(response.status, 203);
  assert.equal(response.headers.get('x-got'), 'PUT by C');
  assert.match(await response.text(), new RegExp(`^\\d+ headers\n${body}$`));
});

test('an outgoing request that fails says why', async () => {
  assert.equal(await guest.ask('/forward?url=http://127.0.0.1:1/'), '200 connection-refused');
  assert.equal(await guest.ask('/forward?url=http://not-allowed.example/'), '200 HTTP-request-denied');
  assert.equal(await guest.ask('/bad-url'), '200 refused');
});

test('files', async () => {
  assert.equal(await guest.ask('/file?path=/data/short.txt'), '200 5 bytes\nshort');
  assert.equal(await guest.ask('/file?path=/data/long.txt'), `200 ${long.length} bytes\n${long}`);
  assert.equal(await guest.ask('/file?path=/data/empty.txt'), '200 0 bytes\n');
  assert.equal(await guest.ask('/file?path=/data/none.txt'), '200 no-entry');
  assert.equal(await guest.ask('/file?path=/other/short.txt'), '200 no-entry');
  assert.equal(await guest.ask('/file?path=/data/../../etc/passwd'), '200 not-permitted');
});

test('a path may be written with slashes and dots to spare', async () => {
  for (const path of ['/data//short.txt', '//data/short.txt', '/data///./short.txt', '/./data/./short.txt']) {
    assert.equal(await guest.ask(`/file?path=${path}`), '200 5 bytes\nshort', path);
  }
  for (const path of ['/data', '/data/', '/data//', '/data/.']) {
    assert.equal(await guest.ask(`/file?path=${path}`), '200 is-directory', path);
  }
  assert.equal(await guest.ask('/file?path=/data/short.txt/'), '200 not-directory');
  assert.equal(await guest.ask('/file?path=/data/short.txt//'), '200 not-directory');
  assert.equal(await guest.ask('/file?path=/database/short.txt'), '200 no-entry');
  assert.equal(await guest.ask('/file?path=data/short.txt'), '200 no-entry');
  assert.equal(await guest.ask('/file?path='), '200 no-entry');
  assert.equal(await guest.ask('/file?path=/data//../x'), '200 not-permitted');
});

test('clocks, timers and random numbers', async () => {
  const [, seconds = ''] = /^200 waited (\d+) 1$/.exec(await guest.ask('/time')) ?? [];
  assert.ok(Math.abs(Number(seconds) - Date.now() / 1000) < 60, seconds);
});

test('the head is checked, and closed once it was sent', async () => {
  const response = await guest.app.fetch(new Request('http://localhost/rules'));
  assert.equal(response.status, 201);
  assert.equal(response.headers.get('x-two'), '1, 2');
  assert.equal(response.headers.get('x-late'), null);
  assert.equal(await response.text(), 'body 0 0 1 1 0');
});

test('environment', async () => {
  assert.equal(await guest.ask('/environment'), '200 COLOR: blue\nno NOT_SET\nblue\n');
});

test('a handler that writes nothing answers 200 with an empty body', async () => {
  assert.equal(await guest.ask('/log'), '200 ');
});
