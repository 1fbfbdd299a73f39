// Values that go between a program and whoever calls its functions, as JSON: what JSON has no form for is an array that
// begins with a tag. Both sides use this file; the engine component has it built in.

const TAG = '$';
const MOST_DEPTH = 200;

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Throws a TypeError for what cannot go: functions, symbols, what contains itself, what is nested too deep. */
export function encodeValue(value: unknown): string {
  return JSON.stringify(encode(value, []));
}

function encode(value: unknown, above: readonly unknown[]): Json {
  switch (typeof value) {
    case 'undefined':
      return [TAG, 'undefined'];
    case 'boolean':
    case 'string':
      return value;
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : [TAG, 'number', Object.is(value, -0) ? '-0' : String(value)];
    case 'bigint':
      return [TAG, 'bigint', String(value)];
    case 'object':
      return value === null ? null : encodeObject(value, above);
    default:
      throw new TypeError(`A ${typeof value} cannot be handed over`);
  }
}

function encodeObject(value: object, above: readonly unknown[]): Json {
  if (above.includes(value)) throw new TypeError('A value that contains itself cannot be handed over');
  if (above.length >= MOST_DEPTH) throw new TypeError(`Values may be nested ${MOST_DEPTH} deep`);
  const inner = [...above, value];
  const one = (part: unknown): Json => encode(part, inner);
  if (Array.isArray(value)) return value[0] === TAG ? [TAG, 'array', value.map(one)] : value.map(one);
  if (value instanceof Date) return [TAG, 'date', value.getTime()];
  if (value instanceof Map) return [TAG, 'map', [...value].map(([key, part]) => [one(key), one(part)])];
  if (value instanceof Set) return [TAG, 'set', [...value].map(one)];
  if (value instanceof Error) return [TAG, 'error', value.name, value.message];
  if (value instanceof ArrayBuffer) return [TAG, 'buffer', toHex(new Uint8Array(value))];
  if (ArrayBuffer.isView(value) && !(value instanceof DataView)) {
    return [
      TAG,
      'bytes',
      value.constructor.name,
      toHex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)),
    ];
  }
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, one(part)]));
}

/** Throws a TypeError for what `encodeValue` does not write. */
export function decodeValue(json: string): unknown {
  return decode(JSON.parse(json) as Json);
}

function decode(value: Json): unknown {
  if (Array.isArray(value)) return value[0] === TAG ? decodeTagged(value as readonly Json[]) : value.map(decode);
  if (typeof value !== 'object' || value === null) return value;
  const found: Record<string, unknown> = {};
  for (const [key, part] of Object.entries(value)) {
    // A key of this name would otherwise set the prototype.
    Object.defineProperty(found, key, { value: decode(part), writable: true, enumerable: true, configurable: true });
  }
  return found;
}

const arrays = {
  Int8Array,
  Uint8Array,
  Uint8ClampedArray,
  Int16Array,
  Uint16Array,
  Int32Array,
  Uint32Array,
  Float32Array,
  Float64Array,
  BigInt64Array,
  BigUint64Array,
} as const;

function decodeTagged([, tag, first, second]: readonly Json[]): unknown {
  const list = (given: Json | undefined): readonly Json[] => (Array.isArray(given) ? given : []);
  switch (tag) {
    case 'undefined':
      return undefined;
    case 'number':
      return Number(first);
    case 'bigint':
      return BigInt(String(first));
    case 'array':
      return list(first).map(decode);
    case 'date':
      return new Date(first === null ? Number.NaN : Number(first));
    case 'map':
      return new Map(list(first).map((pair) => [decode(list(pair)[0] ?? null), decode(list(pair)[1] ?? null)]));
    case 'set':
      return new Set(list(first).map(decode));
    case 'error': {
      const error = new Error(String(second));
      error.name = String(first);
      return error;
    }
    case 'buffer':
      return fromHex(String(first)).buffer;
    case 'bytes': {
      const name = String(first);
      if (!Object.hasOwn(arrays, name)) return fromHex(String(second));
      return new arrays[name as keyof typeof arrays](fromHex(String(second)).buffer);
    }
    default:
      throw new TypeError(`There are no values with the tag "${String(tag)}"`);
  }
}

function toHex(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
  return text;
}

function fromHex(text: string): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(text.length >> 1);
  for (let at = 0; at < bytes.length; at++) bytes[at] = Number.parseInt(text.slice(2 * at, 2 * at + 2), 16);
  return bytes;
}
