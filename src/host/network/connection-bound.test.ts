// `max_total_connections` counts connections of all kinds: those that nobody uses make room for others, and who waits gets
// on in turn, whatever the kind.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { AppConnections } from '../mqtt/app-connections.ts';
import type { BrokerConnection } from '../mqtt/broker-connection.ts';
import { ConnectionBound } from './connection-bound.ts';
import { type ConnectionKind, ConnectionPermits } from './connection-permits.ts';
import { ConnectionPool, type PooledConnection } from './connection-pool.ts';

const limit = { timeout: 5_000 };
const patient = new AbortController().signal;
const limits = { most: 10, mostOfAddress: 10, idle: 30_000 };

class Fake implements PooledConnection {
  isOpen = true;
  async reset(): Promise<void> {}
  destroy(): void {
    this.isOpen = false;
  }
}

const open = async (): Promise<Fake> => new Fake();
const pooled = (permits: ConnectionPermits, kind: ConnectionKind, most?: number) =>
  new ConnectionPool<Fake>(limits, new ConnectionBound(most, { permits, kind }));
/** Whether a promise is still open after all that could settle it has had its turn. */
const isPending = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => false), delay(20).then(() => true)]);

test('pools of two kinds have as many as the total allows, and who waits gets on', limit, async () => {
  const permits = new ConnectionPermits({ total: 2 });
  const [redis, postgres] = [pooled(permits, 'redis'), pooled(permits, 'postgres')];
  const one = await redis.lease('a', open, patient);
  const two = await postgres.lease('a', open, patient);
  const waits = [redis.lease('b', open, patient), redis.lease('c', open, patient)];
  assert.ok(await isPending(Promise.race(waits)));
  postgres.giveBack('a', two);
  const three = await waits[0]!;
  assert.equal(two.isOpen, false, 'it made room for another kind');
  assert.ok(await isPending(waits[1]!));
  redis.giveBack('a', one);
  await waits[1];
  assert.equal(permits.taken('total'), 2);
  redis.giveBack('b', three);
  const four = postgres.lease('d', open, patient);
  await four;
  assert.equal(three.isOpen, false);
  redis.close();
  postgres.close();
});

test('idle connections make room for requests over HTTP and sockets', limit, async () => {
  const permits = new ConnectionPermits({ total: 1 });
  const redis = pooled(permits, 'redis');
  const one = await redis.lease('a', open, patient);
  assert.equal(permits.tryTake('socket'), false);
  const wanted = permits.take('http', patient);
  assert.ok(await isPending(wanted));
  redis.giveBack('a', one);
  await wanted;
  assert.equal(one.isOpen, false);
  const waits = redis.lease('a', open, patient);
  assert.ok(await isPending(waits));
  permits.giveBack('http');
  redis.giveBack('a', await waits);
  await delay(0);
  await permits.take('http', patient);
  assert.equal(permits.taken('total'), 1);
});

test('who gives up keeps no permit, and the next one gets on', limit, async () => {
  const permits = new ConnectionPermits({ total: 1 });
  const [redis, mysql] = [pooled(permits, 'redis'), pooled(permits, 'mysql', 1)];
  const one = await redis.lease('a', open, patient);
  const giving = new AbortController();
  const gone = mysql.lease('a', open, giving.signal);
  await delay(0);
  giving.abort(new Error('gone'));
  await assert.rejects(gone, /gone/);
  const next = redis.lease('b', open, patient);
  redis.giveBack('a', one);
  const two = await next;
  await delay(20);
  assert.equal(permits.taken('total'), 1);
  two.isOpen = false;
  redis.giveBack('b', two);
  await delay(20);
  assert.deepEqual([permits.taken('total'), permits.taken('mysql'), permits.isWanted], [0, 0, false]);
});

test('a connection that cannot be opened gives its permit back', limit, async () => {
  const permits = new ConnectionPermits({ total: 1 });
  const redis = pooled(permits, 'redis');
  await assert.rejects(
    redis.lease('a', () => Promise.reject(new Error('no')), patient),
    /no/,
  );
  assert.equal(permits.taken('total'), 0);
});

test('connections to brokers are counted, too, and those at rest are closed for others', limit, async () => {
  const permits = new ConnectionPermits({ total: 1 });
  const brokers = new AppConnections(
    { most: 5, idleMs: 30_000 },
    new ConnectionBound(undefined, { permits, kind: 'mqtt' }),
  );
  const redis = pooled(permits, 'redis');
  const closed: string[] = [];
  const broker = (name: string) => async () =>
    ({ isOpen: true, close: () => void closed.push(name) }) as unknown as BrokerConnection;
  await brokers.use('a', broker('a'), patient, async () => undefined);
  assert.deepEqual([permits.taken('mqtt'), closed], [1, []]);
  const one = await redis.lease('x', open, patient);
  assert.deepEqual([permits.taken('mqtt'), closed], [0, ['a']]);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const used = brokers.use('b', broker('b'), patient, () => held);
  assert.ok(await isPending(used));
  redis.giveBack('x', one);
  await delay(0);
  const waits = redis.lease('x', open, patient);
  assert.ok(await isPending(waits));
  assert.equal(permits.taken('mqtt'), 1);
  release();
  await used;
  await waits;
  assert.deepEqual(closed, ['a', 'b']);
  brokers.close();
  redis.close();
});

test(
  'of several pools the one where somebody waits is woken, once, also behind one where nobody does',
  limit,
  async () => {
    const permits = new ConnectionPermits({ total: 1 });
    const bound = new ConnectionBound(undefined, { permits, kind: 'redis' });
    const woken: string[] = [];
    const pool = (name: string, waits: boolean) => ({
      dropIdle: () => false,
      wakeOne() {
        woken.push(name);
        return waits && bound.take();
      },
    });
    for (const one of [pool('nobody', false), pool('somebody', true), pool('another', true)]) bound.join(one);
    await permits.take('http');
    assert.equal(bound.take(), false);
    assert.equal(bound.take(), false, 'the line has one place for both');
    permits.giveBack('http');
    await delay(20);
    assert.deepEqual(woken, ['nobody', 'somebody']);
    assert.deepEqual([permits.taken('redis'), permits.isWanted], [1, false]);
  },
);
