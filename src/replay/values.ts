// Values that cross between guest and host ↔ the JSON of a recording. Bytes stay bytes here; rendered.ts makes text of them.
import { camelCase } from '../component/types/case.ts';
import type { ValType } from '../component/types/val-type.ts';

/** What stands for a value before its bytes are text. */
export type Raw = null | boolean | number | string | Uint8Array | readonly Raw[] | { readonly [key: string]: Raw };

/** Numbers for what is no data: a resource has the number of its first crossing. */
export interface Numbering {
  numberOf(object: unknown, type: ValType): number;
  objectOf(number: number, type: ValType): unknown;
}

/** A value in a recording that is none of its type. */
export class BadValue extends Error {
  override readonly name = 'BadValue';
}

/** A value that crosses and cannot be recorded. */
export class Unrecordable extends Error {
  override readonly name = 'Unrecordable';
}

export function encodeValue(type: ValType, value: unknown, numbering: Numbering): Raw {
  const encode = (inner: ValType | undefined, one: unknown): Raw =>
    inner === undefined ? null : encodeValue(inner, one, numbering);
  switch (type.kind) {
    case 'u64':
    case 's64':
      return String(value);
    case 'f32':
    case 'f64':
      return encodeFloat(value as number);
    case 'list':
      // A constructor copies bytes at once; `from` would go from one to the next.
      if (type.element.kind === 'u8') return new Uint8Array(value as ArrayLike<number>);
      return Array.from(value as ArrayLike<unknown>, (one) => encode(type.element, one));
    case 'record': {
      const record = value as Record<string, unknown>;
      return Object.fromEntries(
        type.fields.map((field) => [field.name, encode(field.type, record[camelCase(field.name)])]),
      );
    }
    case 'tuple':
      return type.types.map((one, index) => encode(one, (value as readonly unknown[])[index]));
    case 'variant': {
      const { tag, val } = value as { tag: string; val?: unknown };
      const payload = type.cases.find(({ name }) => name === tag)?.type;
      return payload ? { [tag]: encode(payload, val) } : tag;
    }
    case 'option': {
      if (type.type.kind !== 'option') return value === undefined ? null : encode(type.type, value);
      const { tag, val } = value as { tag: string; val?: unknown };
      return tag === 'none' ? null : { some: encode(type.type, val) };
    }
    case 'result': {
      const { tag, val } = value as { tag: 'ok' | 'err'; val?: unknown };
      return { [tag]: encode(type[tag], val) };
    }
    case 'flags':
      return type.names.filter((name) => (value as Record<string, boolean>)[camelCase(name)]);
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return `#${numbering.numberOf(value, type)}`;
    case 'error-context':
      throw new Unrecordable('an error-context crosses');
    default:
      return value as Raw;
  }
}

function encodeFloat(value: number): Raw {
  return Number.isFinite(value) && !Object.is(value, -0) ? value : Object.is(value, -0) ? '-0' : String(value);
}

type Numeric = 's8' | 'u16' | 's16' | 'u32' | 's32' | 'f32' | 'f64';

const arrays: Readonly<Record<Numeric, { from(values: readonly number[]): unknown }>> = {
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  f32: Float32Array,
  f64: Float64Array,
};

const integers: Readonly<Record<string, readonly [low: number, high: number]>> = {
  u8: [0, 255],
  s8: [-128, 127],
  u16: [0, 65_535],
  s16: [-32_768, 32_767],
  u32: [0, 4_294_967_295],
  s32: [-2_147_483_648, 2_147_483_647],
};

