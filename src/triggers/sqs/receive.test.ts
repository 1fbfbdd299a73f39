// What a queue is asked for, in which order, and when asking it ends.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { LockedSqsTrigger } from '../../app/manifest/triggers/sqs.ts';
import { type ReceiveOptions, type SqsClient, SqsError } from './client.ts';
import { connectToQueue, type Receiver } from './receive.ts';

const never = new AbortController().signal;

/** A queue that says how long it hides messages, and answers each question with what there is next. */
function queue(visibility: number | Error, answers: readonly (readonly unknown[] | Error)[] = [], idleWaitSeconds = 0) {
  const asked: ReceiveOptions[] = [];
  const taken: unknown[] = [];
  const left = [[], ...answers];
  const client = {
    async visibilitySeconds() {
      if (visibility instanceof Error) throw visibility;
      return visibility;
    },
    async receive(options: ReceiveOptions, signal: AbortSignal) {
      asked.push(options);
      const next = left.shift();
      if (next instanceof Error) throw next;
      if (next) return next;
      return new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason), { once: true }));
    },
  } as unknown as SqsClient;
  const trigger = { idleWaitSeconds, maxMessages: 5, systemAttributes: [], messageAttributes: ['a'] };
  const receiver: Receiver = {
    client,
    trigger: trigger as unknown as LockedSqsTrigger,
    room: async () => 3,
    take: (message, hiddenSeconds) => taken.push([message, hiddenSeconds]),
  };
  return { receiver, asked, taken };
}

const settle = () => new Promise((resolve) => setTimeout(resolve, 150));

test('who may not ask for the time that messages are hidden takes that of SQS; other errors are errors', async () => {
  const { receiver, asked } = queue(new SqsError('AccessDeniedException', 'no'));
  const { close, lost } = await connectToQueue(receiver, never);
  assert.deepEqual(asked[0], {
    most: 3,
    waitSeconds: 0,
    hiddenSeconds: 30,
    systemAttributes: [],
    messageAttributes: ['a'],
  });
  close();
  assert.match(await lost, /./);
  const refused = new SqsError('QueueDoesNotExist', 'no');
  await assert.rejects(connectToQueue(queue(refused).receiver, never), refused);
  await assert.rejects(connectToQueue(queue(new Error('AccessDenied')).receiver, never), /AccessDenied/);
});

test('a queue that hides nothing by itself is asked to, and messages are taken with that time', async () => {
  for (const [visibility, hidden] of [
    [0, 30],
    [7, 7],
  ] as const) {
    const { receiver, asked, taken } = queue(visibility, [['one', 'two']]);
    const { close } = await connectToQueue(receiver, never);
    await settle();
    assert.deepEqual(taken, [
      ['one', hidden],
      ['two', hidden],
    ]);
    assert.deepEqual(
      asked.map(({ waitSeconds }) => waitSeconds),
      [0, 20, 20],
      'the first question does not wait',
    );
    close();
  }
});

test('the first question that fails ends it, with the reason', async () => {
  const { lost } = await connectToQueue(queue(7, [new Error('gone')]).receiver, never);
  assert.equal(await lost, 'gone');
  const stop = new AbortController();
  const { lost: stopped } = await connectToQueue(queue(7).receiver, stop.signal);
  stop.abort(new Error('stopped'));
  assert.equal(await stopped, 'stopped');
});

test('the queue waits for as long as there is no message, up to what SQS allows', async () => {
  for (const [idle, wait] of [
    [1, 1],
    [20, 20],
    [21, 20],
  ] as const) {
    const { receiver, asked } = queue(7, [], idle);
    const { close } = await connectToQueue(receiver, never);
    assert.equal(asked[1]?.waitSeconds, wait);
    close();
  }
});
