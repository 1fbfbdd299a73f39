// `[[trigger.cron]]`: its keys, and what becomes of them in the locked app.
import * as z from 'zod/mini';
import { cronFault } from '../../cron-expression.ts';
import { component, text } from '../component-schema.ts';
import { asText } from '../document.ts';
import { table, textOr } from '../schema-tools.ts';
import { checkNamedComponent } from './named-component.ts';
import type { ManifestTriggerType } from './trigger-type.ts';

const schema = table({ id: z.optional(text), component: textOr('table', component), cron_expression: text });

export interface LockedCronTrigger {
  readonly type: 'cron';
  readonly id: string;
  readonly component: string;
  /** Six or seven fields, the first of which are seconds; in UTC. */
  readonly expression: string;
}

export const cronTriggerType: ManifestTriggerType<z.output<typeof schema>, LockedCronTrigger> = {
  type: 'cron',
  schema,
  check(document, triggers, problems) {
    for (const trigger of triggers) {
      checkNamedComponent(document, trigger, problems);
      const expression = asText(trigger.table.cron_expression);
      const fault = expression === undefined ? undefined : cronFault(expression);
      if (fault === undefined) continue;
      const path = [...trigger.path, 'cron_expression'];
      problems.add('manifest-value', path, `"${expression}" is no cron expression: ${fault}`, {
        hint: "Write second, minute, hour, day of month, month and day of week, such as '0 */5 * * * *'",
      });
    }
  },
  lock: ({ id, component: named = '' }, { cron_expression: expression }) => ({
    type: 'cron',
    id,
    component: named,
    expression,
  }),
};
