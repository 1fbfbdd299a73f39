// The clock lets one guest run at a time, measures it, and stops the one whose time is over.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
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

/** Lets the microtasks go by, and with them who is next in the same turn of the event loop. */
const soon = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

test('one guest goes on at a time: the next one when the first has stopped', async () => {
  const log = stopper();
  const clock = new GuestClock(log);
  const [one, two, three] = [clock.timer(limits), clock.timer(limits), clock.timer(limits)] as [Timer, Timer, Timer];
  const went: string[] = [];
  one.resume(() => went.push('one'));
  two.resume(() => went.push('two'));
  three.resume(() => went.push('three'));
  assert.deepEqual(went, ['one']);
  one.suspend();
  assert.deepEqual(went, ['one']);
  await Promise.resolve().then(() => new Promise(process.nextTick));
  assert.deepEqual(went, ['one', 'two']);
  two.leave();
  await soon();
  assert.deepEqual(went, ['one', 'two', 'three']);
  three.leave();
  assert.deepEqual(log.calls, ['enter', 'leave', 'enter', 'leave', 'enter', 'leave']);
});

test('a guest that calls another waits for it, and has its own time again afterwards', async () => {
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
  await soon();
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

test('who comes between the end of one guest and the turn of the next waits behind it', async () => {
  const clock = new GuestClock(stopper());
  const [first, waiting, newcomer] = [clock.timer(limits), clock.timer(limits), clock.timer(limits)] as const;
  const went: string[] = [];
  first.enter();
  clock.await(waiting, () => {
    went.push('waiting');
    waiting.enter();
    waiting.leave();
  });
  first.leave();
  assert.deepEqual([clock.isFree, newcomer.tryEnter()], [false, false]);
  newcomer.resume(() => went.push('newcomer'));
  assert.deepEqual(went, []);
  await soon();
  assert.deepEqual(went, ['waiting', 'newcomer']);
});

test('one that never says that it ended holds nobody up', async () => {
  const clock = new GuestClock(stopper());
  clock.timer(limits).enter();
  await new Promise<void>((resolve) => clock.timer(limits).resume(resolve));
});

test('a guest for which a sandbox was made on its time is watched when it starts by going on', () => {
  const log = stopper();
  const suspended: string[] = [];
  const timer = new GuestClock(log).timer(limits, () => suspended.push('suspended'));
  timer.enter();
  timer.made();
  assert.deepEqual([log.calls, suspended], [['enter', 'leave'], []]);
  timer.resume(() => log.calls.push('goes on'));
  timer.suspend();
  assert.deepEqual([log.calls.slice(2), suspended], [['enter', 'goes on', 'leave'], ['suspended']]);
});

test('what is over goes on without being counted', async () => {
  const log = stopper();
  const clock = new GuestClock(log);
  const [over, next] = [clock.timer(limits), clock.timer(limits)] as [Timer, Timer];
  const went: string[] = [];
  over.enter();
  over.leave();
  over.resume(() => went.push('over'));
  next.resume(() => went.push('next'));
  await soon();
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

/** Time stands still but for `pass`; `events`: what the event loop has seen. */
function fakeTime(t: TestContext): { pass(ms: number): void; events: number } {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  return {
    pass: (ms) => {
      now += ms;
    },
    events: 0,
  };
}

test('a turn of the event loop is over when its time is used: no second guest starts in it', async (t) => {
  const time = fakeTime(t);
  const clock = new GuestClock(stopper(), () => time.events);
  const went: string[] = [];
  const start = (name: string, ms: number): void => {
    const timer = clock.timer(limits);
    clock.await(timer, () => {
      went.push(name);
      timer.enter();
      time.pass(ms);
      timer.leave();
    });
  };
  start('one', 4);
  start('two', 7);
  start('three', 7);
  await turn();
  assert.deepEqual(went, ['one', 'two']);
  assert.equal(clock.isFree, false);
  await turn();
  assert.deepEqual(went, ['one', 'two', 'three']);
});

test('after a whole slice the event loop turns until nothing new comes, within bounds', async (t) => {
  const time = fakeTime(t);
  const clock = new GuestClock(stopper(), () => time.events);
  const first = clock.timer(limits);
  first.enter();
  let went = false;
  clock.await(clock.timer(limits), () => {
    went = true;
  });
  time.pass(1000);
  first.leave();
  for (let accepted = 0; accepted < 20; accepted++) {
    time.events++;
    await turn();
    assert.equal(went, false);
  }
  await turn();
  await turn();
  assert.equal(went, true);

  const second = clock.timer(limits);
  second.enter();
  went = false;
  clock.await(clock.timer(limits), () => {
    went = true;
  });
  time.pass(1000);
  second.leave();
  let turns = 0;
  while (!went && turns++ < 100) {
    time.events++;
    time.pass(10);
    await turn();
  }
  assert.ok(turns > 5 && turns < 15, `after ${turns} turns of 10 ms`);
});

test('a guest that pauses goes on with a new slice unless others wait or the turn is over', async (t) => {
  const time = fakeTime(t);
  const log = stopper();
  const clock = new GuestClock(log, () => time.events);
  const one = clock.timer(limits);
  one.enter();
  time.pass(4);
  assert.equal(one.pause(), false);
  assert.deepEqual(log.calls, ['enter', 'leave', 'enter']);
  let went = false;
  clock.timer(limits).resume(() => {
    went = true;
  });
  assert.equal(one.pause(), true);
  assert.equal(one.pause(), true, 'it does not run');
  await turn();
  assert.equal(went, true);

  const alone = new GuestClock(log, () => time.events).timer(limits);
  alone.enter();
  time.pass(4);
  assert.equal(alone.pause(), false);
  time.pass(7);
  assert.equal(alone.pause(), true);
  assert.equal(Math.round(alone.usedMs), 11);
});

test('a guest whose step was stopped gets no time for the next one', () => {
  const log = stopper();
  const timer = new GuestClock(log).timer(limits);
  timer.enter();
  log.stopped = true;
  assert.throws(() => timer.pause(), /used its time/);
  assert.equal(timer.stopped, true);
  assert.deepEqual(log.calls, ['enter', 'leave']);
});

test('a request that has ended is not watched any more', () => {
  let watched = 0;
  const timer = new GuestClock(stopper()).timer(limits, () => watched++);
  timer.enter();
  timer.suspend();
  assert.equal(watched, 1);
  timer.resume();
  timer.leave();
  timer.suspend();
  assert.equal(watched, 1);
});

test('while the thread is free nobody waits for the event loop to turn', async () => {
  const clock = new GuestClock(stopper());
  const timer = clock.timer(limits);
  const went: string[] = [];
  clock.await(timer, () => went.push('started'));
  assert.deepEqual(went, []);
  await Promise.resolve().then(() => new Promise(process.nextTick));
  assert.deepEqual(went, ['started']);
});

test('one that never says that it ended is over in the next turn, and those that wait ask for one turn', async (t) => {
  const clock = new GuestClock(stopper());
  const immediate = t.mock.method(globalThis, 'setImmediate');
  const [lost, ...others] = Array.from({ length: 4 }, () => clock.timer(limits)) as [Timer, ...Timer[]];
  lost.enter();
  const went: number[] = [];
  for (const [index, timer] of others.entries()) clock.await(timer, () => went.push(index));
  assert.equal(immediate.mock.callCount(), 1);
  immediate.mock.restore();
  await turn();
  await soon();
  assert.deepEqual(went, [0, 1, 2]);
});
