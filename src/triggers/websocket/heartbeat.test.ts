// Every connection is pinged once in each round, however many come and go meanwhile.
import assert from 'node:assert/strict';
import { mock, test } from 'node:test';
import { Heartbeat } from './heartbeat.ts';

test('each is pinged once a round, not all at once, and none that was taken out', (t) => {
  mock.timers.enable({ apis: ['setInterval'] });
  t.after(() => mock.timers.reset());
  const heartbeat = new Heartbeat(1600);
  const counts = Array.from({ length: 40 }, () => 0);
  const removers = counts.map((_, index) => heartbeat.add({ beat: () => void counts[index]!++ }));
  mock.timers.tick(100);
  const pinged = counts.filter((count) => count === 1).length;
  assert.ok(pinged > 0 && pinged < 10, `${pinged} at once`);
  mock.timers.tick(1500);
  assert.ok(counts.every((count) => count === 1));
  for (const remove of removers.slice(0, 20)) remove();
  mock.timers.tick(1600);
  assert.deepEqual([...new Set(counts.slice(0, 20))], [1]);
  assert.deepEqual([...new Set(counts.slice(20))], [2]);
  heartbeat.stop();
  mock.timers.tick(3200);
  assert.deepEqual([...new Set(counts.slice(20))], [2]);
});
