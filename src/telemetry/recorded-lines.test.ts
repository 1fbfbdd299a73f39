// The last lines of each request are kept, whichever way the log learns its id, and no more than so many.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLog } from './log.test-kit.ts';
import { silentLog } from './log.ts';
import { RecordedLines } from './recorded-lines.ts';

const textsOf = (recorded: RecordedLines, id: string): string[] => recorded.of(id).map(({ text }) => text);

test('lines of a request, by their own field and by that of a child, and all lines reach the log', () => {
  const { log, lines } = testLog();
  const recorded = new RecordedLines(log);
  recorded.log.error({ event: 'request-failed', requestId: 'a' }, 'one');
  const child = recorded.log.child({ requestId: 'b' });
  child.info({ event: 'guest-output' }, 'two');
  child.child({ component: 'c' }).warn({ event: 'guest-output' }, 'three');
  recorded.log.debug({ event: 'guest-output' }, 'of nobody');
  child.info('no event');
  assert.deepEqual(textsOf(recorded, 'a'), ['one']);
  assert.deepEqual(textsOf(recorded, 'b'), ['two', 'three']);
  assert.deepEqual(textsOf(recorded, 'unknown'), []);
  assert.equal(lines.length, 5);
});

test('64 requests are remembered, and of each 200 lines and 64 KiB', () => {
  const recorded = new RecordedLines(silentLog);
  for (let i = 0; i < 65; i++) recorded.log.info({ event: 'guest-output', requestId: `${i}` }, 'line');
  assert.deepEqual(textsOf(recorded, '0'), []);
  assert.deepEqual(textsOf(recorded, '1'), ['line']);
  for (let i = 0; i < 300; i++) recorded.log.info({ event: 'guest-output', requestId: '64' }, `${i}`);
  assert.equal(recorded.of('64').length, 200);
  assert.equal(recorded.of('64').at(-1)?.text, '198');
  for (let i = 0; i < 100; i++) recorded.log.info({ event: 'guest-output', requestId: 'long' }, 'x'.repeat(8192));
  assert.equal(recorded.of('long').length, 8, '64 KiB of them');
});
