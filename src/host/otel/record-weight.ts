// How much a record of a guest takes when it is written as OTLP, roughly: attributes are JSON, of which two bytes can make an
// object. It is counted before that is made.
import { jsonWeight } from '../json-weight.ts';

/** What a record may take, in bytes; so much of all records waits at most. */
export const MOST_RECORD_BYTES = 4_194_304;

const BYTES_PER_VALUE = 16;

/** Of a record, or of any part of it, in bytes. */
export function recordWeight(value: unknown): number {
  if (typeof value === 'string') return BYTES_PER_VALUE + value.length + jsonWeight(Buffer.from(value));
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + recordWeight(one), BYTES_PER_VALUE);
  if (ArrayBuffer.isView(value)) return BYTES_PER_VALUE + value.byteLength;
  if (typeof value === 'object' && value !== null) return recordWeight(Object.values(value));
  return BYTES_PER_VALUE;
}
