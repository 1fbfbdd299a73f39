// WebSockets of programs, in each engine: the handlers of `export default { websocket }`, what they get, `websocket` of
// mayfly/sdk in a handler of HTTP, and what goes wrong.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { engineNames } from '../../src/app/script-file.ts';
import { refusalOf, startWebSockets } from '../support/websocket-app.ts';

const options = { timeout: 120_000 };

const program = `
import { ServiceError, websocket, type WebSocketConnection, type WebSocketHandler } from 'mayfly/sdk';

let events = 0;

const commands: Record<string, (connection: WebSocketConnection, rest: string) => unknown> = {
  '/events': () => ++events,
  '/name': (connection, name) => connection.setState({ name }),
  '/who': (connection) => connection.getState<{ name: string }>()?.name ?? 'nobody',
  '/join': (connection, topic) => connection.subscribe(topic),
  '/leave': (connection, topic) => connection.unsubscribe(topic),
  '/say': (_, text) => websocket.broadcast('room', text),
  '/id': ({ id }) => id,
  '/close': (connection, reason) => connection.close(4001, reason),
  '/bytes': (connection) => connection.send(Uint8Array.of(1, 2, 3)),
  '/wait': () => new Promise((resolve) => setTimeout(() => resolve('waited'), 20)),
  '/wrong': (connection) => connection.send(42 as unknown as string),
  '/throw': () => { throw new RangeError('too far'); },
  '/large': (connection) => connection.setState('x'.repeat(5000)),
};

const handlers: WebSocketHandler = {
  open(connection, request, env) {
    const { pathname, searchParams } = new URL(request.url);
    if (searchParams.has('status')) return new Response('no', { status: Number(searchParams.get('status')) });
    if (searchParams.has('refuse')) return connection.refuse();
    if (searchParams.has('throw')) throw new Error('not at all');
    if (searchParams.has('show')) {
      connection.send([request.method, pathname, request.headers.get('cookie'), request.headers.get('x-name'), env.who].join(' '));
    }
    connection.subscribe('everybody');
  },
  async message(connection, data, _env, ctx) {
    if (typeof data !== 'string') return connection.send(data);
    const [name = '', ...rest] = data.split(' ');
    const command = commands[name];
    if (!command) return connection.send(data);
    if (name === '/wait') ctx.waitUntil(Promise.resolve().then(() => connection.send('later')));
    try {
      const given = await command(connection, rest.join(' '));
      if (name !== '/close' && name !== '/bytes') connection.send(String(given));
    } catch (error) {
      if (name === '/throw') throw error;
      const { name: kind, message } = error as Error;
      connection.send(error instanceof ServiceError ? error.code + ' ' + message : kind + ' ' + message);
    }
  },
  close(connection, code, reason) {
    const { name } = connection.getState<{ name: string }>() ?? {};
    websocket.broadcast('everybody', name + ' left ' + code + ' ' + reason);
  },
};

export default {
  websocket: handlers,
  async fetch(request: Request) {
    const { searchParams } = new URL(request.url);
    const id = searchParams.get('id');
    if (id !== null) {
      websocket.connection(id).send('from HTTP');
      return new Response('sent');
    }
    return new Response(String(websocket.broadcast('everybody', await request.text())));
  },
};
`;

for (const engine of engineNames) {
  const start = (t: Parameters<typeof startWebSockets>[0], guest = program) =>
    startWebSockets(t, {
      guest,
      settings: `variables = { who = "me" }\ntool.mayfly.engine = "${engine}"`,
      trigger: '[[trigger.http]]\nroute = "/http"\ncomponent = "chat"\n',
    });

  test(`${engine}: messages, state, topics and closes`, options, async (t) => {
    const { connect } = await start(t);
    const one = await connect('/chat?show', { headers: { cookie: 'a=1', 'x-name': 'n' } });
    assert.equal(await one.next(), 'GET /chat a=1 n me');
    assert.equal(await one.ask('hello, wörld'), 'hello, wörld');
    one.send(Buffer.from([0, 255]));
    assert.deepEqual(await one.next(), Buffer.from([0, 255]));
    assert.equal(await one.ask('/events'), '1');
    assert.equal(await one.ask('/events'), '1');
    one.send('/bytes');
    assert.deepEqual(await one.next(), Buffer.from([1, 2, 3]));
    assert.equal(await one.ask('/who'), 'nobody');
    assert.equal(await one.ask('/name Ann'), 'undefined');
    assert.equal(await one.ask('/who'), 'Ann');
    const two = await connect();
    assert.equal(await two.ask('/who'), 'nobody');
    await two.ask('/join room');
    assert.equal(await one.ask('/say hello'), '1');
    assert.equal(await two.next(), 'hello');
    await two.ask('/leave room');
    assert.equal(await one.ask('/say hello'), '0');
    assert.deepEqual([await one.ask('/wait'), await one.next()].sort(), ['later', 'waited']);
    one.send('/close see you');
    assert.deepEqual(await one.end(), { code: 4001, reason: 'see you' });
    assert.equal(await two.next(), 'Ann left 4001 see you');
  });

  test(`${engine}: what a handler refuses, and what it throws`, options, async (t) => {
    const app = await start(t);
    assert.equal((await refusalOf(`${app.url}/chat?status=402`)).status, 402);
    assert.equal((await refusalOf(`${app.url}/chat?refuse`)).status, 403);
    assert.equal((await refusalOf(`${app.url}/chat?throw`)).status, 500);
    const client = await app.connect();
    assert.match(String(await client.ask('/large')), /^limit websocket: Limit reached: websocket_state \(4096 bytes\)/);
    assert.match(String(await client.ask('/wrong')), /^TypeError A message must be a string/);
    client.send('/throw');
    assert.equal((await client.end()).code, 1011);
    await app.until('the error in the log', () => app.messages().some((text) => /too far/.test(text)));
  });

  test(`${engine}: a request of HTTP reaches WebSockets`, options, async (t) => {
    const { connect, app } = await start(t);
    const clients = [await connect(), await connect()] as const;
    const said = await fetch(`${app.url}/http`, { method: 'POST', body: 'news' });
    assert.equal(await said.text(), '2');
    for (const client of clients) assert.equal(await client.next(), 'news');
    const id = await clients[0].ask('/id');
    assert.equal(await (await fetch(`${app.url}/http?id=${id}`)).text(), 'sent');
    assert.equal(await clients[0].next(), 'from HTTP');
    assert.equal((await fetch(`${app.url}/http?id=other`)).status, 500);
  });

  test(`${engine}: handlers that are not there are no mistake, but none at all is one`, options, async (t) => {
    const app = await start(t, 'export default { websocket: {}, fetch: () => new Response("x") };');
    const client = await app.connect();
    client.send('nobody hears this');
    client.ws.close(1000);
    assert.equal((await client.end()).code, 1000);
    const without = await start(t, 'export default { fetch: () => new Response("x") };');
    assert.equal((await refusalOf(`${without.url}/chat`)).status, 500);
    await without.until('the mistake', () =>
      without.messages().some((text) => /export default \{ websocket:/.test(text)),
    );
  });
}
