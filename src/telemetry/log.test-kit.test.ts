// The log of the test kit tells what was written, by whom and how.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testLog } from './log.test-kit.ts';

test('a test log has each line with its level and its fields, those of children too', () => {
  const { log, lines, messages } = testLog();
  log.info('plain');
  log.child({ component: 'hello' }).warn({ bytes: 3 }, 'full');
  log.debug({ only: 'fields' });
  log.error(new TypeError('bad'));
  assert.deepEqual(lines.slice(0, 3), [
    { level: 'info', message: 'plain', fields: {} },
    { level: 'warn', message: 'full', fields: { component: 'hello', bytes: 3 } },
    { level: 'debug', message: '', fields: { only: 'fields' } },
  ]);
  assert.match(JSON.stringify(lines[3]?.fields), /"type":"TypeError"/);
  assert.deepEqual(messages('info', 'warn'), ['plain', 'full']);
  assert.deepEqual(messages(), ['plain', 'full', '', 'bad']);
});
