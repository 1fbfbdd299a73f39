// Worlds of triggers may import their types, and find no function there.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HostRegistry } from '../../component/link/host-registry.ts';
import { createTriggerTypesService } from './service.ts';

test('interfaces of types are there in each version of their world, and have no functions', () => {
  const registry = new HostRegistry(createTriggerTypesService().interfaces);
  const names = ['spin:cron/cron-types@3.0.0', 'fermyon:spin-cron/cron-types@2.0.0', 'fermyon:spin/redis-types'];
  const mqtt = ['spin:mqtt-trigger/spin-mqtt-types@3.0.0', 'spin:mqtt-trigger/spin-mqtt-types'];
  const sqs = ['spin:sqs/sqs-types@3.0.0', 'fermyon:spin-sqs/sqs-types@2.0.0'];
  for (const name of [...names, ...mqtt, ...sqs]) assert.deepEqual(registry.find(name)?.functions, {}, name);
  assert.equal(registry.find('spin:cron/cron-types@4.0.0'), undefined);
});
