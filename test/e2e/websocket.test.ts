// WebSockets through real sockets: events in sandboxes of their own, state, topics, refusals, closes by either side, and
// the end of the app.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { WebSocket } from 'ws';
import { localhostFiles } from '../../src/triggers/http/tls/files.test-kit.ts';
import { guestPath } from '../guests/build.ts';
import { startTriggers } from '../support/trigger-app.ts';
import { Client, refusalOf, startWebSockets } from '../support/websocket-app.ts';

const options = { timeout: 60_000 };

test('messages come back, each from a sandbox of its own, in their order', options, async (t) => {
  const { connect, app } = await startWebSockets(t);
  assert.deepEqual(app.lines.slice(-2), ['WebSockets:', `  chat: ${app.url.replace('http', 'ws')}/chat`]);
  const client = await connect();
  assert.equal(await client.ask('hello, wörld'), 'hello, wörld');
  assert.deepEqual(await client.ask(''), '');
  client.send(Buffer.from([0, 255, 10]));
  assert.deepEqual(await client.next(), Buffer.from([0, 255, 10]));
  assert.equal(await client.ask('/events'), '1');
  assert.equal(await client.ask('/events'), '1');
  const texts = Array.from({ length: 200 }, (_, index) => `message ${index}`);
  for (const text of texts) client.send(text);
  for (const text of texts) assert.equal(await client.next(), text);
});

test('a component is told of the handshake, and says whether the connection opens', options, async (t) => {
  const app = await startWebSockets(t, { table: 'protocols = ["chat.v2", "chat.v1"]' });
  const { url, connect } = app;
  const { host } = new URL(url);
  const greeted = await connect('/chat?greet');
  assert.equal(await greeted.next(), 'welcome');
  const called = await connect('/chat?url');
  assert.equal(await called.next(), `http://${host}/chat?url`);
  const agreed = await connect('/chat?protocol', { protocols: ['chat.v1', 'other', 'chat.v2'] });
  assert.equal(await agreed.next(), 'chat.v2');
  assert.equal(agreed.ws.protocol, 'chat.v2');
  const headed = await connect('/chat?headers', { headers: { 'x-name': 'a', 'spin-full-url': 'http://forged/' } });
  const headers: string[] = [];
  while (!headers.some((line) => line.startsWith('spin-client-addr'))) headers.push(String(await headed.next()));
  assert.ok(headers.includes('x-name: a'), headers.join('\n'));
  assert.deepEqual(
    headers.filter((line) => line.startsWith('spin-full-url')),
    [`spin-full-url: http://${host}/chat?headers`],
  );
  assert.equal((await refusalOf(`${url}/chat?refuse=418`)).status, 418);
  assert.equal((await refusalOf(`${url}/chat?fail`)).status, 500);
  assert.equal((await refusalOf(`${url}/chat?trap`)).status, 500);
  assert.equal(app.logged('event-failed'), 2);
  const left = await connect('/chat?leave');
  assert.deepEqual(await left.end(), { code: 4000, reason: 'no' });
});

test('only pages of the app itself connect, and those that the manifest names', options, async (t) => {
  const { url, connect } = await startWebSockets(t, { table: 'origins = ["https://example.com"]' });
  const { host } = new URL(url);
  for (const origin of [`http://${host}`, `https://${host}`, 'https://example.com']) {
    const client = await connect('/chat', { origin });
    assert.equal(await client.ask('x'), 'x');
  }
  const foreign = ['http://example.com', 'https://example.com.evil.test', 'null', `http://${host}.evil.test`, 'x', ''];
  for (const origin of foreign) assert.equal((await refusalOf(`${url}/chat`, { origin })).status, 403, origin);
  const all = await startWebSockets(t, { table: 'origins = ["*"]' });
  const client = await all.connect('/chat', { origin: 'http://evil.test' });
  assert.equal(await client.ask('x'), 'x');
});

test('state stays with its connection, and is another one for each', options, async (t) => {
  const { connect } = await startWebSockets(t);
  const [one, other] = [await connect(), await connect()];
  assert.equal(await one.ask('/get'), '');
  assert.equal(await one.ask('/set Ann'), 'ok');
  assert.equal(await other.ask('/set Bob'), 'ok');
  assert.equal(await one.ask('/get'), 'Ann');
  assert.equal(await other.ask('/get'), 'Bob');
  assert.equal(await one.ask('/set'), 'ok');
  assert.equal(await one.ask('/get'), '');
});

