// The pool takes idle sandboxes first, makes others up to its limits, and discards those that it cannot trust.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MayflyError } from '../errors.ts';
import type { SandboxFactory } from './factory.ts';
import { Gate } from './gate.ts';
import { defaultLimits, type SandboxLimits } from './limits.ts';
import { SandboxPool } from './pool.ts';
import type { Sandbox } from './sandbox.ts';

const context = (): { state(): undefined } => ({ state: () => undefined });

interface Fake extends SandboxFactory {
  /** What the next `make` throws. */
  fail: Error | undefined;
  /** What each reset answers. */
  resets: boolean | Error;
  discarded: number;
}

function fake(): Fake {
  const factory: Fake = {
    kept: true,
    reason: undefined,
    fail: undefined,
    resets: true,
    discarded: 0,
    make() {
      const { fail } = factory;
      factory.fail = undefined;
      if (fail) throw fail;
      const reset = (): boolean => {
        if (factory.resets instanceof Error) throw factory.resets;
        return factory.resets;
      };
      return { reset, discard: () => void factory.discarded++ } as unknown as Sandbox;
    },
    close: () => undefined,
  };
  return factory;
}

function pool(limits: Partial<SandboxLimits> = {}, gate?: Gate): { pool: SandboxPool; factory: Fake } {
  const factory = fake();
  return { factory, pool: new SandboxPool(factory, { ...defaultLimits, ...limits }, gate) };
}

const overloaded = (message: RegExp) => (error: unknown) =>
  error instanceof MayflyError && error.code === 'overloaded' && message.test(error.message);

test('an idle sandbox is taken before one is made', () => {
  const { pool: one } = pool();
  const first = one.acquire(context()) as Sandbox;
  one.release(first, true);
  assert.equal(one.acquire(context()), first);
  assert.equal(one.statistics.made, 1);
});

test('unhealthy ones and those that cannot be reset are discarded', () => {
  const { pool: one, factory } = pool();
  one.release(one.acquire(context()) as Sandbox, false);
  factory.resets = false;
  one.release(one.acquire(context()) as Sandbox, true);
  assert.deepEqual(one.statistics, { busy: 0, idle: 0, queued: 0, made: 2, discarded: 2 });
});

test('a reset that fails its check is reported, and its sandbox is not used again', () => {
  const { pool: one, factory } = pool();
  const sandbox = one.acquire(context()) as Sandbox;
  factory.resets = new Error('differs');
  assert.throws(() => one.release(sandbox, true), /differs/);
  assert.deepEqual(one.statistics, { busy: 0, idle: 0, queued: 0, made: 1, discarded: 1 });
});

test('beyond `concurrency` requests queue in order, beyond `queue_length` they are refused', async () => {
  const { pool: one } = pool({ concurrency: 1, queueLength: 2 });
  const sandbox = one.acquire(context()) as Sandbox;
  const waiting = [one.acquire(context()), one.acquire(context())];
  assert.throws(() => one.acquire(context()), overloaded(/concurrency \(1\) and queue_length \(2\)/));
  const order: number[] = [];
  const served = waiting.map(async (next, index) => {
    const got = await next;
    order.push(index);
    one.release(got, true);
  });
  one.release(sandbox, true);
  await Promise.all(served);
  assert.deepEqual(order, [0, 1]);
});

test('`queue_time` ends the wait', async () => {
  const { pool: one } = pool({ concurrency: 1, queueMs: 5 });
  one.acquire(context());
  await assert.rejects(one.acquire(context()) as Promise<Sandbox>, overloaded(/queue_time \(5 ms\)/));
  assert.equal(one.statistics.queued, 0);
});

test('who gives up leaves the queue', async () => {
  const { pool: one } = pool({ concurrency: 1, queueLength: 1 });
  const sandbox = one.acquire(context()) as Sandbox;
  const mine = context();
  const waiting = one.acquire(mine) as Promise<Sandbox>;
  one.abandon(mine, new Error('gone'));
  await assert.rejects(waiting, /gone/);
  const next = one.acquire(context());
  one.release(sandbox, true);
  assert.equal(await next, sandbox);
});

