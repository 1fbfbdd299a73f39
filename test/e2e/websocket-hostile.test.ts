// Clients and guests of WebSockets that mean harm, or are broken: handshakes that are cut off or come too early, messages by
// the thousand, clients that leave in the middle, guests that never return, and the end of the app with all of them.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { frame, opcodes, RawClient } from '../support/raw-websocket.ts';
import { refusalOf, startWebSockets } from '../support/websocket-app.ts';
import { within } from '../support/within.ts';

const options = { timeout: 60_000 };

const handshake = (path: string, more = ''): string =>
  `GET ${path} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-version: 13\r\n` +
  `sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n${more}\r\n`;

/** A connection, with what came on it. */
class Conversation {
  readonly socket: Socket;
  text = '';

  constructor(url: string) {
    const { hostname, port } = new URL(url);
    this.socket = connect(Number(port), hostname);
    this.socket.on('data', (chunk: Buffer) => {
      this.text += chunk.toString('latin1');
    });
  }

  until(pattern: RegExp): Promise<void> {
    const came = async (): Promise<void> => {
      while (!pattern.test(this.text)) await once(this.socket, 'data');
    };
    return within(came(), String(pattern));
  }
}

/** What comes until the connection ends, for bytes that are sent at once. */
async function exchange(url: string, bytes: string | Buffer): Promise<string> {
  const conversation = new Conversation(url);
  conversation.socket.on('error', () => {});
  conversation.socket.write(bytes);
  await within(once(conversation.socket, 'close'), 'the end of a connection');
  return conversation.text;
}

test('frames may come right behind the handshake', options, async (t) => {
  const { url } = await startWebSockets(t);
  const client = new Conversation(url);
  t.after(() => client.socket.destroy());
  const early = ['one', 'two'].map((word) => frame(opcodes.text, word));
  client.socket.write(Buffer.concat([Buffer.from(handshake('/chat')), ...early]));
  await client.until(/two$/);
  assert.match(client.text, /^HTTP\/1\.1 101 [\s\S]*\r\n\r\n..one..two$/);
});

test('a handshake behind a request that has no answer yet is refused, after that answer', options, async (t) => {
  const { url } = await startWebSockets(t);
  const plain = 'GET /plain HTTP/1.1\r\nhost: x\r\n\r\n';
  const answer = await exchange(url, plain + handshake('/chat'));
  assert.match(answer, /^HTTP\/1\.1 200 OK[\s\S]*plainHTTP\/1\.1 400 /);
});

test('a connection that was used for requests may become a WebSocket', options, async (t) => {
  const { url } = await startWebSockets(t);
  const client = new Conversation(url);
  t.after(() => client.socket.destroy());
  client.socket.write('GET /plain HTTP/1.1\r\nhost: x\r\n\r\n');
  await client.until(/plain$/);
  client.socket.write(handshake('/chat'));
  await client.until(/101 Switching Protocols/);
  client.socket.write(frame(opcodes.text, 'hello'));
  await client.until(/hello$/);
});

test('a client that leaves while the component is asked ends the guest, and leaves nothing', options, async (t) => {
  const app = await startWebSockets(t, {
    limits: 'websockets = 1',
    guest: `export default { websocket: { open: (connection, request) => request.url.includes('wait')
      ? new Promise((resolve) => setTimeout(resolve, 3_600_000)) : undefined } };`,
  });
  const { hostname, port } = new URL(app.url);
  const socket = connect(Number(port), hostname);
  socket.write(handshake('/chat?wait'));
  const busy = (): number => app.app.pools().reduce((sum, pool) => sum + pool.busy, 0);
  await app.until('the guest to run', () => busy() === 1);
  assert.equal((await refusalOf(`${app.url}/chat`)).status, 503);
  socket.resetAndDestroy();
  await app.until('the guest to end', () => busy() === 0);
  const client = await app.connect();
  client.ws.close();
  await client.end();
});

test('thousands of small messages at once are handled in their order, while others are served', options, async (t) => {
  const { url, connect: open } = await startWebSockets(t);
  const [raw, other] = [await RawClient.open(`${url}/chat`), await open()];
  t.after(() => raw.destroy());
  const count = 3_000;
  raw.write(...Array.from({ length: count }, (_, index) => frame(opcodes.text, String(index))));
  assert.equal(await other.ask('meanwhile'), 'meanwhile');
  for (let index = 0; index < count; index++) assert.equal((await raw.next())?.data.toString(), String(index));
});

test('a client that takes nothing is disconnected, and the others are served', options, async (t) => {
  const { url, connect: open } = await startWebSockets(t, { table: 'topics = ["all"]' });
  const raw = await RawClient.open(`${url}/chat`);
  t.after(() => raw.destroy());
  raw.pause();
  const talker = await open();
  await talker.ask('/leave all');
  const text = 'x'.repeat(200_000);
  let reached = 1;
  for (let count = 0; reached > 0; count++) {
    assert.ok(count < 500, 'a client that takes nothing stays');
    const said = String(await talker.ask(`/say all ${text}`));
    reached = Number(/sent to (\d+)/.exec(said)?.[1]);
  }
  assert.equal(await talker.ask('x'), 'x');
});

test('a guest that never returns is stopped by its limits, and its connection closed', options, async (t) => {
  const app = await startWebSockets(t, { limits: 'cpu_slice = "100ms"' });
  const [client, other] = [await app.connect(), await app.connect()];
  client.send('/spin');
  assert.equal((await client.end()).code, 1011);
  assert.equal(await other.ask('x'), 'x');
  assert.equal((await refusalOf(`${app.url}/chat?spin`)).status, 500);
  assert.ok(app.messages().some((text) => /Limit reached: cpu_slice/.test(text)));
});

test('a process with clients in all states ends', options, async (t) => {
  const app = await startWebSockets(t, {
    limits: 'wall = "2s"',
    guest: `export default { websocket: {
    open: (connection, request) => request.url.includes('wait') ? new Promise(() => setTimeout(() => {}, 3_600_000)) : undefined,
    message: () => new Promise(() => setTimeout(() => {}, 3_600_000)),
  } };`,
  });
  const { hostname, port } = new URL(app.url);
  const opening = connect(Number(port), hostname);
  opening.on('error', () => {});
  opening.write(handshake('/chat?wait'));
  const half = connect(Number(port), hostname);
  half.on('error', () => {});
  half.write(handshake('/chat').slice(0, 40));
  t.after(() => half.destroy());
  const raw = await RawClient.open(`${app.url}/chat`);
  raw.write(frame(opcodes.binary, Buffer.alloc(1000), { isFinal: false }));
  const busy = await app.connect();
  busy.send('never answered');
  await delay(50);
  half.destroy();
  await within(app.app.stop(), 'the app to stop', 30);
  assert.equal((await busy.end()).code, 1011);
  raw.destroy();
  opening.destroy();
});