test('what is said to a topic comes to those who are subscribed', options, async (t) => {
  const { connect } = await startWebSockets(t, { table: 'topics = ["everybody"]' });
  const clients = [await connect(), await connect(), await connect()] as const;
  const [one, two, three] = clients;
  assert.equal(await one.ask('/say everybody hello'), 'hello');
  assert.equal(await one.next(), 'sent to 3');
  for (const client of [two, three]) assert.equal(await client.next(), 'hello');
  assert.equal(await one.ask('/join room'), 'ok');
  assert.equal(await two.ask('/join room'), 'ok');
  assert.equal(await three.ask('/say room psst'), 'sent to 2');
  for (const client of [one, two]) assert.equal(await client.next(), 'psst');
  assert.equal(await two.ask('/leave room'), 'ok');
  assert.equal(await three.ask('/say room again'), 'sent to 1');
  assert.equal(await one.next(), 'again');
  one.ws.close();
  await one.end();
  assert.equal(await two.ask('/say room nobody'), 'sent to 0');
});

test(
  'a component hears of each close, with the state of the connection, after its last message',
  options,
  async (t) => {
    const { connect } = await startWebSockets(t);
    const watcher = await connect();
    assert.equal(await watcher.ask('/join watchers'), 'ok');
    const closes: [name: string, end: (client: Awaited<ReturnType<typeof connect>>) => void, told: string][] = [
      ['Ann', ({ ws }) => ws.close(4001, 'bye'), 'Ann left: 4001 bye'],
      ['Bob', ({ ws }) => ws.close(), 'Bob left: 1005 '],
      ['Cy', ({ ws }) => ws.terminate(), 'Cy left: 1006 '],
      ['Di', (client) => client.send('/close 3000 out'), 'Di left: 3000 out'],
      ['Ed', (client) => client.send('/trap'), 'Ed left: 1011 '],
    ];
    for (const [name, end, told] of closes) {
      const client = await connect();
      assert.equal(await client.ask(`/set ${name}`), 'ok');
      end(client);
      assert.equal(await watcher.next(), told);
    }
    const busy = await connect();
    for (let count = 0; count < 20; count++) busy.send(`/say watchers ${count}`);
    busy.ws.close(4002);
    for (let count = 0; count < 20; count++) assert.equal(await watcher.next(), String(count));
    assert.equal(await watcher.next(), ' left: 4002 ');
  },
);

test('a connection is reached by its id, and by no id that was guessed', options, async (t) => {
  const { connect } = await startWebSockets(t);
  const [one, other] = [await connect(), await connect()];
  const id = String(await one.ask('/id'));
  assert.match(id, /^[\w-]{22}$/);
  assert.equal(await other.ask(`/to ${id} hello`), 'ok');
  assert.equal(await one.next(), 'hello');
  assert.equal(await other.ask('/to AAAAAAAAAAAAAAAAAAAAAA hello'), 'no-connection');
  one.ws.close();
  await one.end();
  const left = async (): Promise<boolean> => (await other.ask(`/to ${id} hello`)) === 'no-connection';
  assert.ok(await left());
});

test('a component has no connection of another one', options, async (t) => {
  const guest = await readFile(await guestPath('websocket-c'));
  const tables = ['a', 'b'].map(
    (id) => `[[application.tool.mayfly.websocket]]\ncomponent = "${id}"\nroute = "/${id}"\ntopics = ["all"]\n`,
  );
  const triggers = `[[trigger.http]]\nroute = "/"\nstatic_response = {}\n${tables.join('')}`;
  const { app } = await startTriggers(t, { triggers, guests: { a: guest, b: guest } });
  const clients = ['a', 'b'].map((path) => new Client(new WebSocket(`${app.url.replace('http', 'ws')}/${path}`)));
  t.after(() => {
    for (const { ws } of clients) ws.terminate();
  });
  await Promise.all(clients.map(({ opened }) => opened));
  const [a, b] = clients as [Client, Client];
  assert.equal(await a.ask('/set secret'), 'ok');
  const id = String(await a.ask('/id'));
  assert.equal(await b.ask(`/to ${id} hello`), 'no-connection');
  assert.equal(await b.ask(`/peek ${id}`), 'nothing');
  assert.equal(await a.ask(`/peek ${id}`), 'secret');
  assert.equal(await b.ask('/say all hello'), 'hello');
  assert.equal(await b.next(), 'sent to 1');
});

