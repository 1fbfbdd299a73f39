import assert from 'node:assert/strict';
import { test } from 'node:test';
import { GuestClock, type Stopper, type Timer } from './clock.ts';

const limits = { cpuSliceMs: 1000, cpuMs: 5000, wallMs: 60_000 };

interface Log extends Stopper {
  readonly calls: string[];
  /** What the next `leave` answers. */
  stopped: boolean;
}

function stopper(): Log {
  const log: Log = {
    calls: [],
    stopped: false,
    enter: (ms) => void log.calls.push(ms > 0 ? 'enter' : 'enter with no time'),
    leave: () => {
      log.calls.push('leave');
      const { stopped } = log;
      log.stopped = false;
      return stopped;
    },
  };
  return log;
}

test('one guest goes on at a time: the next one when the first has stopped', () => {
  const log = stopper();
  const clock = new GuestClock(log);
  const [one, two, three] = [clock.timer(limits), clock.timer(limits), clock.timer(limits)] as [Timer, Timer, Timer];
  const went: string[] = [];
  one.resume(() => went.push('one'));
  two.resume(() => went.push('two'));
  three.resume(() => went.push('three'));
  assert.deepEqual(went, ['one']);
  one.suspend();
  assert.deepEqual(went, ['one', 'two']);
  two.leave();
  assert.deepEqual(went, ['one', 'two', 'three']);
  three.leave();
  assert.deepEqual(log.calls, ['enter', 'leave', 'enter', 'leave', 'enter', 'leave']);
});

test('a guest that calls another waits for it, and has its own time again afterwards', () => {
  const log = stopper();
  const clock = new GuestClock(log);
  const [outer, inner, other] = [clock.timer(limits), clock.timer(limits), clock.timer(limits)] as [
    Timer,
    Timer,
    Timer,
  ];
  const went: string[] = [];
  outer.enter();
  inner.enter();
  other.resume(() => went.push('other'));
  log.stopped = true;
  inner.leave();
  assert.equal(inner.stopped, true);
  assert.equal(outer.stopped, false);
  assert.deepEqual(went, []);
  outer.leave();
  assert.deepEqual(went, ['other']);
});

test('a guest that was stopped gets no more time', () => {
  const log = stopper();
  const clock = new GuestClock(log);
  const timer = clock.timer(limits);
  timer.enter();
  log.stopped = true;
  timer.suspend();
  timer.resume(() => undefined);
  assert.deepEqual(log.calls, ['enter', 'leave', 'enter with no time']);
});

test('one that never says that it ended holds nobody up', async () => {
  const clock = new GuestClock(stopper());
  clock.timer(limits).enter();
  await new Promise<void>((resolve) => clock.timer(limits).resume(resolve));
});

test('what is over goes on without being counted', () => {
  const log = stopper();
  const clock = new GuestClock(log);
  const [over, next] = [clock.timer(limits), clock.timer(limits)] as [Timer, Timer];
  const went: string[] = [];
  over.enter();
  over.leave();
  over.resume(() => went.push('over'));
  next.resume(() => went.push('next'));
  assert.deepEqual(went, ['over', 'next']);
});

test('the shortest of slice, CPU time and wall time counts, and is named', () => {
  const clock = new GuestClock(undefined);
  const named = (changed: Partial<typeof limits>): string => {
    const timer = clock.timer({ ...limits, ...changed });
    timer.usedMs = 100;
    return `${timer.limitReached} ${Math.round(timer.allowance(timer.createdAt))}`;
  };
  assert.equal(named({}), 'cpu_slice 1000');
  assert.equal(named({ cpuMs: 100 }), 'cpu 0');
  assert.equal(named({ wallMs: 0 }), 'wall 0');
});
