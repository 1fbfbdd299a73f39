// The host service 'trigger-types': interfaces that worlds of Spin's triggers import for their types alone. There is
// nothing in them to call.
import { defineInterface, type HostService } from '../service.ts';

const SERVICE = 'trigger-types';

/** With their versions; what has none is of the time before there were any. */
const names: readonly (readonly [name: string, version: string | undefined])[] = [
  ['fermyon:spin/redis-types', undefined],
  ['spin:cron/cron-types', '3.0.0'],
  ['fermyon:spin-cron/cron-types', '2.0.0'],
  ['spin:mqtt-trigger/spin-mqtt-types', '3.0.0'],
  ['spin:mqtt-trigger/spin-mqtt-types', undefined],
  ['spin:sqs/sqs-types', '3.0.0'],
  ['fermyon:spin-sqs/sqs-types', '2.0.0'],
];

export function createTriggerTypesService(): HostService<undefined, undefined, undefined> {
  return {
    name: SERVICE,
    interfaces: names.map(([name, version]) => defineInterface(SERVICE, name, version, { functions: {} })),
    configureComponent: () => undefined,
    prepare: () => undefined,
  };
}
