// What requests cost is summed up by where it was spent: in guests, in the host, in getting and putting back sandboxes.
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { HostService } from '../host/service.ts';
import type { Guest } from '../invocation/exchange.ts';
import { Timer } from '../sandbox/clock.ts';
import type { RequestContext } from '../sandbox/request-context.ts';
import type { Sandbox } from '../sandbox/sandbox.ts';
import { Meter } from './meter.ts';

/** A clock that the test moves. */
function time(t: TestContext) {
  let now = 1000;
  t.mock.method(performance, 'now', () => now);
  return (ms: number): void => {
    now += ms;
  };
}
const context = {} as RequestContext;
const sandbox = {} as Sandbox;

test('requests, their CPU and host calls, and the largest memory; what was read begins anew', () => {
  const meter = new Meter();
  const used = { wallMs: 50, hostCalls: 2, isNew: true, isKept: true };
  const use = (cpuMs: number, memoryBytes: number) => meter.onUsage({ ...used, cpuMs, memoryBytes });
  use(3, 100);
  use(4, 700);
  use(5, 200);
  const { requests, guestMs, hostCalls, memoryBytes, ...rest } = meter.take();
  assert.deepEqual([requests, guestMs, hostCalls, memoryBytes], [3, 12, 6, 700]);
  const nothing = { sandboxMs: 0, resetMs: 0, hostMs: 0, queued: 0, queuedMs: 0 };
  assert.deepEqual(rest, nothing);
  assert.deepEqual(meter.take(), { ...nothing, requests: 0, guestMs: 0, hostCalls: 0, memoryBytes: 0 });
});

test('the time in a function of the host is that of the host and not of the guest, also when it throws', async (t) => {
  const pass = time(t);
  const meter = new Meter();
  const functions = {
    fine: {
      call: (value: unknown) => {
        pass(5);
        return value;
      },
      suspends: true,
    },
    fails: {
      call: () => {
        pass(7);
        throw new Error('no');
      },
    },
    later: {
      call: async () => {
        pass(2);
        await Promise.resolve();
        pass(100);
      },
    },
  };
  const one = { name: 'a:b/c', functions };
  const service = { name: 's', interfaces: [one], coreModules: [one] } as unknown as HostService;
  const measured = meter.service(service);
  for (const offered of [measured.interfaces[0], measured.coreModules?.[0]]) {
    const { fine, fails, later } = (offered ?? assert.fail()).functions as unknown as Record<
      string,
      { call(given?: unknown): unknown; suspends?: boolean }
    >;
    assert.equal(fine?.call('x'), 'x');
    assert.equal(fine?.suspends, true);
    assert.throws(() => fails?.call(), { message: 'no' });
    await later?.call();
    const { hostMs, guestMs } = meter.take();
    assert.deepEqual([hostMs, guestMs], [14, -14]);
  }
  assert.equal(meter.service({ name: 's', interfaces: [] } as unknown as HostService).coreModules, undefined);
});

test('getting a sandbox, without what its guest did on its own time; waiting for one; putting it back', async (t) => {
  const pass = time(t);
  const meter = new Meter();
  const timer = Object.create(Timer.prototype, { usedMs: { value: 10, writable: true } }) as { usedMs: number };
  const later = Promise.withResolvers<Sandbox>();
  const abandoned: unknown[] = [];
  let waits = false;
  const pool = meter.pool({
    acquire: () => {
      pass(8);
      timer.usedMs += 3;
      return waits ? later.promise : sandbox;
    },
    release: (_, healthy) => {
      pass(healthy ? 4 : 6);
      if (!healthy) throw new Error('no');
      return true;
    },
    abandon: (_, reason) => void abandoned.push(reason),
  } as Guest['pool']);
  assert.equal(pool.acquire(context, timer as Timer), sandbox);
  assert.equal(meter.take().sandboxMs, 5);
  assert.equal(pool.release(sandbox, true), true);
  assert.throws(() => pool.release(sandbox, false), { message: 'no' });
  assert.equal(meter.take().resetMs, 10);
  waits = true;
  const waiting = pool.acquire(context, timer as Timer);
  pass(30);
  later.resolve(sandbox);
  assert.equal(await waiting, sandbox);
  const { queued, queuedMs, sandboxMs } = meter.take();
  assert.deepEqual([queued, queuedMs, sandboxMs], [1, 38, 0]);
  pool.abandon?.(context, new Error('gone'));
  assert.equal(abandoned.length, 1);
});
