// `[[trigger.mqtt]]`: its keys, and what becomes of them in the locked app.
import * as z from 'zod/mini';
import { checkTemplate } from '../checks/variables.ts';
import { component, text } from '../component-schema.ts';
import { asTable, asText, type Table, type TriggerEntry } from '../document.ts';
import type { Problems } from '../problems.ts';
import { quantity, table, textOr } from '../schema-tools.ts';
import { checkNamedComponent } from './named-component.ts';
import type { ManifestTriggerType } from './trigger-type.ts';

/** Spin has these numbers as texts. */
const qos = quantity(
  (value) => (['0', '1', '2'].includes(String(value)) ? Number(value) : undefined),
  "Write '0', '1' or '2'",
);
const seconds = quantity((value) => {
  const number = /^\d{1,5}$/.test(String(value)) ? Number(value) : 0;
  return number > 0 && number <= 65_535 ? number : undefined;
}, "Write a number of seconds from 1 to 65535, such as '30'");

const schema = table({
  id: z.optional(text),
  component: textOr('table', component),
  topic: text,
  qos: z.optional(qos),
});

const appSchema = table({
  address: text,
  username: z.optional(text),
  password: z.optional(text),
  keep_alive_interval: z.optional(seconds),
});

export interface LockedMqttTrigger {
  readonly type: 'mqtt';
  readonly id: string;
  readonly component: string;
  /** A template of a topic filter, as in `sensors/+/{{ name }}`. */
  readonly topic: string;
  /** 0 for at most once, 1 for at least once, 2 for exactly once. */
  readonly qos: number;
  /** A template of a URL. */
  readonly address: string;
  /** Templates; empty for a broker that wants neither. */
  readonly username: string;
  readonly password: string;
  readonly keepAliveSeconds: number;
}

const KEEP_ALIVE_SECONDS = 30;

export const mqttTriggerType: ManifestTriggerType<z.output<typeof schema>, LockedMqttTrigger> = {
  type: 'mqtt',
  schema,
  appSchema,
  check: checkMqttTriggers,
  lock: ({ id, component: named = '' }, trigger, _files, application) => ({
    type: 'mqtt',
    id,
    component: named,
    topic: trigger.topic,
    qos: trigger.qos ?? 0,
    address: asText(application.address) ?? '',
    username: asText(application.username) ?? '',
    password: asText(application.password) ?? '',
    keepAliveSeconds: Number(application.keep_alive_interval ?? KEEP_ALIVE_SECONDS),
  }),
};

function checkMqttTriggers(document: Table, triggers: readonly TriggerEntry[], problems: Problems): void {
  const declared = asTable(document.variables) ?? {};
  const application = asTable(asTable(asTable(document.application)?.trigger)?.mqtt);
  for (const key of ['address', 'username', 'password']) {
    const value = asText(application?.[key]);
    if (value !== undefined) checkTemplate(['application', 'trigger', 'mqtt', key], value, declared, problems);
  }
  for (const trigger of triggers) {
    checkNamedComponent(document, trigger, problems);
    const topic = asText(trigger.table.topic);
    if (topic !== undefined) checkTemplate([...trigger.path, 'topic'], topic, declared, problems);
    if (application !== undefined) continue;
    problems.add('manifest-key-missing', [...trigger.path], 'The trigger has no broker', {
      at: 'key',
      hint: `Add 'address = "mqtt://localhost:1883"' under [application.trigger.mqtt]`,
    });
  }
}
