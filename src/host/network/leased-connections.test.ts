// A sandbox has no more than 16 connections at a time, those that it waits for included, and gives each back once.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { ConnectionPool } from './connection-pool.ts';
import { LeasedConnections, type SharedSession } from './leased-connections.ts';

class Fake implements SharedSession {
  isOpen = true;
  resets = 0;
  done = Promise.resolve();
  whenDone(): Promise<void> {
    return this.done;
  }
  async reset(): Promise<void> {
    this.resets += 1;
  }
  destroy(): void {
    this.isOpen = false;
  }
}

const open = async (): Promise<Fake> => new Fake();
const fault = (text: string): Error => new Error(text);

function leased(signal = new AbortController().signal): {
  readonly pool: ConnectionPool<Fake>;
  readonly all: LeasedConnections<Fake>;
} {
  const pool = new ConnectionPool<Fake>({ most: 100, mostOfAddress: 100, idle: 30_000 });
  return { pool, all: new LeasedConnections(pool, signal, fault) };
}

test('16 at a time: one that is dropped makes room for one', async () => {
  const { all, pool } = leased();
  const own = await Promise.all(Array.from({ length: 16 }, () => all.lease('a', open)));
  await assert.rejects(all.lease('a', open), /too many connections/);
  all.close(own[0]!);
  await turn();
  await all.lease('a', open);
  await assert.rejects(all.lease('a', open), /too many connections/);
  all.finish();
  pool.close();
});

test('those that are waited for count, and those that fail do not count any more', async () => {
  const { all, pool } = leased();
  const never = Promise.withResolvers<Fake>();
  const waiting = Array.from({ length: 16 }, () => all.lease('a', () => never.promise));
  await assert.rejects(all.lease('a', open), /too many connections/);
  never.reject(new Error('refused'));
  for (const one of waiting) await assert.rejects(one, /refused/);
  const own = await Promise.all(Array.from({ length: 16 }, () => all.lease('a', open)));
  await assert.rejects(all.lease('a', open), /too many connections/);
  assert.equal(own.length, 16);
  all.finish();
  pool.close();
});

test('a connection is given back when its statements are done, and once only', async () => {
  const { all, pool } = leased();
  const one = await all.lease('a', open);
  const statement = Promise.withResolvers<void>();
  one.session.done = statement.promise;
  all.close(one);
  await turn();
  assert.equal(one.session.resets, 0);
  statement.resolve();
  await turn();
  assert.equal(one.session.resets, 1);
  all.close(one);
  all.finish();
  await turn();
  assert.equal(one.session.resets, 1);
  pool.close();
});

test('the end of the request gives all back, also one that comes later', async () => {
  const { all, pool } = leased();
  const one = await all.lease('a', open);
  const late = Promise.withResolvers<Fake>();
  const pending = all.lease('b', () => late.promise);
  all.finish();
  const session = new Fake();
  late.resolve(session);
  await assert.rejects(pending, /the request is over/);
  await turn();
  assert.deepEqual([one.session.resets, session.resets], [1, 1]);
  pool.close();
});
