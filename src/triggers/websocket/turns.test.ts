// So many events are handled at once, and the others in the order in which they came.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Turns } from './turns.ts';

test('as many run at once as may, and the next starts when one ends', async () => {
  const turns = new Turns(2);
  const started: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<number>());
  const results = ends.map((end, index) =>
    turns.run(() => {
      started.push(index);
      return end.promise;
    }),
  );
  const step = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  await step();
  assert.deepEqual(started, [0, 1]);
  ends[1]?.resolve(11);
  await step();
  assert.deepEqual(started, [0, 1, 2]);
  ends[2]?.resolve(12);
  ends[0]?.resolve(10);
  await step();
  assert.deepEqual(started, [0, 1, 2, 3, 4]);
  ends[3]?.resolve(13);
  ends[4]?.resolve(14);
  assert.deepEqual(await Promise.all(results), [10, 11, 12, 13, 14]);
  assert.equal(await turns.run(async () => 'again'), 'again');
});
