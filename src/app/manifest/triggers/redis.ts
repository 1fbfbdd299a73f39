// `[[trigger.redis]]`: its keys, and what becomes of them in the locked app.
import * as z from 'zod/mini';
import { checkTemplate } from '../checks/variables.ts';
import { component, text } from '../component-schema.ts';
import { asTable, asText, type Table, type TriggerEntry } from '../document.ts';
import type { Problems } from '../problems.ts';
import { table, textOr } from '../schema-tools.ts';
import { checkNamedComponent } from './named-component.ts';
import type { ManifestTriggerType } from './trigger-type.ts';

const schema = table({
  id: z.optional(text),
  component: textOr('table', component),
  channel: text,
  address: z.optional(text),
});

export interface LockedRedisTrigger {
  readonly type: 'redis';
  readonly id: string;
  readonly component: string;
  /** A template. */
  readonly channel: string;
  /** A template of a URL, as in `redis://{{ host }}:6379`. */
  readonly address: string;
}

export const redisTriggerType: ManifestTriggerType<z.output<typeof schema>, LockedRedisTrigger> = {
  type: 'redis',
  schema,
  appSchema: table({ address: z.optional(text) }),
  check: checkRedisTriggers,
  lock: ({ id, component: named = '' }, { channel, address }, _files, application) => ({
    type: 'redis',
    id,
    component: named,
    channel,
    address: address ?? asText(application.address) ?? '',
  }),
};

function checkRedisTriggers(document: Table, triggers: readonly TriggerEntry[], problems: Problems): void {
  const declared = asTable(document.variables) ?? {};
  const application = asTable(asTable(asTable(document.application)?.trigger)?.redis)?.address;
  if (typeof application === 'string') {
    checkTemplate(['application', 'trigger', 'redis', 'address'], application, declared, problems);
  }
  for (const trigger of triggers) {
    checkNamedComponent(document, trigger, problems);
    for (const key of ['channel', 'address']) {
      const value = asText(trigger.table[key]);
      if (value !== undefined) checkTemplate([...trigger.path, key], value, declared, problems);
    }
    if (application !== undefined || 'address' in trigger.table) continue;
    problems.add('manifest-key-missing', [...trigger.path], 'The trigger has no address of a Redis server', {
      at: 'key',
      hint: `Add 'address = "redis://localhost:6379"' here, or under [application.trigger.redis] for all triggers`,
    });
  }
}
