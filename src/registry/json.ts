// JSON that a registry gives, whose shape may be anything.
import { type Answer, unavailable } from './download.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** The object that a value is; an empty one for another value. */
export function objectOf(value: unknown): JsonObject {
  return typeof value === 'object' && value !== null ? (value as JsonObject) : {};
}

/** The texts of an object by their names. */
export function textsOf(value: unknown): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(objectOf(value)).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
  );
}

export async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Buffer> {
  return Buffer.concat(await Array.fromAsync(pieces));
}

/** Throws `source-unavailable`. */
export async function collectJson(url: string, answer: Answer): Promise<unknown> {
  return parseJson(url, await collect(answer.pieces()));
}

/** Throws `source-unavailable`. */
export function parseJson(url: string, bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString());
  } catch (cause) {
    throw unavailable(url, 'what it gives is no JSON', cause);
  }
}