/** Throws `BadValue`. */
export function decodeValue(type: ValType, raw: Raw | undefined, numbering: Numbering): unknown {
  const decode = (inner: ValType | undefined, one: Raw | undefined): unknown =>
    inner === undefined ? undefined : decodeValue(inner, one, numbering);
  switch (type.kind) {
    case 'bool':
      return check(typeof raw === 'boolean', type, raw);
    case 'u64':
    case 's64':
      return decodeLong(type.kind, raw);
    case 'f32':
    case 'f64':
      return typeof raw === 'string' && /^(?:NaN|-?Infinity|-0)$/.test(raw)
        ? Number(raw)
        : check(typeof raw === 'number', type, raw);
    case 'char':
      return check(typeof raw === 'string' && [...raw].length === 1 && raw.isWellFormed(), type, raw);
    case 'string':
      return check(typeof raw === 'string' && raw.isWellFormed(), type, raw);
    case 'list':
      return decodeList(type, raw, decode);
    case 'record': {
      const record = objectOf(raw, type);
      return Object.fromEntries(type.fields.map(({ name, type: of }) => [camelCase(name), decode(of, record[name])]));
    }
    case 'tuple': {
      const list = listOf(raw, type);
      return type.types.map((one, index) => decode(one, list[index]));
    }
    case 'enum':
      return check(type.names.includes(raw as string), type, raw);
    case 'variant': {
      const [tag, payload] = caseOf(raw, type);
      const found = type.cases.find(({ name }) => name === tag);
      if (!found) throw wrong(type, raw);
      return found.type ? { tag, val: decode(found.type, payload) } : { tag };
    }
    case 'option': {
      if (type.type.kind !== 'option') return raw === null ? undefined : decode(type.type, raw);
      return raw === null ? { tag: 'none' } : { tag: 'some', val: decode(type.type, objectOf(raw, type).some) };
    }
    case 'result': {
      const [tag, payload] = caseOf(raw, type);
      if (tag !== 'ok' && tag !== 'err') throw wrong(type, raw);
      return { tag, val: decode(type[tag], payload) };
    }
    case 'flags': {
      const set = listOf(raw, type);
      return Object.fromEntries(type.names.map((name) => [camelCase(name), set.includes(name)]));
    }
    case 'own':
    case 'borrow':
    case 'stream':
    case 'future':
      return numbering.objectOf(numberIn(raw, type), type);
    case 'error-context':
      throw wrong(type, raw);
    default: {
      const [low, high] = integers[type.kind] as readonly [number, number];
      return check(Number.isInteger(raw) && (raw as number) >= low && (raw as number) <= high, type, raw);
    }
  }
}

function decodeList(
  type: Extract<ValType, { kind: 'list' }>,
  raw: Raw | undefined,
  decode: (type: ValType, raw: Raw | undefined) => unknown,
): unknown {
  const { element } = type;
  if (element.kind === 'u8') return check(raw instanceof Uint8Array, type, raw);
  const list = listOf(raw, type).map((one) => decode(element, one));
  if (element.kind === 'u64') return BigUint64Array.from(list as bigint[]);
  if (element.kind === 's64') return BigInt64Array.from(list as bigint[]);
  return element.kind in arrays ? arrays[element.kind as Numeric].from(list as number[]) : list;
}

function decodeLong(kind: 'u64' | 's64', raw: Raw | undefined): bigint {
  if (typeof raw !== 'string' || !/^-?\d{1,20}$/.test(raw)) throw wrong({ kind }, raw);
  const value = BigInt(raw);
  if ((kind === 'u64' ? BigInt.asUintN(64, value) : BigInt.asIntN(64, value)) !== value) throw wrong({ kind }, raw);
  return value;
}

function numberIn(raw: Raw | undefined, type: ValType): number {
  if (typeof raw !== 'string' || !/^#\d{1,9}$/.test(raw)) throw wrong(type, raw);
  return Number(raw.slice(1));
}

function caseOf(raw: Raw | undefined, type: ValType): readonly [string, Raw | undefined] {
  if (typeof raw === 'string') return [raw, undefined];
  const [entry, ...more] = Object.entries(objectOf(raw, type));
  if (!entry || more.length > 0) throw wrong(type, raw);
  return entry;
}

function objectOf(raw: Raw | undefined, type: ValType): Readonly<Record<string, Raw>> {
  if (typeof raw !== 'object' || raw === null || Array.isArray(raw) || raw instanceof Uint8Array)
    throw wrong(type, raw);
  return raw as Readonly<Record<string, Raw>>;
}

function listOf(raw: Raw | undefined, type: ValType): readonly Raw[] {
  if (!Array.isArray(raw)) throw wrong(type, raw);
  return raw as readonly Raw[];
}

function check(holds: boolean, type: ValType, raw: Raw | undefined): Raw {
  if (!holds || raw === undefined) throw wrong(type, raw);
  return raw;
}

function wrong({ kind }: Pick<ValType, 'kind'>, raw: Raw | undefined): BadValue {
  const text = JSON.stringify(raw instanceof Uint8Array ? `${raw.length} bytes` : raw) ?? 'nothing';
  return new BadValue(`${text.length > 80 ? `${text.slice(0, 80)}…` : text} is no ${kind}`);
}
