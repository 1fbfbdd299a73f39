// Redis triggers call components with the messages of a real server: one sandbox for each, whatever happens to the
// server, to the guests, or to the app in the middle of it.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { createClient } from '@redis/client';
import { eventGuest, oldRedisGuest } from '../support/event-guest.ts';
import { type RedisServer, redisMissing, startRedis } from '../support/servers/redis.ts';
import { startTriggers, type TriggerApp } from '../support/trigger-app.ts';

const limit = { timeout: 30_000, skip: redisMissing() };
const guest = await eventGuest('redis-1');

async function server(t: TestContext) {
  const redis = await startRedis();
  t.after(() => redis.close());
  return redis;
}

async function publisher(t: TestContext, { url }: RedisServer) {
  const client = createClient({ url, socket: { reconnectStrategy: false } });
  client.on('error', () => {});
  await client.connect();
  t.after(() => client.isOpen && client.destroy());
  return (channel: string, ...messages: readonly (string | Buffer)[]) =>
    Promise.all(messages.map((message) => client.publish(channel, message)));
}

const trigger = (component: string, channel: string, more = ''): string =>
  `[[trigger.redis]]\ncomponent = "${component}"\nchannel = "${channel}"\n${more}`;
const application = (address: string): string => `[application.trigger.redis]\naddress = "${address}"`;
const heard = ({ lines }: TriggerApp, component: string) =>
  lines
    .filter(({ fields }) => fields.event === 'guest-output' && fields.component === component)
    .map(({ message }) => message);

test('messages reach the components of their channel, in order, each in a sandbox of its own', limit, async (t) => {
  const [one, two] = [await server(t), await server(t)];
  const running = await startTriggers(
    t,
    {
      triggers: [
        '[variables]\nhost = { default = "127.0.0.1" }\nchannel = { required = true }',
        application(`redis://{{ host }}:${one.port}`),
        trigger('old', 'a'),
        trigger('new', 'a'),
        trigger('old', '{{ channel }}', `address = "${two.url}"`),
        trigger('static', 'other'),
        '[[trigger.http]]\nroute = "/..."\nstatic_response = { body = "there" }',
      ].join('\n'),
      guests: { old: guest, new: await eventGuest('redis-3'), static: guest },
    },
    { variables: { channel: 'b' } },
  );
  const { app, until, logged } = running;
  assert.deepEqual(app.lines.slice(-5), [
    `Active Channels on 127.0.0.1:${one.port}:`,
    `  127.0.0.1:${one.port}/a: [old,new]`,
    `  127.0.0.1:${one.port}/other: [static]`,
    `Active Channels on 127.0.0.1:${two.port}:`,
    `  127.0.0.1:${two.port}/b: [old]`,
  ]);
  assert.equal(await (await fetch(app.url)).text(), 'there');
  assert.equal(logged('broker-connected'), 2);
  await (await publisher(t, one))('a', ...Array.from({ length: 20 }, (_, index) => `m${index}`));
  await (await publisher(t, two))('b', 'far');
  await until('all messages', () => heard(running, 'old').length === 21 && heard(running, 'new').length === 20);
  const sent = Array.from({ length: 20 }, (_, index) => `m${index}`);
  assert.deepEqual(heard(running, 'new'), sent);
  assert.deepEqual(
    heard(running, 'old').filter((line) => line !== 'far'),
    sent,
  );
  assert.deepEqual(heard(running, 'static'), []);
});

test('a module of before components handles messages, too', limit, async (t) => {
  const redis = await server(t);
  const running = await startTriggers(
    t,
    {
      triggers: [application(redis.url), trigger('module', 'a')].join('\n'),
      guests: { module: await oldRedisGuest() },
    },
    { summary: true },
  );
  await (await publisher(t, redis))('a', 'fine', 'error', 'fine');
  const ended = () => running.logged('event-used');
  await running.until('three messages', () => ended() === 3);
  assert.equal(running.logged('event-failed'), 1);
});

