// The schema of `[application.tool.mayfly]`, and of the limits that stand there and in `[component.<id>.tool.mayfly]`.
// Spin ignores both tables.
import * as z from 'zod/mini';
import { allLimits, type LimitKey, type LimitKind } from '../../limits.ts';
import { parseDuration, parseSize } from '../units.ts';
import { quantity, table } from './schema-tools.ts';

const size = quantity((value) => positive(parseSize(value)), 'Write a size such as "64MiB", "512KiB" or "1GB"');
const duration = quantity(
  (value) => positive(typeof value === 'string' ? parseDuration(value) : undefined),
  'Write a duration such as "100ms", "5s" or "1m"',
);
export const count = quantity((value) => wholeNumber(value, 1), 'Write a whole number from 1');
const countOrNone = quantity((value) => wholeNumber(value, 0), 'Write a whole number from 0');

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function wholeNumber(value: string | number, least: number): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;
}

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

export const appSettings = table({ limits: z.optional(manifestLimits) });

export type ManifestLimits = z.output<typeof manifestLimits>;
