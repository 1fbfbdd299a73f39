// The pool's bounds and races, driven by hand: the factory, the gate and the time are the test's.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CallContext } from '../component/canon/instance.ts';
import { MayflyError } from '../errors.ts';
import type { SandboxFactory } from './factory.ts';
import { Gate } from './gate.ts';
import { defaultLimits, type SandboxLimits } from './limits.ts';
import { SandboxPool } from './pool.ts';
import type { GuestActivity, Sandbox } from './sandbox.ts';

const context = (): CallContext => ({ state: () => undefined });

interface Bench {
  readonly pool: SandboxPool;
  readonly events: string[];
  readonly activities: (GuestActivity | undefined)[];
  reset: () => boolean;
  reuse: (most: number) => boolean;
  make: () => void;
}

interface BenchOptions {
  readonly limits?: Partial<SandboxLimits>;
  readonly gate?: Gate;
  readonly reuse?: number;
  readonly factory?: Partial<SandboxFactory>;
}

function bench({ limits, gate, reuse, factory }: BenchOptions = {}): Bench {
  const events: string[] = [];
  const activities: (GuestActivity | undefined)[] = [];
  let made = 0;
  const sandbox = (name: string): Sandbox =>
    ({
      name,
      reset: () => {
        events.push(`reset ${name}`);
        return one.reset();
      },
      reuse: (most: number) => {
        events.push(`reuse ${name} ${most}`);
        return one.reuse(most);
      },
      discard: () => void events.push(`discard ${name}`),
    }) as unknown as Sandbox;
  const ours: SandboxFactory = {
    kept: true,
    reason: undefined,
    make: (_, activity) => {
      one.make();
      activities.push(activity);
      return sandbox(`s${++made}`);
    },
    close: () => void events.push('factory closed'),
    ...factory,
  };
  const one: Bench = {
    pool: new SandboxPool(ours, { ...defaultLimits, ...limits }, gate, reuse),
    events,
    activities,
    reset: () => true,
    reuse: () => true,
    make: () => undefined,
  };
  return one;
}

const nameOf = (sandbox: unknown): string => (sandbox as { name: string }).name;
const now = (found: Sandbox | Promise<Sandbox>): Sandbox => {
  assert.ok(!(found instanceof Promise), 'a sandbox was expected at once');
  return found;
};
const later = (found: Sandbox | Promise<Sandbox>): Promise<Sandbox> => {
  assert.ok(found instanceof Promise, 'a sandbox came at once');
  found.catch(() => undefined);
  return found;
};
const overloaded = (message: RegExp) => (error: unknown) =>
  error instanceof MayflyError && error.code === 'overloaded' && message.test(error.message);

/** Timers that are pending, other than the test's own. */
const timers = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;

test('64 idle sandboxes stay after a burst, and no more', () => {
  const { pool, events } = bench();
  const burst = Array.from({ length: 70 }, () => now(pool.acquire(context())));
  for (const sandbox of burst) pool.release(sandbox, true);
  assert.deepEqual(pool.statistics, { busy: 0, idle: 64, queued: 0, made: 70, discarded: 6 });
  assert.equal(events.filter((event) => event.startsWith('reset')).length, 64);
  assert.deepEqual(
    events.slice(-6),
    [65, 66, 67, 68, 69, 70].map((number) => `discard s${number}`),
  );
});

test('the one that was used last is taken first', () => {
  const { pool } = bench();
  const [one, two] = [now(pool.acquire(context())), now(pool.acquire(context()))];
  pool.release(one, true);
  pool.release(two, true);
  assert.deepEqual([nameOf(pool.acquire(context())), nameOf(pool.acquire(context()))], ['s2', 's1']);
});

test('concurrency is reached and not exceeded by one', () => {
  const { pool } = bench({ limits: { concurrency: 3, queueLength: 0 } });
  for (let count = 0; count < 3; count++) now(pool.acquire(context()));
  assert.throws(
    () => pool.acquire(context()),
    overloaded(/^Limits reached: concurrency \(3\) and queue_length \(0\)$/),
  );
  assert.equal(pool.statistics.busy, 3);
});

test('the queue is filled and not exceeded by one', () => {
  const { pool } = bench({ limits: { concurrency: 1, queueLength: 3 } });
  now(pool.acquire(context()));
  for (let count = 0; count < 3; count++) later(pool.acquire(context()));
  assert.throws(() => pool.acquire(context()), overloaded(/concurrency \(1\) and queue_length \(3\)/));
  assert.equal(pool.statistics.queued, 3);
  pool.close();
});

test('a newcomer does not overtake those who wait, though there is a place for it', async () => {
  let isOpen = false;
  const gate = new Gate(10);
  gate.enter = () => isOpen;
  const { pool } = bench({ gate });
  const first = later(pool.acquire(context()));
  isOpen = true;
  const second = later(pool.acquire(context()));
  pool.serve();
  assert.deepEqual([nameOf(await first), nameOf(await second)], ['s1', 's2']);
  assert.equal(pool.statistics.queued, 0);
});

