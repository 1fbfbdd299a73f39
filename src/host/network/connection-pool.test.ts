// Connections are shared one at a time, put back in between, and bounded for an address and in all; who waits gets its turn.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { ConnectionBound } from './connection-bound.ts';
import { ConnectionPool, type PooledConnection } from './connection-pool.ts';

class Fake implements PooledConnection {
  isOpen = true;
  resets = 0;
  /** What the next reset does. */
  onReset: () => Promise<void> = async () => undefined;

  async reset(): Promise<void> {
    this.resets += 1;
    await this.onReset();
  }

  destroy(): void {
    this.isOpen = false;
  }
}

const patient = new AbortController().signal;
const open = async (): Promise<Fake> => new Fake();
const small = { most: 3, mostOfAddress: 2, idle: 30_000 };
const pooled = (limits = small): ConnectionPool<Fake> => new ConnectionPool<Fake>(limits);
/** Whether a promise is still open after all that could settle it has had its turn. */
const isPending = async (promise: Promise<unknown>): Promise<boolean> =>
  Promise.race([promise.then(() => false), delay(20).then(() => true)]);

test('a connection serves the next one of its address after it was put back', async () => {
  const pool = pooled();
  const first = await pool.lease('a', open, patient);
  const other = await pool.lease('a', open, patient);
  assert.notEqual(first, other);
  pool.giveBack('a', first);
  assert.notEqual(await pool.lease('b', open, patient), first);
  await delay(0);
  assert.equal(await pool.lease('a', open, patient), first);
  assert.equal(first.resets, 1);
  pool.close();
});

test('what cannot be put back, or is closed, serves nobody', async () => {
  const pool = pooled();
  const failing = await pool.lease('a', open, patient);
  failing.onReset = () => Promise.reject(new Error('no'));
  pool.giveBack('a', failing);
  const closed = await pool.lease('a', open, patient);
  closed.isOpen = false;
  pool.giveBack('a', closed);
  await delay(0);
  assert.equal(failing.isOpen, false);
  const idle = await pool.lease('a', open, patient);
  assert.ok(idle !== failing && idle !== closed && closed.resets === 0);
  pool.giveBack('a', idle);
  await delay(0);
  idle.isOpen = false;
  assert.notEqual(await pool.lease('a', open, patient), idle);
  pool.close();
});

test('an address has its bound, and leaves room for others; who waits comes in order', async () => {
  const pool = pooled();
  const [one, two] = await Promise.all([pool.lease('a', open, patient), pool.lease('a', open, patient)]);
  const third = pool.lease('a', open, patient);
  const fourth = pool.lease('a', open, patient);
  assert.ok(await isPending(third));
  const other = await pool.lease('b', open, patient);
  const late = pool.lease('c', open, patient);
  assert.ok(await isPending(late));
  pool.giveBack('a', one);
  assert.equal(await third, one);
  pool.giveBack('a', two);
  assert.equal(await fourth, two);
  pool.giveBack('b', other);
  assert.notEqual(await late, other);
  assert.equal(other.isOpen, false, 'it made room');
  pool.close();
});

test('waiting ends with its request, and does not lose the turn of others', async () => {
  const pool = pooled();
  const [one] = await Promise.all([pool.lease('a', open, patient), pool.lease('a', open, patient)]);
  const leaving = new AbortController();
  const gone = pool.lease('a', open, leaving.signal);
  const staying = pool.lease('a', open, patient);
  leaving.abort(new Error('over'));
  await assert.rejects(gone, /over/);
  pool.giveBack('a', one);
  assert.equal(await staying, one);
  await assert.rejects(pool.lease('a', open, leaving.signal), /over/);
  pool.close();
});

test('one that was not opened counts no more, and idle ones close after their time', async () => {
  const pool = pooled({ most: 1, mostOfAddress: 1, idle: 10 });
  for (let tries = 0; tries < 3; tries++) {
    await assert.rejects(
      pool.lease('a', () => Promise.reject(new Error('down')), patient),
      /down/,
    );
  }
  const only = await pool.lease('a', open, patient);
  pool.giveBack('a', only);
  await delay(50);
  assert.equal(only.isOpen, false);
  pool.close();
});

test('closing closes what is idle or is put back, and refuses who waits', async () => {
  const pool = pooled({ most: 2, mostOfAddress: 2, idle: 30_000 });
  const [idle, stuck] = await Promise.all([pool.lease('a', open, patient), pool.lease('a', open, patient)]);
  pool.giveBack('a', idle);
  await delay(0);
  stuck.onReset = () => new Promise(() => undefined);
  pool.giveBack('a', stuck);
  const used = await pool.lease('a', open, patient);
  const waiting = pool.lease('a', open, patient);
  pool.close();
  await assert.rejects(waiting, /closed/);
  pool.giveBack('a', used);
  assert.deepEqual([idle.isOpen, stuck.isOpen, used.isOpen], [false, false, false]);
});

test('pools of one app have a bound together: idle connections of others make room, and who waits is woken', async () => {
  const bound = new ConnectionBound(2);
  const limits = { most: 10, mostOfAddress: 10, idle: 30_000 };
  const [one, two] = [new ConnectionPool<Fake>(limits, bound), new ConnectionPool<Fake>(limits, bound)];
  const first = await one.lease('a', open, patient);
  const second = await one.lease('a', open, patient);
  const waiting = two.lease('b', open, patient);
  assert.ok(await isPending(waiting));
  one.giveBack('a', first);
  const other = await waiting;
  assert.equal(first.isOpen, false);
  const again = one.lease('a', open, patient);
  assert.ok(await isPending(again));
  two.giveBack('b', other);
  await again;
  assert.equal(other.isOpen, false);
  one.giveBack('a', second);
  one.close();
  two.close();
});
