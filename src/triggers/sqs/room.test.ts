// Who wants a place waits until one is free, and no longer than until it is called off.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { Room } from './room.ts';

test('places are counted, waited for, and given up', { timeout: 5_000 }, async () => {
  const room = new Room(2);
  const { signal } = new AbortController();
  assert.equal(await room.free(signal), 2);
  const { promise: first, resolve: end } = Promise.withResolvers<void>();
  room.fill(first);
  assert.equal(await room.free(signal), 1);
  room.fill(new Promise(() => {}));
  const waiting = room.free(signal);
  assert.equal(await Promise.race([waiting, delay(20).then(() => 'waits')]), 'waits');
  end();
  assert.equal(await waiting, 1);
  room.fill(new Promise(() => {}));
  const calledOff = new AbortController();
  const never = room.free(calledOff.signal);
  calledOff.abort();
  assert.deepEqual([await never, await room.free(calledOff.signal)], [0, 0]);
});