test('who waits is served by whoever is released first, and on the time of its own request', async () => {
  const { pool, activities } = bench({ limits: { concurrency: 2 } });
  const held = [now(pool.acquire(context())), now(pool.acquire(context()))];
  const activity = {} as GuestActivity;
  const waiting = later(pool.acquire(context(), activity));
  pool.release(held[1] as Sandbox, false);
  assert.equal(nameOf(await waiting), 's3');
  assert.deepEqual(activities, [undefined, undefined, activity]);
  assert.equal(pool.statistics.busy, 2);
});

test('queue_time: up to its last millisecond it waits', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  const { pool } = bench({ limits: { concurrency: 1, queueMs: 500 } });
  const held = now(pool.acquire(context()));
  const [first, second] = [later(pool.acquire(context())), later(pool.acquire(context()))];
  t.mock.timers.tick(499);
  assert.equal(pool.statistics.queued, 2);
  pool.release(held, true);
  assert.equal(nameOf(await first), 's1');
  t.mock.timers.tick(1);
  await assert.rejects(second, overloaded(/^Limit reached: queue_time \(500 ms\)$/));
  assert.deepEqual([pool.statistics.queued, pool.statistics.busy], [0, 1]);
});

test('no timer is left of those who were served, gave up or were refused', async () => {
  const before = timers();
  const { pool } = bench({ limits: { concurrency: 1 } });
  const held = now(pool.acquire(context()));
  const gone = context();
  const waiting = [later(pool.acquire(context())), later(pool.acquire(gone)), later(pool.acquire(context()))];
  assert.equal(timers(), before + 3);
  pool.release(held, true);
  await waiting[0];
  assert.equal(timers(), before + 2);
  pool.abandon(gone, new Error('gone'));
  assert.equal(timers(), before + 1);
  pool.close();
  assert.equal(timers(), before);
  await assert.rejects(waiting[1] as Promise<Sandbox>, /gone/);
  await assert.rejects(waiting[2] as Promise<Sandbox>, overloaded(/stopped/));
});

test('who gives up in the middle of the queue leaves the others in their order', async () => {
  const { pool } = bench({ limits: { concurrency: 1 } });
  const held = now(pool.acquire(context()));
  const contexts = [context(), context(), context()];
  const waiting = contexts.map((one) => later(pool.acquire(one)));
  pool.abandon(contexts[1] as CallContext, new Error('gone'));
  pool.abandon(contexts[1] as CallContext, new Error('twice'));
  pool.abandon(context(), new Error('a stranger'));
  await assert.rejects(waiting[1] as Promise<Sandbox>, /gone/);
  assert.equal(pool.statistics.queued, 2);
  pool.release(held, true);
  const first = await waiting[0];
  pool.release(first as Sandbox, true);
  assert.equal(await waiting[2], first);
});

test('a client that was gone before its sandbox came takes none', async () => {
  const { pool } = bench({ limits: { concurrency: 1 } });
  const held = now(pool.acquire(context()));
  const gone = context();
  later(pool.acquire(gone));
  pool.abandon(gone, new Error('gone'));
  pool.release(held, true);
  assert.deepEqual(pool.statistics, { busy: 0, idle: 1, queued: 0, made: 1, discarded: 0 });
});

test('what cannot be made takes no place, and the next one is made', () => {
  const gate = new Gate(1);
  const one = bench({ gate });
  one.make = () => {
    throw new Error('no room');
  };
  for (let turn = 0; turn < 3; turn++) assert.throws(() => one.pool.acquire(context()), /no room/);
  assert.deepEqual([gate.busy, one.pool.statistics.busy, one.pool.statistics.made], [0, 0, 0]);
  one.make = () => undefined;
  now(one.pool.acquire(context()));
});

test('an unhealthy sandbox is neither reset nor reused', () => {
  const { pool, events } = bench({ reuse: 3 });
  pool.release(now(pool.acquire(context())), false);
  assert.deepEqual(events, ['discard s1']);
});

test('without reuse each goes back to its image; with it, only when it must', () => {
  const plain = bench();
  plain.pool.release(now(plain.pool.acquire(context())), true);
  assert.deepEqual(plain.events, ['reset s1']);
  const one = bench({ reuse: 1 });
  one.pool.release(now(one.pool.acquire(context())), true);
  assert.deepEqual(one.events, ['reset s1']);
  const reused = bench({ reuse: 2 });
  reused.pool.release(now(reused.pool.acquire(context())), true);
  assert.deepEqual(reused.events, ['reuse s1 2']);
  reused.reuse = () => false;
  reused.pool.release(now(reused.pool.acquire(context())), true);
  assert.deepEqual(reused.events, ['reuse s1 2', 'reuse s1 2', 'reset s1']);
  assert.equal(reused.pool.statistics.idle, 1);
  reused.reset = () => false;
  reused.pool.release(now(reused.pool.acquire(context())), true);
  assert.equal(reused.events.at(-1), 'discard s1');
});