test('a request for which no sandbox can be made does not hold up those behind it', async () => {
  const { pool: one, factory } = pool({ concurrency: 1 });
  const sandbox = one.acquire(context()) as Sandbox;
  const [first, second] = [one.acquire(context()), one.acquire(context())] as [Promise<Sandbox>, Promise<Sandbox>];
  factory.fail = new MayflyError('sandbox-exhausted', 'no room');
  one.release(sandbox, false);
  await assert.rejects(first, /no room/);
  assert.ok(await second);
  assert.equal(one.statistics.busy, 1);
});

test('the gate of the process: pools share its places, and whoever waits is served in turn', async () => {
  const gate = new Gate(2);
  const [a, b] = [pool({}, gate).pool, pool({ queueLength: 1 }, gate).pool];
  const first = a.acquire(context()) as Sandbox;
  a.acquire(context());
  const waitingB = b.acquire(context()) as Promise<Sandbox>;
  const waitingA = a.acquire(context()) as Promise<Sandbox>;
  assert.throws(() => b.acquire(context()), overloaded(/sandboxes of the process \(2\) and queue_length \(1\)/));
  assert.equal(gate.busy, 2);
  a.release(first, true);
  const fromB = await waitingB;
  assert.equal(gate.busy, 2);
  b.release(fromB, true);
  a.release(await waitingA, true);
  assert.equal(gate.busy, 1);
});

test('the gate counts nothing for sandboxes that could not be made', () => {
  const gate = new Gate(1);
  const { pool: one, factory } = pool({}, gate);
  for (let turn = 0; turn < 3; turn++) {
    factory.fail = new Error('no room');
    assert.throws(() => one.acquire(context()), /no room/);
  }
  assert.equal(gate.busy, 0);
  assert.ok(one.acquire(context()));
});

test('a sandbox with several stacks takes as many places, and is let in alone if there are fewer', () => {
  const gate = new Gate(3);
  const { factory } = pool();
  const two = new SandboxPool({ ...factory, stacks: 2 }, { ...defaultLimits, queueLength: 0 }, gate);
  const first = two.acquire(context()) as Sandbox;
  assert.equal(gate.busy, 2);
  assert.throws(() => two.acquire(context()), overloaded(/sandboxes of the process/));
  two.release(first, true);
  assert.equal(gate.busy, 0);
  const five = new SandboxPool({ ...factory, stacks: 5 }, { ...defaultLimits, queueLength: 0 }, gate);
  const alone = five.acquire(context()) as Sandbox;
  assert.throws(() => two.acquire(context()), overloaded(/sandboxes of the process/));
  five.release(alone, true);
  assert.equal(gate.busy, 0);
});

test('who needs more places than are free waits on, and others are served', async () => {
  const gate = new Gate(3);
  const { factory, pool: one } = pool({}, gate);
  const two = new SandboxPool({ ...factory, stacks: 2 }, defaultLimits, gate);
  const held = [one, one, one].map((each) => each.acquire(context()) as Sandbox);
  const waiting = two.acquire(context()) as Promise<Sandbox>;
  const light = one.acquire(context()) as Promise<Sandbox>;
  one.release(held[0] as Sandbox, true);
  held[0] = await light;
  assert.equal(gate.busy, 3);
  for (const sandbox of held) one.release(sandbox, true);
  two.release(await waiting, true);
  assert.equal(gate.busy, 0);
});

test('closing refuses those who wait, and what is in use goes when it is released', async () => {
  const { pool: one, factory } = pool({ concurrency: 1 });
  const sandbox = one.acquire(context()) as Sandbox;
  const waiting = one.acquire(context()) as Promise<Sandbox>;
  one.close();
  await assert.rejects(waiting, overloaded(/stopped/));
  assert.throws(() => one.acquire(context()), overloaded(/stopped/));
  one.release(sandbox, true);
  assert.equal(factory.discarded, 1);
});

test('a pool that cannot make sandboxes says so, until it can or some time has passed', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const { pool: one, factory } = pool();
  const fails = (): void => {
    factory.fail = new MayflyError('sandbox-exhausted', 'no memory');
    assert.throws(() => one.acquire(context()), /no memory/);
  };
  assert.equal(one.trouble, undefined);
  fails();
  assert.equal(one.trouble, 'no sandbox can be made: no memory');
  now += 10_001;
  assert.equal(one.trouble, undefined, 'whoever asks may try again');
  fails();
  const sandbox = one.acquire(context()) as Sandbox;
  assert.equal(one.trouble, undefined);
  one.release(sandbox, true);
  one.close();
  assert.equal(one.trouble, 'it was stopped');
});
