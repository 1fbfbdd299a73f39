// Who waits for a connection gets it in turn, whoever comes, goes or fails meanwhile. Time and connections are the test's own.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { ConnectionPool, type PooledConnection } from './connection-pool.ts';

class Fake implements PooledConnection {
  isOpen = true;
  destroyed = 0;
  readonly #resets: PromiseWithResolvers<void>[] = [];

  reset(): Promise<void> {
    const one = Promise.withResolvers<void>();
    this.#resets.push(one);
    return one.promise;
  }

  /** Ends the reset that is under way. */
  isReset(error?: Error): void {
    const one = this.#resets.shift();
    if (error) one?.reject(error);
    else one?.resolve();
  }

  destroy(): void {
    this.isOpen = false;
    this.destroyed += 1;
  }
}

const patient = new AbortController().signal;
const settle = async (): Promise<void> => {
  for (let turns = 0; turns < 4; turns++) await new Promise(setImmediate);
};

function pooled(t: TestContext, limits = { most: 2, mostOfAddress: 1, idle: 1000 }) {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const pool = new ConnectionPool<Fake>(limits);
  const order: string[] = [];
  const made: Fake[] = [];
  const open = async (): Promise<Fake> => {
    const one = new Fake();
    made.push(one);
    return one;
  };
  const lease = (name: string, address = 'a', signal = patient, opens = open): Promise<Fake | undefined> =>
    pool.lease(address, opens, signal).then(
      (one) => {
        order.push(name);
        return one;
      },
      (error: Error) => {
        order.push(`${name}: ${error.message}`);
        return undefined;
      },
    );
  return { pool, order, made, lease, open };
}

test('a newcomer does not overtake those who wait', async (t) => {
  const { pool, order, lease } = pooled(t);
  const one = (await lease('one')) as Fake;
  const all = [lease('two'), lease('three')];
  await settle();
  pool.giveBack('a', one);
  one.isReset();
  all.push(lease('newcomer'));
  for (let count = 0; count < 3; count++) {
    await settle();
    pool.giveBack('a', one);
    one.isReset();
  }
  await Promise.all(all);
  assert.deepEqual(order, ['one', 'two', 'three', 'newcomer']);
});

test('who leaves the line when it is woken hands its turn on', async (t) => {
  const { pool, order, lease } = pooled(t);
  const one = (await lease('one')) as Fake;
  const leaving = new AbortController();
  const all = [lease('two', 'a', leaving.signal), lease('three')];
  await settle();
  pool.giveBack('a', one);
  one.isReset();
  await Promise.resolve();
  leaving.abort(new Error('gone'));
  await Promise.all(all.slice(1).map((each) => each));
  assert.ok(order.includes('three'), order.join());
});

test('who is gone before it comes takes nothing, and does not stand in the line', async (t) => {
  const { pool, order, lease, made } = pooled(t);
  const gone = AbortSignal.abort(new Error('gone'));
  await lease('early', 'a', gone);
  assert.deepEqual([order, made.length], [['early: gone'], 0]);
  const one = (await lease('one')) as Fake;
  await lease('late', 'a', gone);
  const next = lease('next');
  pool.giveBack('a', one);
  one.isReset();
  assert.equal(await next, one);
});

test('one that cannot be opened makes room for who waits', async (t) => {
  const { order, lease } = pooled(t);
  const opening = Promise.withResolvers<Fake>();
  const one = lease('one', 'a', patient, () => opening.promise);
  const two = lease('two');
  await settle();
  assert.deepEqual(order, []);
  opening.reject(new Error('refused'));
  assert.ok((await two) instanceof Fake);
  await one;
  assert.deepEqual(order, ['one: refused', 'two']);
});

test('one whose reset fails is closed once, and makes room for who waits', async (t) => {
  const { pool, lease, made } = pooled(t);
  const one = (await lease('one')) as Fake;
  const two = lease('two');
  pool.giveBack('a', one);
  one.isReset(new Error('no'));
  assert.notEqual(await two, one);
  assert.deepEqual([one.destroyed, made.length], [1, 2]);
});

test('one that closes while it is reset is not kept', async (t) => {
  const { pool, lease } = pooled(t);
  const one = (await lease('one')) as Fake;
  pool.giveBack('a', one);
  one.isOpen = false;
  one.isReset();
  await settle();
  assert.notEqual(await lease('two'), one);
});

test('an idle one is closed when its time is up and not before; one that is used again has its time anew', async (t) => {
  const { pool, lease, made } = pooled(t);
  const one = (await lease('one')) as Fake;
  const rest = async (): Promise<void> => {
    pool.giveBack('a', one);
    one.isReset();
    await settle();
  };
  await rest();
  t.mock.timers.tick(999);
  assert.equal(one.isOpen, true);
  assert.equal(await lease('two'), one);
  t.mock.timers.tick(5000);
  assert.equal(one.isOpen, true, 'one that is used is not idle');
  await rest();
  t.mock.timers.tick(999);
  assert.equal(one.isOpen, true);
  t.mock.timers.tick(1);
  assert.deepEqual([one.isOpen, one.destroyed], [false, 1]);
  assert.notEqual(await lease('three'), one);
  assert.equal(made.length, 2);
});

test('of several idle ones the last that came back is used, and the first makes room for another address', async (t) => {
  const { pool, lease } = pooled(t, { most: 3, mostOfAddress: 3, idle: 1000 });
  const all = (await Promise.all(['1', '2', '3'].map((name) => lease(name)))) as Fake[];
  for (const one of all) {
    pool.giveBack('a', one);
    one.isReset();
    await settle();
  }
  assert.equal(await lease('again'), all[2]);
  await lease('other', 'b');
  assert.deepEqual(
    all.map(({ isOpen }) => isOpen),
    [false, true, true],
  );
  assert.equal(pool.dropIdle(), true);
  assert.equal(all[1]?.isOpen, false);
  assert.equal(pool.dropIdle(), false);
});

test('the end of the app ends all of it, also what is reset, what is lent and who waits', async (t) => {
  const { pool, order, lease } = pooled(t, { most: 2, mostOfAddress: 2, idle: 1000 });
  const [one, two] = (await Promise.all([lease('one'), lease('two')])) as [Fake, Fake];
  const waiting = lease('three');
  pool.giveBack('a', one);
  pool.close();
  await waiting;
  assert.equal(one.isOpen, false);
  one.isReset();
  pool.giveBack('a', two);
  await settle();
  assert.equal(two.isOpen, false);
  await lease('four');
  assert.deepEqual(order.slice(2), ['three: the app is closed', 'four: the app is closed']);
});

test('one that was put back and lent again is not ended with the app before it comes back', async (t) => {
  const { pool, lease } = pooled(t);
  const one = (await lease('one')) as Fake;
  pool.giveBack('a', one);
  one.isReset();
  await settle();
  assert.equal(await lease('two'), one);
  pool.close();
  assert.equal(one.isOpen, true);
  pool.giveBack('a', one);
  assert.deepEqual([one.isOpen, one.destroyed], [false, 1]);
});
