// A message is hidden while its guest has it, and deleted when the guest is done with it, and only then.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { testLog } from '../../telemetry/log.test-kit.ts';
import { type FakeTarget, fakeTarget } from '../fake-target.test-kit.ts';
import type { SqsClient } from './client.ts';
import { handleMessage } from './handle.ts';
import type { SqsMessage } from './message.ts';

const limit = { timeout: 5_000 };
const message = (more: Partial<SqsMessage> = {}): SqsMessage => ({
  message: { id: 'i', body: 'text', messageAttributes: [] },
  receipt: 'r',
  size: 100,
  ...more,
});

function handled(
  handle: () => unknown,
  { target = {}, failures = 0, given = message() }: { target?: FakeTarget; failures?: number; given?: SqsMessage } = {},
) {
  const { log, lines } = testLog();
  const told: string[] = [];
  const controller = new AbortController();
  const client = {
    async delete(receipt: string) {
      told.push(`delete ${receipt}`);
      if (failures-- > 0) throw new Error('it is away');
    },
    async hide(receipt: string, seconds: number) {
      told.push(`hide ${receipt} ${seconds}`);
      throw new Error('it is away');
    },
  } as unknown as SqsClient;
  const calls: unknown[] = [];
  const noted = (...params: readonly unknown[]): unknown => {
    calls.push(params);
    return handle();
  };
  const queue = {
    name: 'q',
    target: fakeTarget('c', noted, log, target),
    summary: undefined,
    signal: controller.signal,
  };
  const done = handleMessage(queue, given, client, 30, [0, 1, 2]);
  return { done, told, lines, calls, controller };
}

test(
  'it is deleted when the guest says so, and left when it says so, fails, or there is no receipt',
  limit,
  async () => {
    for (const [result, target, receipt, deleted] of [
      [{ tag: 'ok', val: 'delete' }, {}, 'r', true],
      [{ tag: 'ok', val: 'leave' }, {}, 'r', false],
      [{ tag: 'err', val: 'no' }, {}, 'r', false],
      [{ tag: 'ok', val: 'delete' }, {}, undefined, false],
      [{ tag: 'ok' }, { entry: { kind: 'program' } }, 'r', true],
      [{ tag: 'err', val: 'no' }, { entry: { kind: 'program' } }, 'r', false],
    ] as const) {
      const { done, told, calls } = handled(() => result, { target, given: message({ receipt }) });
      await done;
      assert.deepEqual(told, deleted ? ['delete r'] : []);
      const { message: given } = message();
      const facts = '{"queue":"q","id":"i","attributes":{}}';
      assert.deepEqual(calls, 'entry' in target ? [['sqs', Buffer.from('text'), facts]] : [[given]]);
    }
  },
);

test('just as many bytes as may be held are handled, one more stays in the queue', limit, async () => {
  const target = { limits: { heldBytes: 100 } };
  const fits = handled(() => ({ tag: 'ok', val: 'delete' }), { target });
  await fits.done;
  assert.deepEqual(fits.told, ['delete r']);
  const large = handled(() => undefined, { target, given: message({ size: 101 }) });
  await large.done;
  assert.deepEqual([large.calls, large.told], [[], []]);
  const reason = 'a message of 101 bytes stays in its queue. Limit reached: held (100 bytes)';
  assert.deepEqual(
    large.lines.map(({ fields, message: text }) => [fields.event, fields.trigger, fields.name, fields.reason, text]),
    [['message-left', 'sqs', 'q', reason, `sqs q: ${reason}`]],
  );
});

test('what cannot be deleted is tried again, and then told', limit, async () => {
  const once = handled(() => ({ tag: 'ok', val: 'delete' }), { failures: 2 });
  await once.done;
  assert.deepEqual([once.told.length, once.lines], [3, []]);
  const never = handled(() => ({ tag: 'ok', val: 'delete' }), { failures: 9 });
  await never.done;
  assert.equal(never.told.length, 3);
  assert.equal(never.lines[0]?.fields.reason, 'it is away');
  assert.match(never.lines[0]?.message ?? '', /^sqs q: a message that was handled cannot be deleted.*it is away$/);
});

async function slow(t: TestContext) {
  t.mock.timers.enable({ apis: ['setInterval'] });
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const one = handled(() => promise);
  await new Promise(setImmediate);
  return { ...one, resolve };
}

test('it is hidden anew each half of the time, as long as the guest takes and no longer', limit, async (t) => {
  const { done, told, resolve } = await slow(t);
  t.mock.timers.tick(14_999);
  assert.deepEqual(told, []);
  t.mock.timers.tick(1);
  assert.deepEqual(told, ['hide r 30']);
  t.mock.timers.tick(30_000);
  assert.equal(told.length, 3);
  resolve({ tag: 'ok', val: 'leave' });
  await done;
  t.mock.timers.tick(60_000);
  assert.equal(told.length, 3);
});

test('what is given up is neither hidden nor deleted any more', limit, async (t) => {
  const { done, told, controller, resolve, lines } = await slow(t);
  controller.abort(new Error('given up'));
  t.mock.timers.tick(60_000);
  resolve({ tag: 'ok', val: 'delete' });
  await done;
  assert.deepEqual(told, []);
  assert.equal(lines.at(-1)?.fields.event, 'message-left');
});