test('what a component asks for and cannot have is an error that says why', options, async (t) => {
  const { connect } = await startWebSockets(t);
  const client = await connect();
  const wrong = {
    '/close 1005 x': 'invalid: 1005 is no code with which a connection may be closed',
    '/close 999 x': 'invalid: 999 is no code with which a connection may be closed',
    '/close 1015 x': 'invalid: 1015 is no code with which a connection may be closed',
    [`/close 1000 ${'x'.repeat(124)}`]: 'invalid: a reason has at most 123 bytes, not 124',
    '/refuse 403': 'invalid: only a connection that opens can be refused; close this one',
    '/join': 'invalid: a topic has 1 to 256 bytes, not 0',
    [`/join ${'x'.repeat(257)}`]: 'invalid: a topic has 1 to 256 bytes, not 257',
  };
  for (const [text, error] of Object.entries(wrong)) assert.equal(await client.ask(text), error);
});

test('a component that fails at a message loses the connection, and its other ones not', options, async (t) => {
  const app = await startWebSockets(t);
  const [one, other] = [await app.connect(), await app.connect()];
  one.send('/fail never');
  assert.equal((await one.end()).code, 1011);
  assert.equal(await other.ask('x'), 'x');
  await app.until('the failure in the log', () => app.messages().some((text) => /never$/.test(text)));
});

test('what is no WebSocket on the route is answered as if there were none', options, async (t) => {
  const { url } = await startWebSockets(t);
  const plain = url.replace('ws', 'http');
  assert.equal(await (await fetch(`${plain}/plain`)).text(), 'plain');
  assert.equal((await fetch(`${plain}/chat`)).status, 404);
  assert.equal((await refusalOf(`${url}/chat`, { upgrade: 'h2c' })).status, 404);
  assert.equal((await refusalOf(`${url}/other`)).status, 404);
  const elsewhere = await refusalOf(`${url}/plain`);
  assert.deepEqual([elsewhere.status, elsewhere.body], [200, 'plain']);
});

test('a handshake that is none is refused before the component is called', options, async (t) => {
  const app = await startWebSockets(t);
  const wrong: [headers: Record<string, string>, status: number][] = [
    [{ 'sec-websocket-key': 'short' }, 400],
    [{ 'sec-websocket-version': '7' }, 400],
    [{ 'sec-websocket-protocol': 'a,,b' }, 400],
    [{ host: 'not a host' }, 400],
    [{ 'content-length': '3' }, 400],
    [{ expect: 'wonders' }, 417],
    [{ 'x-long': 'x'.repeat(66_000) }, 431],
  ];
  for (const [headers, status] of wrong) {
    assert.equal(
      (await refusalOf(`${app.url}/chat?fail`, headers)).status,
      status,
      JSON.stringify(headers).slice(0, 80),
    );
  }
  assert.equal(app.logged('event-failed'), 0);
});

test('when the app stops, what is under way is done, and connections close with 1001', options, async (t) => {
  const { connect, app } = await startWebSockets(t);
  const clients = [await connect(), await connect()] as const;
  assert.equal(await clients[0].ask('/join watchers'), 'ok');
  for (let count = 0; count < 30; count++) clients[1].send(`${count}`);
  assert.equal(await clients[1].next(), '0');
  await app.stop();
  for (const client of clients) assert.deepEqual(await client.end(), { code: 1001, reason: '' });
});

test('over TLS they are as without', options, async (t) => {
  const { connect, url, app } = await startWebSockets(t, { start: { http: { certificates: [localhostFiles()] } } });
  assert.match(url, /^wss:/);
  assert.match(app.lines.join('\n'), /chat: wss:\/\/.*\/chat$/);
  const client = await connect('/chat?url', { rejectUnauthorized: false });
  assert.match(String(await client.next()), /^https:\/\//);
  assert.equal(await client.ask('hello'), 'hello');
});
