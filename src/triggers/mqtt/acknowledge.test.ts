// A message is acknowledged when it was handled and not before, also when the trigger stops meanwhile. The broker is a
// socket that says what a broker would say.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { type MqttMessage, subscribe } from './connection.ts';

const limit = { timeout: 10_000 };
const CONNACK = [0x20, 2, 0, 0];
const PUBACK = '40020005';

/** Grants the subscription, and then sends one message of QoS 1 with the number 5. */
async function broker(t: TestContext, grant = 1) {
  const got: string[] = [];
  let open: Socket | undefined;
  const server = createServer((socket) => {
    open = socket;
    socket.on('error', () => {});
    socket.on('data', (bytes: Buffer) => {
      got.push(bytes.toString('hex'));
      if (bytes[0] === 0x10) socket.write(Uint8Array.from(CONNACK));
      if (bytes[0] !== 0x82) return;
      socket.write(Uint8Array.from([0x90, 3, bytes[2] ?? 0, bytes[3] ?? 0, grant]));
      if (grant === 1) socket.write(Uint8Array.from([0x32, 7, 0, 1, 0x61, 0, 5, 0x68, 0x69]));
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    open?.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  return { url: `mqtt://127.0.0.1:${port}`, got: () => got.join(' '), isOpen: () => open?.readyState === 'open' };
}

function subscription(url: string) {
  const { promise: handled, resolve: end } = Promise.withResolvers<void>();
  const messages: MqttMessage[] = [];
  const handle = (message: MqttMessage): Promise<void> => {
    messages.push(message);
    return handled;
  };
  const options = { url, username: '', password: '', keepAliveSeconds: 30, topic: 'a', qos: 1, handle };
  return { options, messages, end };
}

async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await delay(5);
}

for (const stops of [false, true]) {
  test(`it is acknowledged once it is handled${stops ? ', also after a stop' : ''}`, limit, async (t) => {
    const { url, got } = await broker(t);
    const { options, messages, end } = subscription(url);
    const { close, lost } = await subscribe(options, new AbortController().signal);
    await until(() => messages.length === 1);
    assert.equal(Buffer.from(messages[0]?.payload ?? []).toString(), 'hi');
    if (stops) {
      close();
      assert.equal(await lost, 'closed');
    }
    await delay(50);
    assert.ok(!got().includes(PUBACK));
    end();
    await until(() => got().includes(PUBACK));
    close();
  });
}

test('a close after a message was handled ends the connection', limit, async (t) => {
  const { url, got, isOpen } = await broker(t);
  const { options, end } = subscription(url);
  const { close } = await subscribe(options, new AbortController().signal);
  end();
  await until(() => got().includes(PUBACK));
  assert.equal(isOpen(), true);
  close();
  await until(() => !isOpen());
});

test('a broker that talks nonsense is lost, and so is one that sends more than a packet may have', limit, async (t) => {
  for (const nonsense of [
    [0xf7, 0xff, 0xff, 0xff, 0xff, 0xff],
    [0x20, 0],
    Buffer.from('HTTP/1.1 400 Bad Request\r\n\r\n'),
  ]) {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => socket.write(Uint8Array.from(nonsense)));
    }).listen(0, '127.0.0.1');
    t.after(() => server.close());
    await new Promise((resolve) => server.once('listening', resolve));
    const { options } = subscription(`mqtt://127.0.0.1:${(server.address() as { port: number }).port}`);
    await assert.rejects(subscribe(options, new AbortController().signal, 300), Error);
  }
});

test('a subscription that the broker refuses is an error', limit, async (t) => {
  const { url } = await broker(t, 0x80);
  const { options } = subscription(url);
  await assert.rejects(subscribe(options, new AbortController().signal), /refuse|[Ee]rror/);
});
