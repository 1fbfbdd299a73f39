// Cron expressions have seconds, are in UTC, and say what is wrong with them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cronFault, parseCron } from './cron-expression.ts';

const start = Date.parse('2026-01-01T00:00:00Z');

function times(expression: string, count: number): string[] {
  const schedule = parseCron(expression);
  const found: string[] = [];
  for (let at = start; found.length < count; ) {
    const next = schedule.next(at);
    if (next === undefined) break;
    at = next;
    found.push(new Date(at).toISOString().replace('.000', ''));
  }
  return found;
}

test('six fields begin with seconds, seven end with a year', () => {
  assert.deepEqual(times('*/20 * * * * *', 2), ['2026-01-01T00:00:20Z', '2026-01-01T00:00:40Z']);
  assert.deepEqual(times('5/15 * * * * *', 2), ['2026-01-01T00:00:05Z', '2026-01-01T00:00:20Z']);
  assert.deepEqual(times('0 30 2 * * * 2027', 1), ['2027-01-01T02:30:00Z']);
});

test('days fit both the day of the month and the day of the week', () => {
  assert.deepEqual(times('0 0 0 13 * FRI', 2), ['2026-02-13T00:00:00Z', '2026-03-13T00:00:00Z']);
  assert.deepEqual(times('0 0 0 * * 0', 1), times('0 0 0 * * 7', 1));
});

test('a schedule may be over, or have no day at all', () => {
  assert.deepEqual(times('0 0 0 1 1 * 2020', 1), []);
  assert.deepEqual(times('0 0 0 31 2 *', 1), []);
});

test('a mistake is named', () => {
  assert.equal(cronFault('*/5 * * * *'), 'it has 5 fields, not 6 or 7');
  assert.equal(cronFault(''), 'it has 0 fields, not 6 or 7');
  assert.equal(cronFault('@hourly'), 'it has 1 field, not 6 or 7');
  assert.match(cronFault('99 * * * * *') ?? '', /second: 99/);
  assert.match(cronFault('a * * * * *') ?? '', /./);
  assert.equal(cronFault(' 0  0 12 L * * '), undefined);
});
