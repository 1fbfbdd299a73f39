// Cron triggers call components at their times, each time in a sandbox of its own, until the app stops.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { load } from '../../src/index.ts';
import { testLog } from '../../src/telemetry/log.test-kit.ts';
import { eventGuest } from '../support/event-guest.ts';
import { startTriggers, writeApp } from '../support/trigger-app.ts';

const cron = (component: string, expression = '* * * * * *'): string =>
  `[[trigger.cron]]\ncomponent = "${component}"\ncron_expression = "${expression}"`;
const limit = { timeout: 30_000 };

test('components of both versions of the world tick; the lines of the app say when', limit, async (t) => {
  const { app, printed, logged, until, lines } = await startTriggers(t, {
    triggers: [cron('new'), cron('old'), cron('new', '0 0 0 1 1 *')].join('\n'),
    guests: { new: await eventGuest('cron'), old: await eventGuest('cron-2') },
  });
  assert.equal(app.url, '');
  assert.equal(logged('imports-unsupported'), 0);
  assert.deepEqual(app.lines, [
    'Cron Schedules:',
    '  new: * * * * * * (UTC)',
    '  old: * * * * * * (UTC)',
    '  new: 0 0 0 1 1 * (UTC)',
  ]);
  const ticks = (component: string) =>
    lines.filter(({ message, fields }) => message === 'tick' && fields.component === component).length;
  await until('two ticks of each', () => ticks('new') >= 2 && ticks('old') >= 2);
  await app.stop();
  const before = printed().length;
  await delay(1_200);
  assert.deepEqual(printed(), Array(before).fill('tick'));
});

test('a tick that fails is logged with its reason, and the next one comes', limit, async (t) => {
  const { logged, until, lines } = await startTriggers(t, {
    triggers: cron('fails'),
    guests: { fails: await eventGuest('cron', 'fail') },
  });
  await until('two failures', () => logged('event-failed') >= 2);
  const failure = lines.find(({ fields }) => fields.event === 'event-failed');
  assert.equal(failure?.message, 'cron * * * * * *: The handler returned an error: tick');
  assert.equal(failure?.fields.code, 'guest-error');
  assert.equal(failure?.fields.component, 'fails');
});

test('ticks overlap, and a stop waits for those that are under way', limit, async (t) => {
  const { app, printed, until, lines } = await startTriggers(
    t,
    { triggers: cron('slow'), guests: { slow: await eventGuest('cron', 'wait') } },
    { summary: true },
  );
  const ended = () => lines.filter(({ fields }) => fields.event === 'event-used').length;
  await until('the first end', () => ended() > 0);
  await app.stop();
  assert.ok(ended() >= 3, `${ended()} ticks of 2.5 s ended`);
  assert.deepEqual(printed(), Array(ended()).fill('tick'));
});

test('a handler that is a task is seen to its end', limit, async (t) => {
  const { printed, logged, until } = await startTriggers(t, {
    triggers: cron('task'),
    guests: { task: await eventGuest('cron', 'async') },
  });
  await until('two ticks', () => printed().length >= 2);
  assert.equal(logged('event-failed'), 0);
});

test('the library runs no triggers but answers requests', limit, async (t) => {
  const folder = await writeApp(t, { triggers: cron('new'), guests: { new: await eventGuest('cron') } });
  const { log, lines } = testLog();
  const app = await load(folder, { log });
  assert.equal((await app.fetch(new Request('http://x/'))).status, 404);
  await delay(1_500);
  await app.close();
  assert.deepEqual(
    lines.filter(({ message }) => message === 'tick'),
    [],
  );
});

test('a component that has no such handler is refused when the app is loaded', limit, async (t) => {
  const start = startTriggers(t, { triggers: cron('other'), guests: { other: await eventGuest('redis-1') } });
  await assert.rejects(start, { code: 'guest-no-handler', message: /exports no handle-cron-event of spin:cron/ });
});
