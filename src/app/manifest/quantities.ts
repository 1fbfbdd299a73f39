// Sizes, durations and counts in a manifest, with what to write where one is not understood.
import { parseDuration, parseSize } from '../units.ts';
import { quantity } from './schema-tools.ts';

export const size = quantity((value) => positive(parseSize(value)), 'Write a size such as "64MiB", "512KiB" or "1GB"');
export const duration = quantity(
  (value) => positive(typeof value === 'string' ? parseDuration(value) : undefined),
  'Write a duration such as "100ms", "5s" or "1m"',
);
export const count = quantity((value) => wholeNumber(value, 1), 'Write a whole number from 1');
export const countOrNone = quantity((value) => wholeNumber(value, 0), 'Write a whole number from 0');

function positive(value: number | undefined): number | undefined {
  return value !== undefined && value > 0 ? value : undefined;
}

function wholeNumber(value: string | number, least: number): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= least ? value : undefined;
}
