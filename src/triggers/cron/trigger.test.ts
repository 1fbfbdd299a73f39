// Ticks of one trigger that do not end are bounded, and those of another trigger come all the same.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp } from '../../app/locked-app.test-kit.ts';
import { WebSocketConnections } from '../../host/websocket/connections.ts';
import { defaultLimits } from '../../sandbox/limits.ts';
import { testLog } from '../../telemetry/log.test-kit.ts';
import { fakeApp } from '../fake-target.test-kit.ts';
import type { LoadedTarget } from '../trigger.ts';
import type { WallClock } from './schedule.ts';
import { RunnableCronTrigger } from './trigger.ts';

/** A clock whose timers fire when the test says so; each moves it on by its time. */
function steppedClock() {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const timers: { at: number; call: () => void }[] = [];
  const clock: WallClock = {
    now: () => now,
    after(ms, call) {
      const timer = { at: now + ms, call };
      timers.push(timer);
      return () => void timers.splice(timers.indexOf(timer), 1);
    },
  };
  const step = (): void => {
    timers.sort((a, b) => a.at - b.at);
    const next = timers.shift();
    if (!next) return;
    now = Math.max(now, next.at);
    next.call();
  };
  return { clock, step };
}

/** A component whose guests wait for a sandbox for ever. */
function endless(component: string, log: LoadedTarget['log'], started: string[]): LoadedTarget {
  const guest = {
    component,
    clock: { isFree: true, timer: () => ({ createdAt: 0, usedMs: 0 }) },
    pool: {
      acquire() {
        started.push(component);
        return new Promise(() => {});
      },
      release() {},
    },
    limits: defaultLimits,
    makeContext: () => ({ log, finish() {} }),
  };
  return { guest, entry: { func: {} }, log, component: { id: component } } as unknown as LoadedTarget;
}

test('sixteen ticks of a trigger run at once, and the next ones are left out', { timeout: 5_000 }, async () => {
  const { log, lines } = testLog();
  const { clock, step } = steppedClock();
  const started: string[] = [];
  const targets = new Map(['often', 'seldom'].map((id) => [id, endless(id, log, started)]));
  const locked = lockedApp({
    triggers: [
      { type: 'cron', id: 'a', component: 'often', expression: '* * * * * *' },
      { type: 'cron', id: 'b', component: 'seldom', expression: '20 * * * * *' },
    ],
  });
  const find = (id: string) => targets.get(id);
  const webSockets = new WebSocketConnections();
  const app = { locked, options: { log }, find, expand: (text: string) => text, trouble: () => undefined, webSockets };
  const trigger = new RunnableCronTrigger(app, clock);
  await trigger.run();
  while (clock.now() < Date.parse('2026-01-01T00:00:21Z')) step();
  assert.equal(started.filter((id) => id === 'often').length, 16);
  assert.equal(started.filter((id) => id === 'seldom').length, 1);
  const left = lines.filter(({ fields }) => fields.event === 'tick-left-out');
  assert.ok(left.length >= 4, `${left.length} were left out`);
  assert.equal(left[0]?.fields.name, '* * * * * *');
  await trigger.stop(10);
});

test('a tick tells its time in seconds, and a program in milliseconds with its expression', {
  timeout: 5_000,
}, async () => {
  for (const [entry, expected] of [
    [{}, [{ timestamp: 1_767_225_620n }]],
    [{ kind: 'program' }, ['cron', new Uint8Array(), '{"cron":"20 * * * * *","scheduledTime":1767225620000}']],
  ] as const) {
    const { clock, step } = steppedClock();
    const given: unknown[] = [];
    const { app } = fakeApp({
      handlers: { a: (...params) => void given.push(params) },
      triggers: [{ type: 'cron', id: 'a', component: 'a', expression: '20 * * * * *' }],
      target: { entry },
    });
    const trigger = new RunnableCronTrigger(app, clock);
    await trigger.run();
    while (clock.now() < Date.parse('2026-01-01T00:00:21Z')) step();
    await trigger.stop(1000);
    assert.deepEqual(given, [expected]);
  }
});
