// Compares what an app did with what a test expects, and says in words where they differ.
import { isDeepStrictEqual } from 'node:util';
import type { ExpectedHeaders, ExpectedText } from './test-file.ts';

/** How much of a text is shown. */
const MOST_SHOWN = 500;

/** The difference as a sentence; undefined when there is none. `what` is what the text is of, such as "the body". */
export function textDifference(what: string, expected: ExpectedText, bytes: Uint8Array): string | undefined {
  const actual = new TextDecoder().decode(bytes);
  if (typeof expected === 'string') return actual === expected ? undefined : unequal(what, expected, actual);
  if ('contains' in expected) {
    return actual.includes(expected.contains)
      ? undefined
      : `${what} does not contain ${show(expected.contains)}: ${show(actual)}`;
  }
  if ('matches' in expected) {
    return new RegExp(expected.matches, 'u').test(actual)
      ? undefined
      : `${what} does not match ${expected.matches}: ${show(actual)}`;
  }
  if ('base64' in expected) {
    const base64 = Buffer.from(bytes).toString('base64');
    return base64 === expected.base64 ? undefined : unequal(what, expected.base64, base64);
  }
  return jsonDifference(what, expected.json, actual);
}

function jsonDifference(what: string, expected: unknown, text: string): string | undefined {
  let actual: unknown;
  try {
    actual = JSON.parse(text);
  } catch {
    return `${what} is no JSON: ${show(text)}`;
  }
  const wanted: unknown = JSON.parse(JSON.stringify(expected));
  return isDeepStrictEqual(actual, wanted) ? undefined : unequal(what, JSON.stringify(wanted), JSON.stringify(actual));
}

/** The differences of headers, each as a sentence. `false` expects that there is none. */
export function headerDifferences(expected: ExpectedHeaders, headerOf: (name: string) => string | null): string[] {
  return Object.entries(expected).flatMap(([name, wanted]) => {
    const value = headerOf(name.toLowerCase());
    if (wanted === false) return value === null ? [] : [`the header ${name} should not be there: ${show(value)}`];
    if (value === null) return [`the header ${name} is missing`];
    return textDifference(`the header ${name}`, wanted, Buffer.from(value)) ?? [];
  });
}

/**
 * Whether a value of SQLite is the expected one: numbers by their value, large ones as `{ integer = "…" }`, blobs as
 * `{ base64 }`, NULL as `{ null = true }`.
 */
export function isSqlValue(expected: unknown, actual: bigint | number | string | Uint8Array | null): boolean {
  if (actual === null) return expected === null || (Object(expected) as { null?: unknown }).null === true;
  if (actual instanceof Uint8Array) {
    return (Object(expected) as { base64?: unknown }).base64 === Buffer.from(actual).toString('base64');
  }
  if (typeof actual === 'bigint') {
    const { integer = expected } = Object(expected) as { integer?: unknown };
    return String(integer) === String(actual) && typeof expected !== 'string';
  }
  return actual === expected;
}

export function showRow(row: readonly unknown[]): string {
  const shown = row.map((value) => {
    if (typeof value === 'bigint') return String(value);
    return value instanceof Uint8Array ? `base64 ${Buffer.from(value).toString('base64')}` : JSON.stringify(value);
  });
  return `[${shown.join(', ')}]`;
}

/** Whether a URL is the expected one, in which `*` stands for any text. */
export function matchesUrl(pattern: string, url: string): boolean {
  const expression = pattern.split('*').map(RegExp.escape).join('.*');
  return new RegExp(`^${expression}$`, 'su').test(url) || new RegExp(`^${expression}$`, 'su').test(withoutPort(url));
}

/** Without a port that is the one of the scheme. */
function withoutPort(url: string): string {
  return url.replace(/^(http:\/\/[^/]*):80(?=\/|$)/, '$1').replace(/^(https:\/\/[^/]*):443(?=\/|$)/, '$1');
}

function unequal(what: string, expected: string, actual: string): string {
  return `${what} differs\n  expected: ${show(expected)}\n  actual:   ${show(actual)}`;
}

function show(text: string): string {
  const shown = JSON.stringify(text.slice(0, MOST_SHOWN));
  return text.length > MOST_SHOWN ? `${shown} and ${text.length - MOST_SHOWN} more characters` : shown;
}
