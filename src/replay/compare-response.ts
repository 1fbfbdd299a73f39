// Whether a guest that was played to gave the recorded response, and where it departs.
import { createHash } from 'node:crypto';
import type { HeaderEntry, RecordedBody, Recording } from './format.ts';
import { bytesOf } from './rendered.ts';
import type { WrittenPiece } from './response-shape.ts';
import { isSensitive } from './secrets.ts';

/** The response of the guest, or the error in its place. */
export interface PlayedResponse {
  readonly status?: number | undefined;
  readonly headers?: readonly HeaderEntry[] | undefined;
  readonly body?: readonly WrittenPiece[] | undefined;
  readonly trailers?: readonly HeaderEntry[] | undefined;
  readonly error?: { readonly code: string; readonly message: string } | undefined;
}

/** Says what differs, in words: nothing where the two are the same. */
export function compareResponse(expected: Recording['response'], actual: PlayedResponse): string[] {
  if (expected.error || actual.error) {
    if (expected.error?.code === actual.error?.code) return [];
    return [`it is ${inWords(actual)}, expected ${inWords(expected)}`];
  }
  const found: string[] = [];
  if (expected.status !== actual.status) found.push(`the status is ${actual.status}, expected ${expected.status}`);
  found.push(...compareHeaders('header', expected.headers ?? [], actual.headers ?? []));
  const body = compareBody(expected.body, actual.body);
  if (body !== undefined) found.push(body);
  else if (expected.body?.whole)
    found.push(...compareHeaders('trailer', expected.trailers ?? [], actual.trailers ?? []));
  return found;
}

function inWords({
  status,
  error,
}: {
  readonly status?: number | undefined;
  readonly error?: { readonly code: string } | undefined;
}): string {
  return error ? `the error ${error.code}` : `a response with status ${status}`;
}

function compareHeaders(what: string, expected: readonly HeaderEntry[], actual: readonly HeaderEntry[]): string[] {
  for (let at = 0; at < Math.max(expected.length, actual.length); at++) {
    const [one, other] = [entryText(expected[at]), entryText(actual[at])];
    if (one !== other) return [`${what} ${at + 1} is ${other}, expected ${one}`];
  }
  return [];
}

function entryText(entry: HeaderEntry | undefined): string {
  if (!entry) return 'missing';
  const [name, value] = entry;
  return JSON.stringify(`${name}: ${isSensitive(name) ? 'x'.repeat(value.length) : value}`);
}

function compareBody(
  expected: RecordedBody | undefined,
  actual: readonly WrittenPiece[] | undefined,
): string | undefined {
  if (!expected || !actual) {
    const length = lengthOf(actual ?? []);
    if (!expected) return length > 0 ? `there is a body of ${length} bytes, expected none` : undefined;
    return expected.length > 0 ? `there is no body, expected ${expected.length} bytes` : undefined;
  }
  const kept = bytesOf(expected.bytes) ?? new Uint8Array();
  const bytes = filled(actual, kept);
  const common = Math.min(kept.length, bytes.length);
  const first = kept.subarray(0, common).findIndex((byte, at) => byte !== bytes[at]);
  if (first >= 0) return `byte ${first} of the body is ${bytes[first]}, expected ${kept[first]}`;
  if (bytes.length < expected.length || (expected.whole && bytes.length !== expected.length)) {
    return `the body has ${bytes.length} bytes, expected ${expected.length}`;
  }
  const isKnown = actual.every((piece) => typeof piece !== 'number') || kept.length === expected.length;
  const sha256 = createHash('sha256').update(bytes.subarray(0, expected.length)).digest('hex');
  return isKnown && sha256 !== expected.sha256
    ? `the body differs from the recorded one behind byte ${common}`
    : undefined;
}

function lengthOf(pieces: readonly WrittenPiece[]): number {
  return pieces.reduce<number>((sum, piece) => sum + (typeof piece === 'number' ? piece : piece.length), 0);
}

/** The bytes; what the host moved without telling which bytes those were is taken from the recorded body. */
function filled(pieces: readonly WrittenPiece[], recorded: Uint8Array): Uint8Array {
  const all = new Uint8Array(lengthOf(pieces));
  let at = 0;
  for (const piece of pieces) {
    if (typeof piece === 'number') all.set(recorded.subarray(at, at + piece), at);
    else all.set(piece, at);
    at += typeof piece === 'number' ? piece : piece.length;
  }
  return all;
}
