// Messages wait in a queue as long and as large as the limits of their component say, and the end of a trigger lets those
// end that were taken, as long as there is time.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxLimits } from '../sandbox/limits.ts';
import { testLog } from '../telemetry/log.test-kit.ts';
import { fakeTarget } from './fake-target.test-kit.ts';
import { InFlight } from './in-flight.ts';
import type { Message } from './message-queue.ts';
import { endQueues, messageQueue } from './message-target.ts';

const limit = { timeout: 5_000 };
const message = (bytes: number): Message => ({ payload: new Uint8Array(bytes) });

function queue(limits: Partial<SandboxLimits>, summary = false) {
  const { log, lines } = testLog();
  const inFlight = new InFlight();
  const given: unknown[] = [];
  const ends: (() => void)[] = [];
  const handle = (...params: readonly unknown[]): Promise<void> => {
    given.push(params);
    return new Promise((resolve) => ends.push(resolve));
  };
  const made = messageQueue<Message>({
    trigger: 'test',
    name: 'a',
    target: fakeTarget('c', handle, log, { limits }),
    summary,
    inFlight,
    eventOf: ({ payload }) => ({ params: [payload.length], forProgram: { payload, facts: {} } }),
  });
  const dropped = () => lines.filter(({ fields }) => fields.event === 'messages-dropped').map((line) => line.fields);
  const step = async (): Promise<void> => {
    ends.shift()?.();
    for (let turns = 0; turns < 5; turns++) await new Promise(setImmediate);
  };
  return { made, given, inFlight, dropped, step, lines };
}

test('as many wait as queue_length says, and one where it says none', limit, async () => {
  for (const [queueLength, most] of [
    [0, 1],
    [1, 1],
    [3, 3],
  ] as const) {
    const { made, given, dropped, step } = queue({ queueLength });
    for (let count = 0; count < 6; count++) made.offer(message(count));
    for (let count = 0; count < 6; count++) await step();
    assert.deepEqual(
      given,
      Array.from({ length: most + 1 }, (_, index) => [index]),
    );
    made.clear();
    assert.deepEqual(dropped(), [{ event: 'messages-dropped', trigger: 'test', name: 'a', count: 5 - most }]);
  }
});

test('they hold no more bytes than held says', limit, async () => {
  const { made, given, step, dropped } = queue({ queueLength: 10, heldBytes: 100 });
  made.offer(message(60));
  made.offer(message(41));
  made.offer(message(40));
  await step();
  await step();
  assert.deepEqual(given, [[60], [40]]);
  made.clear();
  assert.equal(dropped()[0]?.count, 1);
});

test('the end waits for all that was taken', limit, async () => {
  const { made, given, inFlight, step, lines } = queue({ queueLength: 10 }, true);
  const other = queue({ queueLength: 10 });
  for (let count = 0; count < 3; count++) made.offer(message(count));
  let isOver = false;
  const end = endQueues([made, other.made], inFlight, 60_000).then(() => {
    isOver = true;
  });
  await step();
  await step();
  assert.equal(isOver, false);
  await step();
  await end;
  assert.equal(given.length, 3);
  assert.equal(lines.filter(({ fields }) => fields.event === 'event-used').length, 3);
  assert.equal(inFlight.signal.aborted, false);
});

test('when the time is up what waits is dropped, and what is under way is given up', limit, async () => {
  const { made, given, inFlight, dropped, step } = queue({ queueLength: 10 });
  for (let count = 0; count < 3; count++) made.offer(message(count));
  inFlight.signal.addEventListener('abort', () => void step());
  await endQueues([made], inFlight, 20);
  assert.deepEqual([given.length, inFlight.signal.aborted], [1, true]);
  assert.equal(dropped()[0]?.count, 2);
});
