// What a JavaScript handler gets from its engine, in our runtime.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { type GuestApp, guestApp } from '../support/guest-app.ts';

let guest: GuestApp;
let server: Server;
let url: string;

before(async () => {
  guest = await guestApp('web-js');
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

test('a body streams through', async () => {
  const body = 'The quick brown fox. '.repeat(20_000);
  const response = await guest.app.fetch(
    new Request('http://localhost/echo', { method: 'POST', body, headers: { 'content-type': 'text/x' } }),
  );
  assert.equal(response.headers.get('content-type'), 'text/x');
  assert.equal(await response.text(), body);
});

test('JSON in and out', async () => {
  const answer = await guest.ask('/json', { method: 'POST', body: '{"a":[1,"ü"]}' });
  assert.equal(answer, '201 {"method":"POST","sent":{"a":[1,"ü"]}}');
});

test('fetch', async () => {
  const answer = await guest.ask(`/forward?url=${encodeURIComponent(url)}`, { method: 'POST', body: 'through' });
  assert.equal(answer, '200 202 POST by JavaScript through');
});

test('timers', async () => {
  assert.equal(await guest.ask('/sleep'), '200 waited');
});

test('a ReadableStream as the body', async () => {
  assert.equal(await guest.ask('/stream'), '200 one two three');
});

test('random values differ from each other, and from those of the next request', async () => {
  assert.equal(await guest.ask('/random'), '200 different');
});

test('the environment comes through a WASI import', async () => {
  assert.equal(await guest.ask('/environment'), '200 {"COLOR":"blue"}');
});

test('console output', async () => {
  assert.equal(await guest.ask('/log'), '200 logged');
});

test('an exception answers 500, with a body that the engine never finishes', async () => {
  const response = await guest.app.fetch(new Request('http://localhost/fail'));
  assert.equal(response.status, 500);
  await assert.rejects(response.text());
});

test('globals do not outlive a request', async () => {
  assert.equal(await guest.ask('/other'), '404 served 1');
  assert.equal(await guest.ask('/other'), '404 served 1');
});
