// An engine is prepared once for all programs that want the same, and two without programs are kept for the next.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import { type PreparedEngine, useEngine } from './shared-engines.ts';

let count = 0;

function maker(): {
  readonly prepare: () => Promise<PreparedEngine>;
  made: number;
  closed: number;
  readonly key: string;
} {
  const state = {
    key: `engine ${++count}`,
    made: 0,
    closed: 0,
    prepare: async () => {
      state.made++;
      return { close: () => void state.closed++ } as unknown as PreparedEngine;
    },
  };
  return state;
}

test('programs that want the same share it, and it stays while one of them is there', async () => {
  const own = maker();
  const [one, two] = await Promise.all([useEngine(own.key, own.prepare), useEngine(own.key, own.prepare)]);
  assert.equal(own.made, 1);
  one.release();
  // A second word of the same program does not count for another.
  one.release();
  const others = [maker(), maker(), maker()];
  for (const { key, prepare } of others) (await useEngine(key, prepare)).release();
  await turn();
  assert.equal(own.closed, 0);
  assert.deepEqual(
    others.map(({ closed }) => closed),
    [1, 0, 0],
  );
  two.release();
  await turn();
  // The one that was asked for longest ago goes first, which is ours.
  assert.equal(own.closed, 1);
});

test('one without programs is used again', async () => {
  const own = maker();
  (await useEngine(own.key, own.prepare)).release();
  (await useEngine(own.key, own.prepare)).release();
  assert.deepEqual([own.made, own.closed], [1, 0]);
});

test('one that cannot be prepared is tried again for the next program', async () => {
  const own = maker();
  const failing = (): Promise<PreparedEngine> => Promise.reject(new Error('no memory'));
  await assert.rejects(useEngine(own.key, failing), /no memory/);
  await useEngine(own.key, own.prepare);
  assert.equal(own.made, 1);
});
