// `[[trigger.sqs]]`: its keys, and what becomes of them in the locked app. They are those of Spin's plugin trigger-sqs.
import * as z from 'zod/mini';
import { checkTemplate } from '../checks/variables.ts';
import { component, text } from '../component-schema.ts';
import { asTable, asText } from '../document.ts';
import { quantity, table, textOr } from '../schema-tools.ts';
import { checkNamedComponent } from './named-component.ts';
import type { ManifestTriggerType } from './trigger-type.ts';

/** What a queue gives at once, at most. */
const MOST_MESSAGES = 10;
const MOST_WAIT_SECONDS = 86_400;

const wholeNumber = (value: unknown, least: number, most: number): number | undefined =>
  typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most ? value : undefined;

const messages = quantity(
  (value) => wholeNumber(value, 1, MOST_MESSAGES),
  `Write a number of messages from 1 to ${MOST_MESSAGES}`,
  { type: 'integer', minimum: 1, maximum: MOST_MESSAGES },
);
const seconds = quantity(
  (value) => wholeNumber(value, 0, MOST_WAIT_SECONDS),
  `Write a number of seconds from 0 to ${MOST_WAIT_SECONDS}`,
  { type: 'integer', minimum: 0, maximum: MOST_WAIT_SECONDS },
);

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
  /** A template of a URL. */
  readonly queueUrl: string;
  /** The most messages that are fetched at once. */
  readonly maxMessages: number;
  /** Seconds between two attempts when the queue was empty. */
  readonly idleWaitSeconds: number;
  /** Names, or `All`. */
  readonly systemAttributes: readonly string[];
  readonly messageAttributes: readonly string[];
}

const IDLE_WAIT_SECONDS = 2;

export const sqsTriggerType: ManifestTriggerType<z.output<typeof schema>, LockedSqsTrigger> = {
  type: 'sqs',
  schema,
  check(document, triggers, problems) {
    const declared = asTable(document.variables) ?? {};
    for (const trigger of triggers) {
      checkNamedComponent(document, trigger, problems);
      const url = asText(trigger.table.queue_url);
      const path = [...trigger.path, 'queue_url'];
      if (url === undefined) continue;
      checkTemplate(path, url, declared, problems);
      if (url.includes('{{') || /^https?:\/\/[^/]+\/./.test(url)) continue;
      problems.add('manifest-value', path, `"${url}" is no URL of a queue`, {
        hint: "Write it as 'https://sqs.us-east-1.amazonaws.com/123456789012/queue'",
      });
    }
  },
  lock: ({ id, component: named = '' }, trigger) => ({
    type: 'sqs',
    id,
    component: named,
    queueUrl: trigger.queue_url,
    maxMessages: trigger.max_messages ?? MOST_MESSAGES,
    idleWaitSeconds: trigger.idle_wait_seconds ?? IDLE_WAIT_SECONDS,
    systemAttributes: trigger.system_attributes ?? [],
    messageAttributes: trigger.message_attributes ?? [],
  }),
};
