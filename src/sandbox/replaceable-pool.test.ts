// A pool is replaced while requests are under way: each ends with the pool that it came to, which is closed with the last.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { SandboxFactory } from './factory.ts';
import { defaultLimits } from './limits.ts';
import { SandboxPool } from './pool.ts';
import { ReplaceablePool } from './replaceable-pool.ts';
import type { Sandbox } from './sandbox.ts';

const context = (): { state(): undefined } => ({ state: () => undefined });

interface Fake {
  readonly pool: SandboxPool;
  readonly closed: () => number;
  readonly owns: (sandbox: Sandbox) => boolean;
}

function fake(concurrency = 1, resets: () => boolean = () => true): Fake {
  const made = new Set<Sandbox>();
  let closed = 0;
  const factory: SandboxFactory = {
    kept: true,
    reason: undefined,
    make() {
      const sandbox = { reset: resets, discard: () => undefined } as unknown as Sandbox;
      made.add(sandbox);
      return sandbox;
    },
    close: () => void closed++,
  };
  const pool = new SandboxPool(factory, { ...defaultLimits, concurrency, queueLength: 2 });
  return { pool, closed: () => closed, owns: (sandbox) => made.has(sandbox) };
}

test('requests that come after a change get the new pool, and the old one is closed when its last request is over', () => {
  const [old, next] = [fake(), fake()];
  const pool = new ReplaceablePool(old.pool);
  const before = pool.acquire(context()) as Sandbox;
  pool.replace(next.pool);
  const after = pool.acquire(context()) as Sandbox;
  assert.ok(old.owns(before) && next.owns(after));
  assert.equal(pool.current, next.pool);
  assert.equal(old.closed(), 0);
  pool.release(before, true);
  assert.equal(old.closed(), 1);
  pool.release(after, true);
  assert.equal(next.closed(), 0);
});

test('a pool that nobody uses is closed at once, and once only', () => {
  const fakes = [fake(), fake(), fake()];
  const pool = new ReplaceablePool(fakes[0]!.pool);
  pool.replace(fakes[1]!.pool);
  pool.replace(fakes[2]!.pool);
  assert.deepEqual(
    fakes.map(({ closed }) => closed()),
    [1, 1, 0],
  );
  pool.close();
  assert.deepEqual(
    fakes.map(({ closed }) => closed()),
    [1, 1, 1],
  );
});

test('those that wait keep their place in the queue of the old pool', async () => {
  const [old, next] = [fake(), fake()];
  const pool = new ReplaceablePool(old.pool);
  const first = pool.acquire(context()) as Sandbox;
  const waiting = pool.acquire(context());
  assert.ok(waiting instanceof Promise);
  pool.replace(next.pool);
  pool.release(first, true);
  const second = await waiting;
  assert.ok(old.owns(second));
  assert.equal(old.closed(), 0);
  pool.release(second, true);
  assert.equal(old.closed(), 1);
});

test('one that gives up waiting counts no more', async () => {
  const [old, next] = [fake(), fake()];
  const pool = new ReplaceablePool(old.pool);
  const first = pool.acquire(context()) as Sandbox;
  const patience = context();
  const waiting = pool.acquire(patience) as Promise<Sandbox>;
  pool.replace(next.pool);
  pool.abandon(patience, new Error('its client has gone'));
  await assert.rejects(waiting, /its client has gone/);
  assert.equal(old.closed(), 0);
  pool.release(first, true);
  assert.equal(old.closed(), 1);
});

test('a request that is refused does not keep its pool open', () => {
  const [old, next] = [fake(), fake()];
  const pool = new ReplaceablePool(old.pool);
  const first = pool.acquire(context()) as Sandbox;
  for (const _ of [1, 2]) (pool.acquire(context()) as Promise<Sandbox>).catch(() => undefined);
  assert.throws(() => pool.acquire(context()), /queue_length/);
  pool.replace(next.pool);
  pool.release(first, false);
  assert.equal(old.closed(), 0, 'two still wait');
});

test('a reset that fails its check is reported, and its pool is closed nevertheless', () => {
  const old = fake(1, () => {
    throw new Error('differs');
  });
  const pool = new ReplaceablePool(old.pool);
  const sandbox = pool.acquire(context()) as Sandbox;
  pool.replace(fake().pool);
  assert.throws(() => pool.release(sandbox, true), /differs/);
  assert.equal(old.closed(), 1);
});

test('all are closed with the app, and a version that is ready too late as well', () => {
  const [old, next, late] = [fake(), fake(), fake()];
  const pool = new ReplaceablePool(old.pool);
  const sandbox = pool.acquire(context()) as Sandbox;
  pool.replace(next.pool);
  pool.close();
  assert.deepEqual([old.closed(), next.closed()], [1, 1]);
  pool.release(sandbox, true);
  assert.deepEqual([old.closed(), next.closed()], [1, 1]);
  pool.replace(late.pool);
  assert.equal(late.closed(), 1);
});
