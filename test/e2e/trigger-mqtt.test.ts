// MQTT triggers call components with the messages of a real broker: one sandbox for each, whatever happens to the broker,
// to the guests, or to the app in the middle of it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { connectAsync } from 'mqtt';
import { eventGuest } from '../support/event-guest.ts';
import { type MqttBroker, mosquittoMissing, startMosquitto } from '../support/servers/brokers.ts';
import { startTriggers, type TriggerApp } from '../support/trigger-app.ts';

const limit = { timeout: 30_000, skip: mosquittoMissing() };
const guests = { one: await eventGuest('mqtt') };

async function startBroker(t: TestContext, options: { password?: string } = {}): Promise<MqttBroker> {
  const broker = await startMosquitto(options);
  t.after(() => broker.close());
  return broker;
}

async function publisher(t: TestContext, { url }: MqttBroker, options = {}) {
  const client = await connectAsync(url, { reconnectPeriod: 0, ...options });
  client.on('error', () => {});
  t.after(() => client.endAsync(true));
  return async (topic: string, ...messages: readonly string[]): Promise<void> => {
    for (const message of messages) await client.publishAsync(topic, message, { qos: 1 });
  };
}

const application = (address: string, more = ''): string =>
  `[application.trigger.mqtt]\naddress = "${address}"\n${more}`;
const trigger = (component: string, topic: string, qos = '1'): string =>
  `[[trigger.mqtt]]\ncomponent = "${component}"\ntopic = "${topic}"\nqos = "${qos}"`;
const heard = ({ lines }: TriggerApp, component: string) =>
  lines
    .filter(({ fields }) => fields.event === 'guest-output' && fields.component === component)
    .map(({ message }) => message);

test('messages of a topic reach its components, in order, with user, password and variables', limit, async (t) => {
  const broker = await startBroker(t, { password: 'open' });
  const running = await startTriggers(
    t,
    {
      triggers: [
        '[variables]\nsecret = { required = true, secret = true }\nroom = { default = "hall" }',
        application(broker.url, 'username = "guest"\npassword = "{{ secret }}"\nkeep_alive_interval = "5"'),
        trigger('one', 'home/+/warm', '2'),
        trigger('two', 'home/{{ room }}/#', '0'),
      ].join('\n'),
      guests: { one: guests.one, two: guests.one },
    },
    { variables: { secret: 'open' } },
  );
  assert.deepEqual(running.app.lines, [
    `Active Topics on 127.0.0.1:${broker.port}:`,
    `  127.0.0.1:${broker.port}/home/+/warm: [one] (QoS 2)`,
    `  127.0.0.1:${broker.port}/home/hall/#: [two] (QoS 0)`,
  ]);
  assert.equal(running.logged('imports-unsupported'), 0);
  const publish = await publisher(t, broker, { username: 'guest', password: 'open' });
  const sent = Array.from({ length: 20 }, (_, index) => `m${index}`);
  await publish('home/hall/warm', ...sent);
  await publish('home/attic/warm', 'attic');
  await publish('home/hall/cold', 'cold');
  await running.until('all messages', () => heard(running, 'one').length + heard(running, 'two').length === 42);
  assert.deepEqual(heard(running, 'one'), [...sent, 'attic']);
  assert.deepEqual(heard(running, 'two'), [...sent, 'cold']);
});

test('a message whose guest fails is logged and acknowledged, and not delivered again', limit, async (t) => {
  const broker = await startBroker(t);
  const running = await startTriggers(t, {
    triggers: [
      application(broker.url),
      trigger('one', 'a'),
      '[application.tool.mayfly.limits]\ncpu_slice = "100ms"\nheld = "64KiB"',
    ].join('\n'),
    guests,
  });
  const publish = await publisher(t, broker);
  await publish('a', 'trap', 'busy', 'error', 'x'.repeat(70_000), 'last');
  await running.until('the last message', () => heard(running, 'one').includes('last'));
  await delay(300);
  const failures = running.lines.filter(({ fields }) => fields.event === 'event-failed');
  assert.deepEqual(
    failures.map(({ fields }) => fields.code),
    ['guest-trap', 'guest-cpu-limit', 'guest-error'],
  );
  assert.equal(failures[2]?.message, 'mqtt a: The handler returned an error: error');
  assert.equal(running.logged('messages-dropped'), 1);
  assert.deepEqual(heard(running, 'one'), ['last']);
});

test('a broker that is absent at first, and goes away later, loses no trigger', limit, async (t) => {
  const broker = await startBroker(t);
  await broker.stop();
  const running = await startTriggers(t, {
    triggers: [application(broker.url), trigger('one', 'a')].join('\n'),
    guests,
  });
  const { until, logged } = running;
  assert.equal(logged('broker-lost'), 1);
  await broker.start();
  await until('a connection', () => logged('broker-connected') === 1);
  await (await publisher(t, broker))('a', 'first');
  await until('the first message', () => heard(running, 'one').includes('first'));
  await broker.stop();
  await until('the loss', () => logged('broker-lost') === 2);
  await broker.start();
  await until('another connection', () => logged('broker-connected') === 2);
  await (await publisher(t, broker))('a', 'second');
  await until('the second message', () => heard(running, 'one').includes('second'));
});

test('a flood stays with the broker: all of it arrives, one by one', limit, async (t) => {
  const broker = await startBroker(t);
  const running = await startTriggers(t, {
    triggers: [application(broker.url), trigger('one', 'a')].join('\n'),
    guests,
  });
  const publish = await publisher(t, broker);
  const sent = Array.from({ length: 300 }, (_, index) => `m${index}`);
  await publish('a', 'w9', ...sent);
  await running.until('all of them', () => heard(running, 'one').length === 301);
  assert.deepEqual(heard(running, 'one'), ['w9', ...sent]);
});

test('a stop lets the message under way end, and takes no new ones', limit, async (t) => {
  const broker = await startBroker(t);
  const running = await startTriggers(t, {
    triggers: [application(broker.url), trigger('one', 'a')].join('\n'),
    guests,
  });
  const publish = await publisher(t, broker);
  await publish('a', 'w6 first', 'second');
  await delay(200);
  await running.app.stop();
  assert.deepEqual(heard(running, 'one'), ['w6 first']);
  await publish('a', 'late');
  await delay(200);
  assert.deepEqual(heard(running, 'one'), ['w6 first']);
});
