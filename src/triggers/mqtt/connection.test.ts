// A subscription ends when its broker is gone, hangs or refuses it, and says why; a slow handler does not end it.
import assert from 'node:assert/strict';
import { connect, createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import mqtt from 'mqtt';
import { mosquittoMissing, startMosquitto } from '../../../test/support/servers/brokers.ts';
import { type Subscription, subscribe } from './connection.ts';

const limit = { timeout: 20_000 };
const real = { ...limit, skip: mosquittoMissing() };
const never = new AbortController().signal;

async function broker(t: TestContext, options: { password?: string } = {}) {
  const one = await startMosquitto(options);
  t.after(() => one.close());
  return one;
}

function to(url: string, more: Partial<Subscription> = {}): Subscription {
  const handle = async (): Promise<void> => {};
  return { url, username: '', password: '', keepAliveSeconds: 1, topic: 'a', qos: 1, handle, ...more };
}

test('while a message is handled nothing is read, and the connection lives on', real, async (t) => {
  const { url } = await broker(t);
  const handled: string[] = [];
  const handle = async ({ payload }: { payload: Uint8Array }): Promise<void> => {
    const text = Buffer.from(payload).toString();
    if (text === 'slow') await delay(4_000);
    handled.push(text);
  };
  const { lost, close } = await subscribe(to(url, { handle }), never);
  const publisher = await mqtt.connectAsync(url);
  t.after(() => publisher.endAsync(true));
  await publisher.publishAsync('a', 'slow', { qos: 1 });
  await publisher.publishAsync('a', 'next', { qos: 0 });
  await delay(300);
  assert.deepEqual(handled, []);
  while (handled.length < 2) await delay(20);
  assert.deepEqual(handled, ['slow', 'next']);
  const state = await Promise.race([lost, delay(100, 'alive')]);
  assert.equal(state, 'alive');
  close();
  assert.equal(await lost, 'closed');
});

test(
  'a broker that hangs is lost, one that is gone as well, and one that is not there is an error',
  real,
  async (t) => {
    const one = await broker(t);
    const first = await subscribe(to(one.url), never);
    one.freeze();
    assert.match(await first.lost, /[Kk]eepalive|ended/);
    one.thaw();
    const second = await subscribe(to(one.url), never);
    await one.stop();
    assert.match(await second.lost, /./);
    await assert.rejects(subscribe(to(one.url), never), /ECONNREFUSED/);
  },
);

test('a user that the broker does not know is refused, one that it knows is not', real, async (t) => {
  const { url } = await broker(t, { password: 'open' });
  await assert.rejects(subscribe(to(url), never), /[Nn]ot authorized/);
  const { close, lost } = await subscribe(to(url, { username: 'guest', password: 'open' }), never);
  close();
  assert.equal(await lost, 'closed');
});

test('a broker that accepts and says nothing is given up', limit, async (t) => {
  const silent = createServer(() => {}).listen(0, '127.0.0.1');
  t.after(() => silent.close());
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  await assert.rejects(subscribe(to(`mqtt://127.0.0.1:${port}`), never, 300), /answer|timed out|timeout|ended/i);
});

test('a close ends the connection to the broker, whether a message came or not', real, async (t) => {
  const { port: brokerPort } = await broker(t);
  const ended: Promise<unknown>[] = [];
  const between = createServer((socket) => {
    const onward = connect(brokerPort, '127.0.0.1');
    for (const one of [socket, onward]) one.on('error', () => {});
    ended.push(new Promise((resolve) => socket.once('end', resolve).once('close', resolve)));
    socket.pipe(onward).pipe(socket);
  }).listen(0, '127.0.0.1');
  t.after(() => between.close());
  await new Promise((resolve) => between.once('listening', resolve));
  const { port } = between.address() as { port: number };
  const { close } = await subscribe(to(`mqtt://127.0.0.1:${port}`, { keepAliveSeconds: 60 }), never);
  close();
  await ended[0];
});
