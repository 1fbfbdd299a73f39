// `[[trigger.sqs]]`: its keys, and what becomes of them in the locked app.
import * as z from 'zod/mini';
import { checkTemplate } from '../checks/variables.ts';
import { component, text } from '../component-schema.ts';
import { asTable, asText } from '../document.ts';
import { quantity, table, textOr } from '../schema-tools.ts';
import { checkNamedComponent } from './named-component.ts';
import type { ManifestTriggerType } from './trigger-type.ts';

const MOST_IDLE_SECONDS = 86_400;

/** SQS gives no more than ten at once; Spin's plugin reads greater numbers, and is refused by SQS each time. */
const messages = wholeNumber(1, 10, 'Write a number of messages from 1 to 10');
const seconds = wholeNumber(0, MOST_IDLE_SECONDS, `Write a number of seconds from 0 to ${MOST_IDLE_SECONDS}`);

const schema = table({
  id: z.optional(text),
  component: textOr('table', component),
  queue_url: text,
  max_messages: z.optional(messages),
  idle_wait_seconds: z.optional(seconds),
  system_attributes: z.optional(z.array(text)),
  message_attributes: z.optional(z.array(text)),
});

export interface LockedSqsTrigger {
  readonly type: 'sqs';
  readonly id: string;
  readonly component: string;
  /** A template of the queue's URL. */
  readonly queueUrl: string;
  /** Most messages that are asked for at once, from 1 to 10. */
  readonly maxMessages: number;
  /** Between two questions for messages when there are none. */
  readonly idleWaitSeconds: number;
  /** Names of attributes that SQS gives messages, such as `SentTimestamp` or `All`. */
  readonly systemAttributes: readonly string[];
  /** Names of attributes that senders give messages. */
  readonly messageAttributes: readonly string[];
}

export const sqsTriggerType: ManifestTriggerType<z.output<typeof schema>, LockedSqsTrigger> = {
  type: 'sqs',
  schema,
  check(document, triggers, problems) {
    const declared = asTable(document.variables) ?? {};
    for (const trigger of triggers) {
      checkNamedComponent(document, trigger, problems);
      const url = asText(trigger.table.queue_url);
      if (url !== undefined) checkTemplate([...trigger.path, 'queue_url'], url, declared, problems);
    }
  },
  lock: ({ id, component: named = '' }, trigger) => ({
    type: 'sqs',
    id,
    component: named,
    queueUrl: trigger.queue_url,
    maxMessages: trigger.max_messages ?? 10,
    idleWaitSeconds: trigger.idle_wait_seconds ?? 2,
    systemAttributes: trigger.system_attributes ?? [],
    messageAttributes: trigger.message_attributes ?? [],
  }),
};

function wholeNumber(least: number, most: number, hint: string) {
  return quantity(
    (value) => (Number.isInteger(value) && Number(value) >= least && Number(value) <= most ? Number(value) : undefined),
    hint,
    { type: 'integer', minimum: least, maximum: most },
  );
}