test('when a reset finds a difference, who waits gets another sandbox, and the place is free', async () => {
  const gate = new Gate(1);
  const one = bench({ gate });
  const held = now(one.pool.acquire(context()));
  const waiting = later(one.pool.acquire(context()));
  one.reset = () => {
    throw new Error('differs');
  };
  assert.throws(() => one.pool.release(held, true), /differs/);
  assert.equal(nameOf(await waiting), 's2');
  assert.equal(gate.busy, 1);
  assert.deepEqual(one.events, ['reset s1', 'discard s1']);
});

test('one whose sandbox cannot be made does not hold up those behind it, nor the gate', async () => {
  const gate = new Gate(1);
  const one = bench({ gate });
  const held = now(one.pool.acquire(context()));
  const [first, second] = [later(one.pool.acquire(context())), later(one.pool.acquire(context()))];
  one.make = () => {
    one.make = () => undefined;
    throw new Error('no room');
  };
  one.pool.release(held, false);
  await assert.rejects(first, /no room/);
  const next = await second;
  assert.equal(gate.busy, 1);
  one.pool.release(next, true);
  assert.equal(gate.busy, 0);
});

test('the place of a sandbox in the gate is given to whoever waited longest, in whatever pool', async () => {
  const gate = new Gate(1);
  const [a, b] = [bench({ gate }), bench({ gate })];
  const held = now(a.pool.acquire(context()));
  const order: string[] = [];
  const inB = later(b.pool.acquire(context())).then((sandbox) => {
    order.push('b');
    b.pool.release(sandbox, true);
  });
  const inA = later(a.pool.acquire(context())).then((sandbox) => {
    order.push('a');
    a.pool.release(sandbox, true);
  });
  a.pool.release(held, true);
  await Promise.all([inA, inB]);
  assert.deepEqual(order, ['b', 'a']);
  assert.equal(gate.busy, 0);
});

test('each stack of a sandbox takes a place, and one without stacks takes one', () => {
  for (const [stacks, places] of [
    [undefined, 1],
    [0, 1],
    [1, 1],
    [3, 3],
  ] as const) {
    const gate = new Gate(10);
    const { pool } = bench({ gate, ...(stacks === undefined ? {} : { factory: { stacks } }) });
    const sandbox = now(pool.acquire(context()));
    assert.equal(gate.busy, places);
    pool.release(sandbox, true);
    assert.equal(gate.busy, 0);
  }
});

test('a gate that is full is named, not the concurrency of the component', () => {
  const gate = new Gate(1);
  const { pool } = bench({ gate, limits: { concurrency: 5, queueLength: 0 } });
  now(pool.acquire(context()));
  assert.throws(
    () => pool.acquire(context()),
    overloaded(/^Limits reached: sandboxes of the process \(1\) and queue_length \(0\)$/),
  );
});

function closed(): { one: Bench; gate: Gate; held: Sandbox; waiting: Promise<Sandbox> } {
  const gate = new Gate(2);
  const one = bench({ gate });
  const [held, idle] = [now(one.pool.acquire(context())), now(one.pool.acquire(context()))];
  const waiting = later(one.pool.acquire(context()));
  one.pool.close();
  one.pool.release(idle, true);
  return { one, gate, held, waiting };
}

test('after closing nobody is served, and what is in use is given up when it comes back', async () => {
  const { one, gate, held, waiting } = closed();
  await assert.rejects(waiting, overloaded(/^The app was stopped$/));
  assert.throws(() => one.pool.acquire(context()), overloaded(/^The app was stopped$/));
  one.pool.release(held, true);
  assert.deepEqual(one.events, ['factory closed', 'discard s2', 'discard s1']);
  assert.equal(gate.busy, 0);
  assert.deepEqual(one.pool.statistics, { busy: 0, idle: 0, queued: 0, made: 2, discarded: 2 });
});

test('closing gives up those that are idle, and the gate asks no more', () => {
  const gate = new Gate(1);
  const [one, other] = [bench({ gate }), bench({ gate })];
  const held = now(other.pool.acquire(context()));
  later(one.pool.acquire(context()));
  one.pool.close();
  let served = 0;
  one.pool.serve = () => void served++;
  other.pool.release(held, true);
  assert.equal(served, 0);
  other.pool.close();
  assert.deepEqual(other.events, ['reset s1', 'discard s1', 'factory closed']);
  assert.equal(other.pool.statistics.idle, 0);
});

test('what it says of itself is what its factory says', () => {
  const kept = bench();
  assert.deepEqual([kept.pool.kept, kept.pool.reason], [true, undefined]);
  const not = bench({ factory: { kept: false, reason: 'it cannot be' } });
  assert.deepEqual([not.pool.kept, not.pool.reason], [false, 'it cannot be']);
});
