// Requests that wait take mappings of the process, of which Linux gives it no more than it was told. Those for which there
// are none left get 503, and the process goes on: V8 would end it.
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { MAPPINGS_PER_MEMORY } from '../../src/sandbox/memory/budget.ts';
import { MAPPINGS_PER_STACK, processMappings } from '../../src/sandbox/memory/mapping-budget.ts';
import { assertLogged, sandboxApp } from '../support/sandbox-app.ts';

const app = await sandboxApp(
  { hoard: { guest: 'hoard-c', settings: '[component.hoard.tool.mayfly.limits]\nqueue_length = 0' } },
  { reset: 'copy' },
);
after(() => app.close());
const mappings = processMappings();

async function statuses(requests: number): Promise<number[]> {
  const answers = Array.from({ length: requests }, () => app.get('/hoard/wait?ms=300'));
  return (await Promise.all(answers)).map(({ status }) => status).sort();
}

/** Runs while the process has no more than so many mappings for guests. */
async function withOnly<T>(left: number, run: () => Promise<T>): Promise<T> {
  const others = mappings.limit - mappings.taken - left;
  mappings.take(others);
  try {
    return await run();
  } finally {
    mappings.giveBack(others);
  }
}

/** Tries again where more were served: a memory that is collected meanwhile gives its mappings back. */
async function servesOnly(left: number, requests: number, wanted: readonly number[]): Promise<void> {
  let got: readonly number[] = [];
  for (let tries = 0; tries < 5 && got.join() !== wanted.join(); tries++) {
    got = await withOnly(left, () => statuses(requests));
  }
  assert.deepEqual(got, wanted);
}

const EACH = MAPPINGS_PER_MEMORY + MAPPINGS_PER_STACK;

test('as many requests wait as there are mappings for memories and stacks, and the others get 503', async () => {
  assert.equal((await app.get('/hoard/wait?ms=1')).status, 200);
  // One sandbox is idle, and has its memory.
  const left = 3 * EACH + MAPPINGS_PER_STACK;
  await servesOnly(left, 8, [200, 200, 200, 200, 503, 503, 503, 503]);
  assertLogged(app, /vm\.max_map_count/);
  assert.deepEqual(await statuses(8), Array(8).fill(200));
});

test('without a mapping for one more stack it is 503 as well, and 200 when one is free again', async () => {
  const left = 2 * MAPPINGS_PER_STACK;
  await servesOnly(left, 3, [200, 200, 503]);
  assertLogged(app, /Limits reached: mappings of the process \(vm\.max_map_count\) and queue_length \(0\)/);
  await servesOnly(left, 2, [200, 200]);
});
