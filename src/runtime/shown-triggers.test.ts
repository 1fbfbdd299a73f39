// People see what triggers wait for with the values of variables in it, and what has none as the manifest has it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lockedApp, lockedVariable } from '../app/locked-app.test-kit.ts';
import type { LockedApp } from '../app/locked-app.ts';
import { silentLog } from '../telemetry/log.ts';
import { withShownValues } from './shown-triggers.ts';

test('addresses, channels, topics and queues are shown with their values, and nothing else', async () => {
  const triggers: LockedApp['triggers'] = [
    { type: 'redis', id: 'a', component: '{{ host }}', channel: 'c-{{ host }}', address: 'redis://{{ host }}' },
    { type: 'redis', id: 'b', component: 'c', channel: 'plain', address: 'redis://{{ none }}' },
    { type: 'command', id: 'd', component: 'c' },
  ];
  const variables = { host: lockedVariable({ default: 'h' }), none: lockedVariable({ required: true }) };
  const app = lockedApp({ triggers, variables });
  const shown = await withShownValues(app, { variables: {}, environment: {}, log: silentLog });
  assert.deepEqual(shown.triggers, [
    { ...triggers[0], channel: 'c-h', address: 'redis://h' },
    triggers[1],
    triggers[2],
  ]);
  assert.deepEqual({ ...shown, triggers }, app);
  const given = await withShownValues(app, { variables: { none: 'n' }, environment: {}, log: silentLog });
  assert.equal((given.triggers[1] as { address: string }).address, 'redis://n');
});
