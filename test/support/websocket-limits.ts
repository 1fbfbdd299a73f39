// Proofs that the limits of WebSockets hold: each is set in a manifest to a value that nothing else has, reached, and
// exceeded by one.
import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { frame, opcodes, RawClient } from './raw-websocket.ts';
import { type AppOptions, type Client, refusalOf, startWebSockets, type WebSocketApp } from './websocket-app.ts';

/** An app with these limits, for as long as `use` takes. */
function limited(limits: string, use: (app: WebSocketApp) => Promise<void>, more: AppOptions = {}) {
  return async (): Promise<void> => {
    const cleaners: (() => unknown)[] = [];
    const context = { after: (clean: () => unknown) => void cleaners.push(clean) } as unknown as TestContext;
    try {
      await use(await startWebSockets(context, { limits, ...more }));
    } finally {
      for (const clean of cleaners.reverse()) await clean();
    }
  };
}

/** A message that begins with "wait" is handled until the state of its connection is "go", which an HTTP request sets. */
const waiting = `
import { websocket } from 'mayfly/sdk';
export default {
  websocket: {
    async message(connection, data) {
      if (data === 'wait') {
        connection.send(connection.id);
        while (connection.getState() !== 'go') await new Promise((resolve) => setTimeout(resolve, 10));
      }
      if (data === 'end') connection.send('end');
    },
  },
  fetch(request) {
    websocket.connection(new URL(request.url).searchParams.get('id')).setState('go');
    return new Response('gone on');
  },
};`;

/** Waits until a client can send nothing more, and says how much it has left. */
async function leftAtRest({ ws }: Client): Promise<number> {
  for (let before = -1; before !== ws.bufferedAmount; ) {
    before = ws.bufferedAmount;
    await sleep(300);
  }
  return ws.bufferedAmount;
}

const MiB = 2 ** 20;

export const webSocketProofs = {
  socketCount: limited('websockets = 2', async ({ connect, url }) => {
    const [one] = [await connect(), await connect()];
    const refused = await refusalOf(`${url}/chat`);
    assert.deepEqual([refused.status, refused.headers['retry-after']], [503, '1']);
    one.ws.close();
    await one.end();
    for (let tries = 0; (await refusalOf(`${url}/chat?refuse=499`)).status === 503; tries++) {
      assert.ok(tries < 100, 'the place of a connection that is closed stays taken');
    }
  }),

  socketMessageBytes: limited('websocket_message = 1013', async ({ connect }) => {
    const client = await connect();
    assert.equal(await client.ask('x'.repeat(1013)), 'x'.repeat(1013));
    client.send('x'.repeat(1014));
    assert.equal((await client.end()).code, 1009);
  }),

  socketFrames: limited('websocket_frames = 3', async ({ url }) => {
    const client = await RawClient.open(`${url}/chat`);
    const part = frame(opcodes.continuation, 'b', { isFinal: false });
    const last = frame(opcodes.continuation, 'c');
    const first = frame(opcodes.text, 'a', { isFinal: false });
    client.write(first, part, last);
    assert.equal((await client.next())?.data.toString(), 'abc');
    client.write(first, part, part, last);
    assert.equal(await client.closeCode(), 1008);
    client.destroy();
  }),

  socketQueue: limited(
    'websocket_queue = 3\nwebsocket_message = "64MiB"',
    async ({ connect, app }) => {
      const client = await connect();
      const id = await client.ask('wait');
      for (let count = 0; count < 28; count++) client.send(Buffer.alloc(MiB));
      client.send('end');
      // Three messages wait, one is on its way, and the system holds some megabytes.
      assert.ok((await leftAtRest(client)) > 10 * MiB, 'more is read than may wait');
      assert.equal(await (await fetch(`${app.url}/go?id=${id}`)).text(), 'gone on');
      assert.equal(await client.next(), 'end');
    },
    { guest: waiting, trigger: '[[trigger.http]]\nroute = "/go"\ncomponent = "chat"\n' },
  ),

  socketSendBytes: limited('websocket_send = 300007', async ({ connect }) => {
    const client = await connect();
    assert.equal((await client.ask('/flood 1 300007')).length, 300_007);
    client.send('/flood 1 300008');
    assert.deepEqual(await client.end(), { code: 1013, reason: 'too slow' });
  }),

  socketHeldBytes: limited('websocket_held = 500009', async ({ connect }) => {
    const [one, other] = [await connect(), await connect()];
    assert.equal((await one.ask('x'.repeat(100_000))).length, 100_000);
    one.send('x'.repeat(600_000));
    assert.deepEqual(await one.end(), { code: 1013, reason: 'too much waits' });
    // What it held is given back.
    for (let count = 0; count < 20; count++) assert.equal((await other.ask('x'.repeat(100_000))).length, 100_000);
  }),

  socketStateBytes: limited('websocket_state = 11', async ({ connect }) => {
    const client = await connect();
    assert.equal(await client.ask('/set 12345678901'), 'ok');
    assert.equal(await client.ask('/set 123456789012'), 'limit: Limit reached: websocket_state (11 bytes)');
    assert.equal(await client.ask('/get'), '12345678901');
  }),

  socketTopics: limited('websocket_topics = 2', async ({ connect }) => {
    const client = await connect();
    for (const topic of ['a', 'b', 'a']) assert.equal(await client.ask(`/join ${topic}`), 'ok');
    assert.equal(await client.ask('/join c'), 'limit: Limit reached: websocket_topics (2)');
    assert.equal(await client.ask('/leave a'), 'ok');
    assert.equal(await client.ask('/join c'), 'ok');
  }),

  socketPingMs: limited('websocket_ping = "120ms"', async ({ connect }) => {
    const [well, silent] = [await connect(), await connect('/chat', { autoPong: false })];
    let pings = 0;
    well.ws.on('ping', () => pings++);
    assert.equal((await silent.end()).code, 1006);
    while (pings < 4) await sleep(20);
    assert.equal(await well.ask('x'), 'x');
  }),

  socketIdleMs: limited('websocket_idle = "350ms"\nwebsocket_ping = "60ms"', async ({ connect }) => {
    const [busy, idle] = [await connect(), await connect()];
    let isOver = false;
    void idle.closed.then(() => {
      isOver = true;
    });
    while (!isOver) {
      assert.equal(await busy.ask('x'), 'x');
      await sleep(20);
    }
    assert.deepEqual(await idle.end(), { code: 1001, reason: 'idle' });
  }),
};
