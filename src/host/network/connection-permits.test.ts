// Connections are counted by kind and over all; who waits gets one in turn, or gives up without having one.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ConnectionPermits } from './connection-permits.ts';

test('of a kind, and over all kinds', () => {
  const permits = new ConnectionPermits({ http: 2, total: 3 });
  assert.deepEqual([permits.tryTake('http'), permits.tryTake('http'), permits.tryTake('http')], [true, true, false]);
  assert.deepEqual([permits.tryTake('redis'), permits.tryTake('redis')], [true, false]);
  permits.giveBack('http');
  assert.deepEqual([permits.tryTake('redis'), permits.taken('total')], [true, 3]);
});

test('who waits is served in turn, past those whose kind has none', async () => {
  const permits = new ConnectionPermits({ http: 1, total: 2 });
  await permits.take('http');
  await permits.take('redis');
  const order: string[] = [];
  const first = permits.take('http').then(() => order.push('http'));
  const second = permits.take('mqtt').then(() => order.push('mqtt'));
  permits.giveBack('redis');
  await second;
  assert.deepEqual(order, ['mqtt']);
  permits.giveBack('http');
  await first;
  assert.deepEqual([order, permits.isWanted], [['mqtt', 'http'], false]);
});

test('who gives up leaves the line', async () => {
  const permits = new ConnectionPermits({ total: 1 });
  await permits.take('http');
  const gone = new AbortController();
  const waiting = permits.take('http', gone.signal);
  assert.equal(permits.isWanted, true);
  gone.abort(new Error('gone'));
  await assert.rejects(waiting, /gone/);
  await assert.rejects(permits.take('http', gone.signal), /gone/);
  permits.giveBack('http');
  assert.deepEqual([permits.taken('total'), permits.isWanted], [0, false]);
});

test('connections that nobody uses are closed for those who wait', async () => {
  const permits = new ConnectionPermits({ total: 1 });
  await permits.take('http');
  const remove = permits.onShortage(() => {
    permits.giveBack('http');
    return true;
  });
  await permits.take('redis');
  assert.deepEqual([permits.taken('http'), permits.taken('redis')], [0, 1]);
  remove();
  assert.equal(permits.tryTake('http'), false);
});
