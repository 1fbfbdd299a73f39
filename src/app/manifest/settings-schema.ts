// `[application.tool.mayfly]`, and the limits that stand there and in `[component.<id>.tool.mayfly]`. Spin ignores both.
import * as z from 'zod/mini';
import { allLimits, type LimitKey, type LimitKind } from '../../limits.ts';
import { count, countOrNone, duration, size } from './quantities.ts';
import { table } from './schema-tools.ts';

/** How the value of a limit is written, by its unit. */
function schemaOf({ unit, least }: LimitKind) {
  if (unit === 'bytes') return size;
  if (unit === 'milliseconds') return duration;
  return least === 0 ? countOrNone : count;
}

type LimitSchema = z.ZodMiniOptional<ReturnType<typeof schemaOf>>;

/** The table of src/limits.ts, by the keys of the manifest. */
export const manifestLimits = table(
  Object.fromEntries(allLimits.map(([, kind]) => [kind.key, z.optional(schemaOf(kind))])) as Readonly<
    Record<LimitKey, LimitSchema>
  >,
);

export const appSettings = table({ limits: z.optional(manifestLimits) });

export type ManifestLimits = z.output<typeof manifestLimits>;
