// Days, times and points in time go both ways, over leap years, the ends of months and before our era.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  dateOfDays,
  datetimeOfMicros,
  daysOfDate,
  microsOfDatetime,
  microsOfTime,
  microsOfUnixTime,
  timeOfMicros,
  type WitDate,
  type WitTime,
} from './calendar.ts';

test('days are those that the clock of JavaScript counts', () => {
  const start = Date.UTC(2000, 0, 1);
  for (const days of [
    0, 1, -1, 58, 59, 60, 365, 366, 36_524, 36_525, 146_096, 146_097, -730_425, -730_426, 2_000_000,
  ]) {
    const date = new Date(start + days * 86_400_000);
    const expected = [date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate()] as const;
    assert.deepEqual(dateOfDays(days), expected, String(days));
    assert.equal(daysOfDate(expected), days);
  }
  for (let days = -800_000; days < 800_000; days += 97) assert.equal(daysOfDate(dateOfDays(days)), days);
});

test('days that no month has are none', () => {
  const there: WitDate[] = [
    [2000, 2, 29],
    [2004, 2, 29],
    [1900, 2, 28],
    [0, 2, 29],
    [-4, 2, 29],
    [2001, 12, 31],
    [2001, 4, 30],
  ];
  const absent: WitDate[] = [
    [1900, 2, 29],
    [2001, 2, 29],
    [2001, 4, 31],
    [2001, 13, 1],
    [2001, 0, 1],
    [2001, 1, 0],
    [2001, 1, 32],
    [2001, 12, 32],
  ];
  for (const date of there) assert.deepEqual(dateOfDays(daysOfDate(date) ?? assert.fail(date.join())), date);
  for (const date of absent) assert.equal(daysOfDate(date), undefined, date.join());
});

test('times go to the microsecond, and up to 24:00', () => {
  for (const [micros, time] of [
    [0n, [0, 0, 0, 0]],
    [1n, [0, 0, 0, 1000]],
    [999_999n, [0, 0, 0, 999_999_000]],
    [59_999_999n, [0, 0, 59, 999_999_000]],
    [3_599_000_000n, [0, 59, 59, 0]],
    [3_600_000_000n, [1, 0, 0, 0]],
    [86_399_999_999n, [23, 59, 59, 999_999_000]],
    [86_400_000_000n, [24, 0, 0, 0]],
  ] as const) {
    assert.deepEqual(timeOfMicros(micros), time);
    assert.equal(microsOfTime(time), micros);
  }
  const absent: WitTime[] = [
    [24, 0, 0, 1000],
    [25, 0, 0, 0],
    [0, 60, 0, 0],
    [0, 0, 60, 0],
    [0, 0, 0, 1_000_000_000],
    [0, 0, 0, 1],
    [0, 0, 0, 999],
  ];
  for (const time of absent) assert.equal(microsOfTime(time), undefined, time.join());
});

test('points in time lie on the day that they belong to, before 2000 as well', () => {
  for (const [micros, point] of [
    [0n, [2000, 1, 1, 0, 0, 0, 0]],
    [-1n, [1999, 12, 31, 23, 59, 59, 999_999_000]],
    [86_400_000_000n, [2000, 1, 2, 0, 0, 0, 0]],
    [-86_400_000_000n, [1999, 12, 31, 0, 0, 0, 0]],
    [-946_684_800_000_000n, [1970, 1, 1, 0, 0, 0, 0]],
  ] as const) {
    assert.deepEqual(datetimeOfMicros(micros), point);
    assert.equal(microsOfDatetime(point), micros);
  }
  assert.equal(microsOfDatetime([2000, 1, 1, 24, 0, 0, 0]), undefined);
  assert.equal(microsOfDatetime([2000, 2, 30, 0, 0, 0, 0]), undefined);
  assert.equal(microsOfDatetime([2000, 1, 1, 0, 60, 0, 0]), undefined);
  assert.deepEqual([microsOfUnixTime(946_684_800n), microsOfUnixTime(0n)], [0n, -946_684_800_000_000n]);
});
