// Sizes, durations and counts in a manifest, with what to write where one is not understood.
import { parseDuration, parseSize } from '../units.ts';
import { quantity } from './schema-tools.ts';

/** The text of a number with one of the units, as `parse` of units.ts reads it. */
const textWith = (units: string): string => `^\\d+(\\.\\d+)? ?(${units})$`;

export const size = quantity((value) => positive(parseSize(value)), 'Write a size such as "64MiB", "512KiB" or "1GB"', {
  anyOf: [
    { type: 'string', pattern: textWith('|B|KB|MB|GB|KiB|MiB|GiB') },
    { type: 'integer', minimum: 1 },
  ],
});
export const duration = quantity(
  (value) => positive(typeof value === 'string' ? parseDuration(value) : undefined),
  'Write a duration such as "100ms", "5s" or "1m"',
  { type: 'string', pattern: textWith('ms|s|m|h') },
);
export const count = quantity((value) => wholeNumber(value, 1), 'Write a whole number from 1', {
  type: 'integer',
  minimum: 1,
});
export const countOrNone = quantity((value) => wholeNumber(value, 0), 'Write a whole number from 0', {
  type: 'integer',
  minimum: 0,
});

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function wholeNumber(value: string | number, least: number): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;
}
