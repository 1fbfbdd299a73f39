// A handler is called with what it wants, and what goes wrong with it stands in the log, in its words.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLog } from '../telemetry/log.test-kit.ts';
import { type FakeTarget, fakeTarget } from './fake-target.test-kit.ts';
import { callHandler } from './handler-call.ts';

const event = {
  trigger: 'test',
  name: 'a topic',
  params: ['bytes', 7n],
  forProgram: { payload: Uint8Array.of(1, 2), facts: { topic: 'a' } },
};

async function called(handle: (...params: readonly unknown[]) => unknown, kind?: string, summary?: boolean) {
  const { log, lines } = testLog();
  const options: FakeTarget = kind === undefined ? {} : { entry: { kind } };
  const handled = await callHandler(fakeTarget('c', handle, log, options), event, { summary });
  return { handled, lines };
}

test('what it gives is its ok, with a value or without', async () => {
  for (const [result, val] of [
    [{ tag: 'ok', val: 'delete' }, 'delete'],
    [{ tag: 'ok' }, undefined],
    [undefined, undefined],
  ]) {
    const { handled, lines } = await called(() => result);
    assert.deepEqual([handled, lines], [{ val }, []]);
  }
});

test('a handler of a component gets values, that of a program the type, bytes and what is known of them', async () => {
  const given: unknown[] = [];
  const note = (...params: readonly unknown[]): void => void given.push(params);
  await called(note);
  await called(note, 'redis');
  await called(note, 'program');
  assert.deepEqual(given, [
    ['bytes', 7n],
    ['bytes', 7n],
    ['test', Uint8Array.of(1, 2), '{"topic":"a"}'],
  ]);
});

test('an error that it returns is logged with its text, if it has one, up to a thousand characters', async () => {
  for (const [val, words] of [
    ['in words', ': in words'],
    [{ tag: 'other', val: 'in a case' }, ': in a case'],
    ['', ''],
    ['error', ': error'],
    [undefined, ''],
    [{ tag: 'invalid-address' }, ''],
    [7, ''],
    ['x'.repeat(1000), `: ${'x'.repeat(1000)}`],
    ['x'.repeat(1001), `: ${'x'.repeat(1000)}`],
  ] as const) {
    const { handled, lines } = await called(() => ({ tag: 'err', val }));
    assert.equal(handled, undefined);
    const [line] = lines;
    assert.equal(line?.message, `test a topic: The handler returned an error${words}`);
    const { event: name, trigger, code } = line?.fields ?? {};
    assert.deepEqual([name, trigger, line?.fields.name, code], ['event-failed', 'test', 'a topic', 'guest-error']);
  }
});

test('a handler that traps is logged, and its event is not handled', async () => {
  const { handled, lines } = await called(() => {
    throw new WebAssembly.RuntimeError('unreachable');
  });
  assert.equal(handled, undefined);
  assert.deepEqual(
    lines.map(({ fields }) => [fields.event, fields.code]),
    [['event-failed', 'guest-trap']],
  );
});

test('what an event used stands in the log when somebody wants it, whether or not it was handled', async () => {
  for (const result of [undefined, { tag: 'err', val: 'no' }]) {
    const { lines } = await called(() => result, undefined, true);
    const used = lines.filter(({ fields }) => fields.event === 'event-used');
    assert.equal(used.length, 1);
    const { cpuMs, wallMs, memoryBytes, hostCalls, ...rest } = used[0]?.fields ?? {};
    assert.deepEqual(rest, { event: 'event-used', trigger: 'test', name: 'a topic', sandbox: 'kept' });
    assert.deepEqual([memoryBytes, hostCalls], [0, 0]);
    for (const ms of [cpuMs, wallMs] as number[]) {
      assert.ok(ms >= 0 && ms < 10_000);
      assert.equal(Math.round(ms * 1000) / 1000, ms, 'microseconds are enough');
    }
    assert.equal(used[0]?.message, `test a topic: ${cpuMs} ms CPU, ${wallMs} ms, 0 bytes of memory, 0 host calls`);
  }
  assert.deepEqual((await called(() => undefined)).lines, []);
});