test('a message whose guest fails is logged, and not delivered again; those behind it are', limit, async (t) => {
  const redis = await server(t);
  const running = await startTriggers(t, {
    triggers: [
      application(redis.url),
      trigger('old', 'a'),
      trigger('new', 'b'),
      '[application.tool.mayfly.limits]\ncpu_slice = "100ms"',
    ].join('\n'),
    guests: { old: guest, new: await eventGuest('redis-3') },
  });
  const publish = await publisher(t, redis);
  await publish('a', 'trap', 'busy', 'error', '', Buffer.from([0xff]), 'last');
  await publish('b', 'error');
  await running.until('the last message', () => heard(running, 'old').includes('last'));
  await running.until('all failures', () => running.logged('event-failed') === 4);
  const failures = running.lines.filter(({ fields }) => fields.event === 'event-failed');
  assert.deepEqual(failures.map(({ fields }) => fields.code).sort(), [
    'guest-cpu-limit',
    'guest-error',
    'guest-error',
    'guest-trap',
  ]);
  assert.ok(failures.some(({ message }) => message === 'redis b: The handler returned an error: error'));
  assert.deepEqual(heard(running, 'old'), ['', '\ufffd', 'last']);
});

test('a server that goes away and comes back loses no trigger', limit, async (t) => {
  const redis = await server(t);
  const running = await startTriggers(t, {
    triggers: [application(redis.url), trigger('old', 'a')].join('\n'),
    guests: { old: guest },
  });
  const { until, logged } = running;
  await redis.stop();
  await until('the loss', () => logged('broker-lost') === 1);
  await redis.start();
  await until('the new connection', () => logged('broker-connected') === 2);
  await (await publisher(t, redis))('a', 'after');
  await until('the message', () => heard(running, 'old').includes('after'));
  assert.equal(logged('broker-lost'), 1);
});

test('a server that is absent at the start is waited for', limit, async (t) => {
  const redis = await server(t);
  await redis.stop();
  const running = await startTriggers(t, {
    triggers: [application(redis.url), trigger('old', 'a')].join('\n'),
    guests: { old: guest },
  });
  assert.equal(running.logged('broker-lost'), 1);
  await redis.start();
  await running.until('a connection', () => running.logged('broker-connected') === 1);
  await (await publisher(t, redis))('a', 'first');
  await running.until('the message', () => heard(running, 'old').includes('first'));
});

test('a flood is kept up to the limits, and the rest is counted', limit, async (t) => {
  const redis = await server(t);
  const running = await startTriggers(t, {
    triggers: [
      application(redis.url),
      trigger('old', 'a'),
      '[application.tool.mayfly.limits]\nqueue_length = 50\nheld = "1MiB"',
    ].join('\n'),
    guests: { old: guest },
  });
  const publish = await publisher(t, redis);
  await publish('a', 'w5', ...Array.from({ length: 2_000 }, (_, index) => `m${index}`));
  const dropped = (): number =>
    running.lines
      .filter(({ fields }) => fields.event === 'messages-dropped')
      .reduce((sum, { fields }) => sum + Number(fields.count), 0);
  await running.until('all to be counted', () => dropped() + heard(running, 'old').length === 2_001);
  assert.ok(heard(running, 'old').length >= 51, `${heard(running, 'old').length} were handled`);
  assert.ok(dropped() > 0);
  const before = dropped();
  await publish('a', 'x'.repeat(2_000_000), 'after');
  await running.until('what came after', () => heard(running, 'old').includes('after'));
  await running.until('the large one to be counted', () => dropped() === before + 1);
});

test('a stop lets the message under way end, and those that had come; it takes no new ones', limit, async (t) => {
  const redis = await server(t);
  const running = await startTriggers(t, {
    triggers: [application(redis.url), trigger('old', 'a')].join('\n'),
    guests: { old: guest },
  });
  const publish = await publisher(t, redis);
  await publish('a', 'w6 first', 'second');
  await new Promise((resolve) => setTimeout(resolve, 200));
  const stopped = running.app.stop();
  assert.deepEqual(await publish('a', 'late'), [0]);
  await stopped;
  assert.deepEqual(heard(running, 'old'), ['w6 first', 'second']);
});

test('an address that is none is an error at the start, which does not show it', limit, async (t) => {
  const start = startTriggers(t, {
    triggers: [application('http://user:secret@x'), trigger('old', 'a')].join('\n'),
    guests: { old: guest },
  });
  await assert.rejects(start, {
    code: 'trigger-start',
    message: 'The address of the redis trigger is no URL of such a server',
  });
});
