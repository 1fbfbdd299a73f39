// The log that says nothing says nothing.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { silentLog } from './log.ts';

test('nothing is written, whatever its level', () => {
  const { level } = silentLog as typeof silentLog & { level: string };
  assert.equal(level, 'silent');
  assert.equal((silentLog.child({ component: 'c' }) as typeof silentLog & { level: string }).level, 'silent');
});
