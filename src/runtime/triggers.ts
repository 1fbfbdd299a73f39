// The types of triggers that apps may have. Only this file knows all of them: a new one is added here.
import type { LockedApp } from '../app/locked-app.ts';
import { commandTrigger } from '../triggers/command/trigger.ts';
import { cronTrigger } from '../triggers/cron/trigger.ts';
import { httpTrigger } from '../triggers/http/trigger.ts';
import { mqttTrigger } from '../triggers/mqtt/trigger.ts';
import { redisTrigger } from '../triggers/redis/trigger.ts';
import { sqsTrigger } from '../triggers/sqs/trigger.ts';
import type { TriggerType } from '../triggers/trigger.ts';
import { webSocketTrigger } from '../triggers/websocket/trigger.ts';

export const triggerTypes: readonly TriggerType[] = [
  commandTrigger,
  cronTrigger,
  httpTrigger,
  mqttTrigger,
  redisTrigger,
  sqsTrigger,
  webSocketTrigger,
];

/** The types of the app's triggers. An app that has no trigger at all waits for events of every type. */
export function runningTypes({ triggers }: LockedApp): readonly TriggerType[] {
  if (triggers.length === 0) return triggerTypes;
  return triggerTypes.filter(({ type }) => triggers.some((trigger) => trigger.type === type));
}
