// Messages of channels come to the components that their triggers name: one connection for each server, and a queue for
// each trigger. The server is a socket that says what Redis would say.
import assert from 'node:assert/strict';
import { createServer, type Socket } from 'node:net';
import { type TestContext, test } from 'node:test';
import { until } from '../../../test/support/servers/until.ts';
import type { LockedRedisTrigger } from '../../app/manifest/triggers/redis.ts';
import { fakeApp } from '../fake-target.test-kit.ts';
import { redisTrigger } from './trigger.ts';

const limit = { timeout: 10_000 };

/** Answers each command, and publishes when it is told to. */
async function server(t: TestContext) {
  const sockets = new Set<Socket>();
  const told: string[] = [];
  const server = createServer((socket) => {
    sockets.add(socket.on('error', () => {}).on('close', () => sockets.delete(socket)));
    socket.on('data', (bytes: Buffer) => {
      for (const command of bytes.toString().split(/(?=\*\d)/)) {
        const words = command.split('\r\n').filter((word) => word !== '' && !/^[*$]\d/.test(word));
        told.push(words.join(' '));
        socket.write(
          words[0] === 'SUBSCRIBE'
            ? `*3\r\n$9\r\nsubscribe\r\n$${words[1]?.length}\r\n${words[1]}\r\n:1\r\n`
            : '+OK\r\n',
        );
      }
    });
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const { port } = server.address() as { port: number };
  const publish = (channel: string, payload: string): void => {
    for (const socket of sockets) {
      socket.write(`*3\r\n$7\r\nmessage\r\n$${channel.length}\r\n${channel}\r\n$${payload.length}\r\n${payload}\r\n`);
    }
  };
  const lose = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return { address: `redis://127.0.0.1:${port}`, told, publish, lose, port, connections: () => sockets.size };
}

const trigger = (component: string, channel: string, address: string): LockedRedisTrigger => ({
  type: 'redis',
  id: `${component}-${channel}`,
  component,
  channel,
  address,
});

const listen = { listen: { host: '127.0.0.1', port: 0 } };

test('one connection for each server, one queue for each trigger', limit, async (t) => {
  const [one, two] = [await server(t), await server(t)];
  const heard: string[] = [];
  const hear = (who: string) => (payload: unknown) => void heard.push(`${who} ${Buffer.from(payload as Uint8Array)}`);
  const { app, eventsOf } = fakeApp({
    handlers: { a: hear('a'), b: hear('b') },
    triggers: [
      trigger('a', 'x', one.address),
      trigger('b', 'x', one.address),
      trigger('a', 'the-y', one.address),
      trigger('b', '{{ y }}', two.address),
      trigger('none', 'z', one.address),
    ],
  });
  const running = redisTrigger.load(app);
  t.after(() => running.stop(0));
  assert.equal(running.trouble, undefined);
  await running.run(listen);
  assert.deepEqual(one.told, ['SUBSCRIBE x', 'SUBSCRIBE the-y']);
  assert.deepEqual(two.told, ['SUBSCRIBE the-y']);
  assert.equal(eventsOf('broker-connected').length, 2);
  one.publish('x', '1');
  await until(() => heard.length === 2, 'both');
  one.publish('the-y', '2');
  two.publish('the-y', '3');
  two.publish('x', 'to nobody');
  await until(() => heard.length === 4, 'the rest');
  assert.deepEqual(heard.slice(0, 2), ['a 1', 'b 1']);
  assert.deepEqual(heard.slice(2).sort(), ['a 2', 'b 3']);
  await running.stop(1000);
  await until(() => one.connections() + two.connections() === 0, 'the end of the connections');
});

test('a server that is gone is the trouble of the trigger, until it is there again', limit, async (t) => {
  const [one, two] = [await server(t), await server(t)];
  const { app } = fakeApp({
    handlers: { a: () => {} },
    triggers: [trigger('a', 'x', one.address), trigger('a', 'x', two.address)],
  });
  const running = redisTrigger.load(app);
  t.after(() => running.stop(0));
  await running.run(listen);
  assert.equal(running.trouble, undefined);
  two.lose();
  await until(() => running.trouble !== undefined, 'the trouble');
  assert.equal(running.trouble, `no connection to 127.0.0.1:${two.port}`);
  await until(() => running.trouble === undefined, 'its end');
  await running.stop(1000);
});

test('a stop lets what was taken end; a program gets the channel', limit, async (t) => {
  const one = await server(t);
  const given: unknown[] = [];
  const { promise, resolve } = Promise.withResolvers<void>();
  const handle = (...params: readonly unknown[]) => {
    given.push(params);
    return promise;
  };
  const { app, eventsOf } = fakeApp({
    handlers: { a: handle },
    triggers: [trigger('a', 'x', one.address)],
    target: { entry: { kind: 'program' } },
    options: { summary: true },
  });
  const running = redisTrigger.load(app);
  t.after(() => running.stop(0));
  await running.run(listen);
  for (const text of ['1', '2']) one.publish('x', text);
  await until(() => given.length === 1, 'the first');
  const stopped = running.stop(5000);
  one.publish('x', 'late');
  resolve();
  await stopped;
  assert.deepEqual(given, [
    ['redis', Buffer.from('1'), '{"channel":"x"}'],
    ['redis', Buffer.from('2'), '{"channel":"x"}'],
  ]);
  assert.equal(eventsOf('event-used').length, 2);
});

test('an address that is none stops the start, whatever server comes first', limit, async (t) => {
  const one = await server(t);
  const { app } = fakeApp({
    handlers: { a: () => {} },
    triggers: [trigger('a', 'x', one.address), trigger('a', 'y', 'http://{{ host }}')],
  });
  await assert.rejects(redisTrigger.load(app).run(listen), { code: 'trigger-start' });
  assert.equal(one.connections(), 0);
});

test('people see the channels server by server, without passwords', () => {
  const { app } = fakeApp({
    handlers: {},
    triggers: [
      trigger('a', 'x', 'redis://u:p@one'),
      trigger('b', 'y', 'redis://one'),
      trigger('c', 'x', 'redis://one'),
      trigger('a', 'x', 'redis://two'),
    ],
  });
  assert.deepEqual(redisTrigger.describe(app.locked, ''), [
    'Active Channels on one:',
    '  one/x: [a,c]',
    '  one/y: [b]',
    'Active Channels on two:',
    '  two/x: [a]',
  ]);
});
