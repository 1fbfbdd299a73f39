// The store in Redis passes the contract of all backends, against a real server.
import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { after, before, test } from 'node:test';
import { type RedisServer, redisMissing, startRedis } from '../../../../test/support/servers/redis.ts';
import { within } from '../../../../test/support/within.ts';
import type { Backend } from '../store.ts';
import { redisBackend } from './redis.ts';
import { patientCaller, storeContract } from './store.contract.ts';

const skip = redisMissing();
let server: RedisServer | undefined;
const running = (): RedisServer => server ?? assert.fail('no server');
before(async () => {
  if (!skip) server = await startRedis();
});
after(() => server?.close());

let database = 0;
/** Each test has a database of its own. */
const fresh = (): Promise<Backend> => redisBackend(`${running().url}/${database++ % 16}`);

storeContract('redis', fresh, { skip, counter: (value) => Buffer.from(String(value)) });

test('redis: labels are one key space, as in Spin', { skip }, async () => {
  const backend = await fresh();
  await backend.store('one').set('a', Buffer.from('1'), patientCaller());
  assert.equal(await backend.store('two').exists('a', patientCaller()), true);
  await backend.close();
});

test('redis: errors of the server are told in its words', { skip }, async () => {
  const backend = await fresh();
  const store = backend.store('default');
  await store.set('text', Buffer.from('no'), patientCaller());
  await assert.rejects(async () => store.increment('text', 1n, patientCaller()), {
    name: 'StoreFault',
    message: /value is not an integer or out of range/,
  });
  await backend.close();
});

test('redis: a value is counted before it comes', { skip }, async () => {
  const backend = await fresh();
  const store = backend.store('default');
  await store.set('large', Buffer.alloc(1_000_000), patientCaller());
  const full = { signal: new AbortController().signal, keep: (bytes: number) => assert.ok(bytes < 100_000, 'no room') };
  await assert.rejects(async () => store.get('large', full), { message: 'no room' });
  await backend.close();
});

test('redis: a server that dies and comes back serves again', { skip, timeout: 60_000 }, async () => {
  const backend = await fresh();
  const store = backend.store('default');
  await store.set('a', Buffer.from('1'), patientCaller());
  await running().stop();
  await assert.rejects(async () => store.get('a', patientCaller()), { name: 'StoreFault' });
  await assert.rejects(async () => store.get('a', patientCaller()), { name: 'StoreFault', message: /ECONNREFUSED/ });
  await running().start();
  await store.set('a', Buffer.from('2'), patientCaller());
  assert.equal(String(await store.get('a', patientCaller())), '2');
  await backend.close();
});

test('redis: a server that hangs costs the requests that wait for it', { skip, timeout: 60_000 }, async () => {
  const backend = await fresh();
  const store = backend.store('default');
  await store.set('a', Buffer.from('1'), patientCaller());
  running().freeze();
  const controller = new AbortController();
  const waiting = store.get('a', { signal: controller.signal, keep: () => undefined });
  const patient = store.get('a', patientCaller());
  setTimeout(() => controller.abort(new Error('gone')), 20);
  await assert.rejects(within(Promise.resolve(waiting), 'the end of the request'), { message: 'gone' });
  running().thaw();
  assert.equal(String(await within(Promise.resolve(patient), 'the server')), '1');
  await backend.close();
});

test('redis: a server that takes the connection and says nothing is not waited for for ever', async () => {
  const silent = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => silent.once('listening', resolve));
  const { port } = silent.address() as { port: number };
  const backend = await redisBackend(`redis://127.0.0.1:${port}`);
  const signal = AbortSignal.timeout(50);
  const waiting = backend.store('default').get('a', { signal, keep: () => undefined });
  await assert.rejects(within(Promise.resolve(waiting), 'the end of the request'), { name: 'TimeoutError' });
  await backend.close();
  silent.close();
});
