// Messages of topics come to the components that their triggers name, one at a time for each trigger. The broker is a
// socket that says what a broker would say.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/support/servers/until.ts';
import type { LockedMqttTrigger } from '../../app/manifest/triggers/mqtt.ts';
import { fakeApp } from '../fake-target.test-kit.ts';
import { mqttTrigger } from './trigger.ts';

const limit = { timeout: 10_000 };
const listen = { listen: { host: '127.0.0.1', port: 0 } };
const CONNACK = Uint8Array.of(0x20, 2, 0, 0);

/** Lets everybody in, grants each subscription, and publishes when it is told to. */
async function broker(t: TestContext) {
  const sockets: Socket[] = [];
  const connects: Buffer[] = [];
  const subscriptions: Buffer[] = [];
  const acknowledged: number[] = [];
  const server = createServer((socket) => {
    sockets.push(socket.on('error', () => {}));
    socket.on('data', (bytes: Buffer) => {
      for (let at = 0; at < bytes.length; at += 2 + (bytes[at + 1] ?? 0)) {
        const packet = bytes.subarray(at, at + 2 + (bytes[at + 1] ?? 0));
        if (packet[0] === 0x10) connects.push(packet);
        if (packet[0] === 0x10) socket.write(CONNACK);
        if (packet[0] === 0x82) subscriptions.push(packet);
        if (packet[0] === 0x82) socket.write(Uint8Array.of(0x90, 3, packet[2] ?? 0, packet[3] ?? 0, 1));
        if (packet[0] === 0x40) acknowledged.push(packet.readUInt16BE(2));
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  let last = 0;
  const publish = (text: string): void => {
    last += 1;
    const packet = Buffer.concat([Buffer.of(0, 1), Buffer.from('t'), Buffer.of(0, last), Buffer.from(text)]);
    sockets.at(-1)?.write(Buffer.concat([Buffer.of(0x32, packet.length), packet]));
  };
  const lose = (): unknown => sockets.at(-1)?.destroy();
  return { address: `mqtt://127.0.0.1:${port}`, port, publish, lose, connects, subscriptions, acknowledged };
}

const trigger = (component: string, address: string, more: Partial<LockedMqttTrigger> = {}): LockedMqttTrigger => ({
  type: 'mqtt',
  id: component,
  component,
  topic: '{{ topic }}',
  qos: 1,
  address,
  username: '',
  password: '',
  keepAliveSeconds: 30,
  ...more,
});

test('a message comes with its topic, and is acknowledged when it was handled', limit, async (t) => {
  const { address, publish, connects, subscriptions, acknowledged } = await broker(t);
  const given: unknown[] = [];
  const ends: (() => void)[] = [];
  const handle = (...params: readonly unknown[]): Promise<void> => {
    given.push(params);
    return new Promise((resolve) => ends.push(resolve));
  };
  const { app, eventsOf } = fakeApp({
    handlers: { a: handle },
    triggers: [trigger('none', address), trigger('a', address, { username: '{{ user }}', password: '{{ word }}' })],
    options: { summary: true },
  });
  const running = mqttTrigger.load(app);
  t.after(() => running.stop(0));
  await running.run(listen);
  assert.equal(running.trouble, undefined);
  assert.equal(connects.length, 1);
  assert.match(String(connects[0]), /the-user.*the-word/s);
  assert.equal(connects[0]?.readUInt16BE(10), 30, 'seconds between pings');
  assert.ok(String(subscriptions[0]).endsWith('the-topic\u0001'));
  publish('one');
  publish('two');
  await until(() => given.length === 1, 'the first message');
  assert.deepEqual(acknowledged, []);
  ends.shift()?.();
  await until(() => given.length === 2, 'the second message');
  assert.deepEqual(acknowledged, [1]);
  const stopped = running.stop(5000);
  ends.shift()?.();
  await stopped;
  await until(() => acknowledged.length === 2, 'its acknowledgement');
  assert.deepEqual(given, [
    [Buffer.from('one'), { topic: 't' }],
    [Buffer.from('two'), { topic: 't' }],
  ]);
  assert.equal(eventsOf('event-used').length, 2);
});

test('a message of a new connection waits for that of the old one', limit, async (t) => {
  const { address, publish, lose, connects, port } = await broker(t);
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  const handle = (_type: unknown, payload: unknown, facts: unknown): Promise<void> => {
    begun.push(`${Buffer.from(payload as Uint8Array)} ${facts}`);
    return new Promise((resolve) => ends.push(resolve));
  };
  const { app } = fakeApp({
    handlers: { a: handle },
    triggers: [trigger('a', address)],
    target: { entry: { kind: 'program' } },
  });
  const running = mqttTrigger.load(app);
  t.after(() => running.stop(0));
  await running.run(listen);
  publish('one');
  await until(() => begun.length === 1, 'the first message');
  lose();
  await until(() => running.trouble === `no connection to 127.0.0.1:${port}`, 'the trouble');
  await until(() => connects.length === 2 && running.trouble === undefined, 'another connection');
  publish('two');
  await new Promise((resolve) => setTimeout(resolve, 50));
  assert.equal(begun.length, 1);
  ends.shift()?.();
  await until(() => begun.length === 2, 'the second message');
  assert.deepEqual(begun, ['one {"topic":"t"}', 'two {"topic":"t"}']);
  ends.shift()?.();
  await running.stop(1000);
});

test(
  'a message of just as many bytes as may be held is handled, one byte more is dropped and told',
  limit,
  async (t) => {
    const { address, publish, acknowledged } = await broker(t);
    const given: number[] = [];
    const { app, eventsOf } = fakeApp({
      handlers: { a: (payload) => void given.push((payload as Uint8Array).length) },
      triggers: [trigger('a', address)],
      target: { limits: { heldBytes: 5 } },
    });
    const running = mqttTrigger.load(app);
    t.after(() => running.stop(0));
    await running.run(listen);
    publish('123456');
    publish('12345');
    await until(() => acknowledged.length === 2, 'both');
    assert.deepEqual(given, [5]);
    const [dropped] = eventsOf('messages-dropped');
    assert.deepEqual(dropped?.fields, { event: 'messages-dropped', trigger: 'mqtt', name: 't', count: 1 });
    assert.equal(dropped?.message, 'mqtt t: a message of 6 bytes is dropped. Limit reached: held (5 bytes)');
    await running.stop(1000);
  },
);

test('an address that is none stops the start; people see topics by broker', limit, async () => {
  const { app } = fakeApp({ handlers: { a: () => {} }, triggers: [trigger('a', 'redis://h')] });
  await assert.rejects(mqttTrigger.load(app).run(listen), {
    code: 'trigger-start',
    hint: "Write it as 'mqtt://host:1883'",
  });
  const shown = fakeApp({
    handlers: {},
    triggers: [
      trigger('a', 'mqtt://u:p@one:7', { topic: 'x', qos: 0 }),
      trigger('b', 'mqtt://two', { topic: 'y' }),
      trigger('c', 'mqtt://one:7', { topic: 'z', qos: 2 }),
    ],
  });
  assert.deepEqual(mqttTrigger.describe(shown.app.locked, ''), [
    'Active Topics on one:7:',
    '  one:7/x: [a] (QoS 0)',
    '  one:7/z: [c] (QoS 2)',
    'Active Topics on two:',
    '  two/y: [b] (QoS 1)',
  ]);
});
