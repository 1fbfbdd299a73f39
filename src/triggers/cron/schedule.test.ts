// Ticks come at their points in time, whatever is done to the clock.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseCron } from '../../app/cron-expression.ts';
import { follow, type WallClock } from './schedule.ts';

/** A clock that stands until it is moved. Timers run by the time that passes, not by what the clock shows. */
function fakeClock(start: string) {
  let shown = Date.parse(start);
  let passed = 0;
  let timer: { at: number; call: () => void } | undefined;
  const clock: WallClock = {
    now: () => shown,
    after(ms, call) {
      timer = { at: passed + ms, call };
      return () => {
        timer = undefined;
      };
    },
  };
  return {
    clock,
    isWaiting: () => timer !== undefined,
    set: (time: string) => {
      shown = Date.parse(time);
    },
    pass(ms: number): void {
      const end = passed + ms;
      while (timer && timer.at <= end) {
        const { at, call } = timer;
        timer = undefined;
        shown += at - passed;
        passed = at;
        call();
      }
      shown += end - passed;
      passed = end;
    },
    time: () => new Date(shown).toISOString().slice(11, 19),
  };
}

function ticking(expression: string, start = '2026-01-01T00:00:00Z') {
  const fake = fakeClock(start);
  const ticks: string[] = [];
  const end = follow(parseCron(expression), () => ticks.push(fake.time()), fake.clock);
  return { ...fake, ticks, end };
}

test('it ticks at each point, and not before the first', () => {
  const { ticks, pass } = ticking('*/15 * * * * *');
  pass(14_999);
  assert.deepEqual(ticks, []);
  pass(31_000);
  assert.deepEqual(ticks, ['00:00:15', '00:00:30', '00:00:45']);
});

test('points that are far away come, too', () => {
  const { ticks, pass } = ticking('0 0 3 * * *');
  pass(27 * 3_600_000);
  assert.deepEqual(ticks, ['03:00:00', '03:00:00']);
});

test('after a sleep one of the missed points is made up for', () => {
  const { ticks, pass, set } = ticking('0 * * * * *');
  pass(61_000);
  set('2026-01-01T02:30:20Z');
  pass(10_000);
  assert.deepEqual(ticks, ['00:01:00', '02:30:29']);
  pass(60_000);
  assert.deepEqual(ticks.slice(2), ['02:31:00']);
});

test('after the clock was set back it does not wait until the old time comes again', () => {
  const { ticks, pass, set } = ticking('0 * * * * *', '2026-01-01T05:00:30Z');
  set('2026-01-01T02:00:10Z');
  pass(120_000);
  assert.deepEqual(ticks, ['02:01:00', '02:02:00']);
});

test('a schedule that is over ticks no more, and none ticks after its end', () => {
  const over = ticking('0 0 0 1 1 * 2020');
  over.pass(100_000);
  assert.deepEqual(over.ticks, []);
  const ended = ticking('* * * * * *');
  ended.pass(1_000);
  ended.end();
  ended.pass(5_000);
  assert.deepEqual(ended.ticks, ['00:00:01']);
  assert.equal(ended.isWaiting(), false);
});
