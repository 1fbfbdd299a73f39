// The last step of what is written: bytes become text, secrets are masked, and what is long and only compared becomes a digest.
import { createHash } from 'node:crypto';
import { isSensitive, masked, maskedBytes, type Secrets } from './secrets.ts';
import type { Raw } from './values.ts';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Bytes from which on a value that is only compared is written as its digest. */
const LONG = 512;
/** Bytes of it that are written beside the digest, for people. */
const BEGIN = 64;

export interface Rendering {
  readonly secrets: Secrets;
  /** Whether the value is only compared at replay, and nobody needs all of it. */
  readonly compared: boolean;
}

export function render(raw: Raw, { secrets, compared }: Rendering): Json {
  const one = (value: Raw): Json => {
    if (typeof value === 'string') return text(secrets.text(value), compared);
    if (value instanceof Uint8Array) return bytes(secrets.bytes(value), compared);
    if (Array.isArray(value)) return value.map(one);
    if (typeof value === 'object' && value !== null) {
      return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, one(inner)]));
    }
    return value as Json;
  };
  return one(maskFields(raw));
}

function text(value: string, compared: boolean): Json {
  if (!compared || value.length <= LONG) return value;
  return { $sha256: digestOf(Buffer.from(value)), length: value.length, begin: value.slice(0, BEGIN).toWellFormed() };
}

function bytes(value: Uint8Array, compared: boolean): Json {
  if (!compared || value.length <= LONG) return bytesAsText(value);
  return { $sha256: digestOf(value), length: value.length, ...(bytesAsText(value.subarray(0, BEGIN)) as object) };
}

function digestOf(value: Uint8Array): string {
  return createHash('sha256').update(value).digest('hex');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const UNPRINTABLE = /[\0-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]/;

/** Bytes that are text are written as such, so that people can read them. */
function bytesAsText(value: Uint8Array): Json {
  const source = Buffer.from(value.buffer, value.byteOffset, value.length);
  const asText = source.toString();
  if (!UNPRINTABLE.test(asText)) return { $text: asText };
  return { $base64: source.toString('base64') };
}

/** Reads what `bytesAsText` wrote; undefined for anything else. */
export function bytesOf(json: Json | undefined): Uint8Array | undefined {
  if (typeof json !== 'object' || json === null) return undefined;
  const { $text: asText, $base64: base64, $sha256: sha256 } = json as { readonly [key: string]: Json };
  if (sha256 !== undefined) return undefined;
  if (typeof asText === 'string') return new Uint8Array(Buffer.from(asText));
  return typeof base64 === 'string' ? new Uint8Array(Buffer.from(base64, 'base64')) : undefined;
}

/** Puts bytes back in the place of their text. */
export function unrender(json: Json): Raw {
  if (typeof json !== 'object' || json === null) return json;
  if (Array.isArray(json)) return json.map(unrender);
  const keys = Object.keys(json);
  const asBytes = keys.length === 1 && (keys[0] === '$text' || keys[0] === '$base64') ? bytesOf(json) : undefined;
  if (asBytes) return asBytes;
  return Object.fromEntries(Object.entries(json).map(([key, value]) => [key, unrender(value)]));
}

/** Masks the values of sensitive fields: pairs of a name and a value, or values, wherever they stand. */
function maskFields(raw: Raw): Raw {
  if (isFieldPair(raw)) return [raw[0], maskAll(raw[1])];
  if (Array.isArray(raw)) return (raw as readonly Raw[]).map(maskFields);
  if (typeof raw === 'object' && raw !== null && !(raw instanceof Uint8Array)) {
    return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, maskFields(value)]));
  }
  return raw;
}

function isFieldPair(raw: Raw): raw is readonly [string, Raw] {
  return Array.isArray(raw) && raw.length === 2 && typeof raw[0] === 'string' && isSensitive(raw[0]);
}

/** Whether a function is called about a sensitive field, which its second parameter names. */
export function isAboutField(name: string, params: readonly Raw[]): boolean {
  return (
    /fields\.(?:get|get-and-delete|set|append)$/.test(name) && typeof params[1] === 'string' && isSensitive(params[1])
  );
}

/** What a function is called with, as it is compared. */
export function renderParams(name: string, params: readonly Raw[], secrets: Secrets): Json {
  const [self = null, field = null, ...values] = params;
  const masked = isAboutField(name, params) ? [self, field, ...values.map(maskAll)] : params;
  return render(masked, { secrets, compared: true });
}

export function maskAll(raw: Raw): Raw {
  if (typeof raw === 'string') return masked(raw);
  if (raw instanceof Uint8Array) return maskedBytes(raw);
  if (Array.isArray(raw)) return raw.map(maskAll);
  if (typeof raw === 'object' && raw !== null) {
    return Object.fromEntries(Object.entries(raw).map(([key, value]) => [key, maskAll(value)]));
  }
  return raw;
}

/** Tells the values of sensitive fields in what crossed. */
export function findFields(raw: Raw, found: (value: string | Uint8Array) => void): void {
  if (isFieldPair(raw)) findAll(raw[1], found);
  else if (typeof raw === 'object' && raw !== null && !(raw instanceof Uint8Array)) {
    for (const one of Object.values(raw)) findFields(one as Raw, found);
  }
}

export function findAll(raw: Raw, found: (value: string | Uint8Array) => void): void {
  if (typeof raw === 'string' || raw instanceof Uint8Array) found(raw);
  else if (typeof raw === 'object' && raw !== null) for (const one of Object.values(raw)) findAll(one as Raw, found);
}
