// A component must export what its triggers call, and nothing that only others could ask of it.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { guestPath } from '../../test/guests/build.ts';
import { eventGuest } from '../../test/support/event-guest.ts';
import { startTriggers } from '../../test/support/trigger-app.ts';

const limit = { timeout: 30_000 };
const http = (component: string): string => `[[trigger.http]]\nroute = "/${component}"\ncomponent = "${component}"`;
const cron = (component: string): string =>
  `[[trigger.cron]]\ncomponent = "${component}"\ncron_expression = "0 0 0 1 1 * 2099"`;
const hello = await readFile(await guestPath('hello-c'));
const ticks = await eventGuest('cron-2');

test('a component that no HTTP trigger names need not handle requests', limit, async (t) => {
  const triggers = [http('web'), cron('tick')].join('\n');
  const { app, logged } = await startTriggers(t, { triggers, guests: { web: hello, tick: ticks } });
  assert.equal((await fetch(`${app.url}/web`)).status, 200);
  assert.equal(logged('event-failed'), 0);
  assert.ok(app.lines.some((line) => line.includes('tick: 0 0 0 1 1 * 2099')));
});

test('one that a trigger names must export what it calls', limit, async (t) => {
  for (const triggers of [http('tick'), [http('tick'), cron('tick')].join('\n')]) {
    await assert.rejects(startTriggers(t, { triggers, guests: { tick: ticks } }), { code: 'guest-no-handler' });
  }
  await assert.rejects(startTriggers(t, { triggers: cron('web'), guests: { web: hello } }), {
    code: 'guest-no-handler',
  });
});
