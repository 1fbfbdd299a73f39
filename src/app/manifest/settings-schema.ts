// The schema of `[application.tool.mayfly]`, and of the limits that stand there and in `[component.<id>.tool.mayfly]`.
// Spin ignores both tables.
import * as z from 'zod/mini';
import { allLimits, type LimitKey, type LimitKind } from '../../limits.ts';
import { count, countOrNone, duration, size } from './quantities.ts';
import { table } from './schema-tools.ts';
import { routeConditions } from './triggers/http/conditions.ts';
import { webSocketTable } from './triggers/websocket/schema.ts';

/** The schema of a limit, by its unit. */
function schemaOf({ unit, least }: LimitKind) {
  if (unit === 'bytes') return size;
  if (unit === 'milliseconds') return duration;
  return least === 0 ? countOrNone : count;
}

type LimitSchema = z.ZodMiniOptional<ReturnType<typeof schemaOf>>;

/** The schema of the limits of src/limits.ts, by their keys in the manifest. */
export const manifestLimits = table(
  Object.fromEntries(allLimits.map(([, kind]) => [kind.key, z.optional(schemaOf(kind))])) as Readonly<
    Record<LimitKey, LimitSchema>
  >,
);

export const appSettings = table({
  limits: z.optional(manifestLimits),
  routes: z.optional(routeConditions),
  websocket: z.optional(z.array(webSocketTable)),
});

export type ManifestLimits = z.output<typeof manifestLimits>;
