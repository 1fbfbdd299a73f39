// Messages are handled in their order, one at a time; a flood of them is dropped and counted, and not kept.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLog } from '../telemetry/log.test-kit.ts';
import { MessageQueue } from './message-queue.ts';

const limit = { timeout: 5_000 };
const message = (text: string) => ({ payload: new TextEncoder().encode(text) });

function queueOf(mostMessages: number, mostBytes: number) {
  const { log, lines } = testLog();
  const handled: string[] = [];
  const open: (() => void)[] = [];
  const queue = new MessageQueue({
    trigger: 'test',
    name: 'channel',
    mostMessages,
    mostBytes,
    log,
    async handle({ payload }) {
      const { promise, resolve } = Promise.withResolvers<void>();
      open.push(resolve);
      await promise;
      handled.push(new TextDecoder().decode(payload));
    },
  });
  const step = async (): Promise<void> => {
    open.shift()?.();
    await new Promise(setImmediate);
  };
  const counts = () => lines.map(({ fields }) => fields.count);
  return { queue, handled, step, open, counts };
}

test('one message at a time, in the order in which they came', limit, async () => {
  const { queue, handled, step, open } = queueOf(10, 100);
  for (const text of ['a', 'b', 'c']) queue.offer(message(text));
  assert.equal(open.length, 1);
  await step();
  await step();
  assert.deepEqual(handled, ['a', 'b']);
  queue.offer(message('d'));
  const { working } = queue;
  await step();
  await step();
  await working;
  assert.deepEqual(handled, ['a', 'b', 'c', 'd']);
  assert.equal(queue.working, undefined);
});

test(
  'what finds no room is dropped and counted: by number, and by bytes with those that are handled',
  limit,
  async () => {
    const few = queueOf(2, 1_000);
    for (const text of ['a', 'b', 'c', 'd', 'e']) few.queue.offer(message(text));
    for (let i = 0; i < 3; i++) await few.step();
    assert.deepEqual(few.handled, ['a', 'b', 'c']);
    few.queue.clear();
    assert.deepEqual(few.counts(), [2]);
    const small = queueOf(100, 10);
    for (const text of ['12345', '1234', '12', '1']) small.queue.offer(message(text));
    for (let i = 0; i < 3; i++) await small.step();
    assert.deepEqual(small.handled, ['12345', '1234', '1']);
    small.queue.offer(message('1234567890'));
    small.queue.offer(message(''));
    await small.step();
    small.queue.clear();
    assert.deepEqual(small.counts(), [1]);
  },
);

test('what waits can be given up, and is counted', limit, async () => {
  const { queue, handled, step, counts } = queueOf(10, 100);
  for (const text of ['a', 'b', 'c']) queue.offer(message(text));
  queue.clear();
  await step();
  await queue.working;
  assert.deepEqual(handled, ['a']);
  assert.deepEqual(counts(), [2]);
});

test('what is dropped is told once in a while, again and again', limit, (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { queue, counts } = queueOf(1, 100);
  const flood = (count: number): void => {
    for (let index = 0; index < count; index++) queue.offer(message('x'));
  };
  flood(5);
  assert.deepEqual(counts(), []);
  t.mock.timers.tick(60_000);
  assert.deepEqual(counts(), [3]);
  t.mock.timers.tick(60_000);
  assert.deepEqual(counts(), [3]);
  flood(4);
  t.mock.timers.tick(60_000);
  assert.deepEqual(counts(), [3, 4]);
});

test('those that came while one was handled keep their order', limit, async () => {
  const { queue, handled, step } = queueOf(10, 100);
  queue.offer(message('a'));
  await step();
  for (const text of ['b', 'c', 'd']) queue.offer(message(text));
  for (let steps = 0; steps < 3; steps++) await step();
  queue.offer(message('e'));
  await step();
  assert.deepEqual(handled, ['a', 'b', 'c', 'd', 'e']);
});
