// `[application.tool.mayfly]` and `[component.<id>.tool.mayfly]`: what Mayfly adds to a manifest. Spin ignores both.
import * as z from 'zod/mini';
import { parseDuration, parseSize } from '../units.ts';
import { quantity, table, textOr } from './schema-tools.ts';

const size = quantity((value) => positive(parseSize(value)), 'Write a size such as "64MiB", "512KiB" or "1GB"');
const duration = quantity(
  (value) => positive(typeof value === 'string' ? parseDuration(value) : undefined),
  'Write a duration such as "100ms", "5s" or "1m"',
);
const count = quantity((value) => wholeNumber(value, 1), 'Write a whole number from 1');
const countOrNone = quantity((value) => wholeNumber(value, 0), 'Write a whole number from 0');

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function wholeNumber(value: string | number, least: number): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;
}

/** Keys of the manifest; `Limits` of the locked app has the same in its own spelling (see lock-parts.ts). */
export const manifestLimits = table({
  memory: z.optional(size),
  cpu_slice: z.optional(duration),
  cpu: z.optional(duration),
  wall: z.optional(duration),
  stack: z.optional(size),
  table_elements: z.optional(count),
  handles: z.optional(count),
  buffered: z.optional(size),
  held: z.optional(size),
  log: z.optional(size),
  concurrency: z.optional(count),
  queue_length: z.optional(countOrNone),
  queue_time: z.optional(duration),
  header_bytes: z.optional(size),
  header_count: z.optional(count),
});

export const appSettings = table({ limits: z.optional(manifestLimits) });

export const componentSettings = table({
  preinitialize: z.optional(z.boolean()),
  warm: z.optional(textOr('array', z.array(z.string()))),
  writable_files: z.optional(z.boolean()),
  reuse: z.optional(count),
  limits: z.optional(manifestLimits),
});

export type ManifestLimits = z.output<typeof manifestLimits>;
export type ManifestComponentSettings = z.output<typeof componentSettings>;
