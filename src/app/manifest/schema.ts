// The schema of spin.toml, version 2: which keys there are and what type each has. The folder checks/ looks at what the
// values mean.
import * as z from 'zod/mini';
import { anyTable, component, target, text, texts, variable } from './component-schema.ts';
import { dictionary, table } from './schema-tools.ts';
import { appSettings } from './settings-schema.ts';
import { manifestTriggers } from './triggers/all.ts';
import type { ParsedTrigger } from './triggers/trigger-type.ts';

/** The keys of `[application.trigger]`. */
const appTriggers: Record<string, z.ZodMiniType> = byType(({ appSchema }) => appSchema && z.optional(appSchema));

const triggers = byType(
  ({ schema }): z.ZodMiniType<readonly ParsedTrigger[] | undefined> => z.optional(z.array(schema)),
);

function byType<S>(schemaOf: (type: (typeof manifestTriggers)[number]) => S | undefined): Record<string, S> {
  const all: Record<string, S> = {};
  for (const one of manifestTriggers) {
    if (one.isSetting) continue;
    const schema = schemaOf(one);
    if (schema) all[one.type] = schema;
  }
  return all;
}

export const manifestSchema = table({
  spin_manifest_version: z.int(),
  application: table({
    name: text,
    version: z.optional(text),
    description: z.optional(text),
    authors: z.optional(texts),
    targets: z.optional(z.array(target)),
    trigger: z.optional(z.catchall(z.object(appTriggers), anyTable)),
    tool: z.optional(z.catchall(z.object({ mayfly: z.optional(appSettings) }), anyTable)),
  }),
  variables: z.optional(dictionary(variable)),
  trigger: z.catchall(z.object(triggers), z.array(anyTable)),
  component: z.optional(dictionary(component)),
});

export type Manifest = z.output<typeof manifestSchema>;
