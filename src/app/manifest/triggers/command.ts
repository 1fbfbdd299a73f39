// `[[trigger.command]]`: its keys, and what becomes of them in the locked app.
import * as z from 'zod/mini';
import { component, text } from '../component-schema.ts';
import { table, textOr } from '../schema-tools.ts';
import { checkNamedComponent } from './named-component.ts';
import type { ManifestTriggerType } from './trigger-type.ts';

const schema = table({ id: z.optional(text), component: textOr('table', component) });

export interface LockedCommandTrigger {
  readonly type: 'command';
  readonly id: string;
  readonly component: string;
}

export const commandTriggerType: ManifestTriggerType<z.output<typeof schema>, LockedCommandTrigger> = {
  type: 'command',
  schema,
  check(document, triggers, problems) {
    for (const trigger of triggers) checkNamedComponent(document, trigger, problems);
  },
  lock: ({ id, component: named = '' }) => ({ type: 'command', id, component: named }),
};
