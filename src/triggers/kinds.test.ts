// Which types of triggers may run in every worker, and which in one of them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { commandTrigger } from './command/trigger.ts';
import { cronTrigger } from './cron/trigger.ts';
import { httpTrigger } from './http/trigger.ts';
import { mqttTrigger } from './mqtt/trigger.ts';
import { redisTrigger } from './redis/trigger.ts';
import { sqsTrigger } from './sqs/trigger.ts';

test('workers share the requests of HTTP; all that every process would get runs in one of them', () => {
  const types = [commandTrigger, cronTrigger, httpTrigger, mqttTrigger, redisTrigger, sqsTrigger];
  const shared = types.filter(({ runsInOneWorker = false }) => !runsInOneWorker);
  assert.deepEqual(
    shared.map(({ type }) => type),
    ['http'],
  );
});
