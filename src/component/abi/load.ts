// Values from linear memory: one function per type, made once. CanonicalABI.md#loading
import { Trap } from '../../errors.ts';
import { copyBytes } from '../types/byte-buffers.ts';
import { camelCase } from '../types/case.ts';
import { casesOf, discriminantSize, fieldOffsets, flagsSize, layoutOf, payloadOffset } from '../types/layout.ts';
import type { ValType } from '../types/val-type.ts';
import { type AbiContext, ELEMENT_COST } from './context.ts';
import { liftErrorContext } from './error-context.ts';
import { liftBorrow, liftOwn } from './resources.ts';
import { loadString } from './strings.ts';

/** Loads a value. The pointer is aligned and in bounds: the caller checked the whole value. */
export type Load = (cx: AbiContext, pointer: number) => unknown;

const loads = new WeakMap<ValType, Load>();

export function loadOf(type: ValType): Load {
  let load = loads.get(type);
  if (!load) {
    load = makeLoad(type);
    loads.set(type, load);
  }
  return load;
}

export function toChar(code: number): string {
  if (code >= 0x110000 || (code >= 0xd800 && code <= 0xdfff)) throw new Trap(`${code} is not a Unicode scalar value`);
  return String.fromCodePoint(code);
}

/** Turns all NaNs into the canonical one, so that no guest can use the payload to carry state. */
export function canonicalNaN(value: number): number {
  return Number.isNaN(value) ? Number.NaN : value;
}

function makeLoad(type: ValType): Load {
  switch (type.kind) {
    case 'bool':
      return (cx, at) => cx.memory.bytes[at] !== 0;
    case 'u8':
      return (cx, at) => cx.memory.bytes[at];
    case 's8':
      return (cx, at) => cx.memory.data.getInt8(at);
    case 'u16':
      return (cx, at) => cx.memory.data.getUint16(at, true);
    case 's16':
      return (cx, at) => cx.memory.data.getInt16(at, true);
    case 'u32':
      return (cx, at) => cx.memory.data.getUint32(at, true);
    case 's32':
      return (cx, at) => cx.memory.data.getInt32(at, true);
    case 'u64':
      return (cx, at) => cx.memory.data.getBigUint64(at, true);
    case 's64':
      return (cx, at) => cx.memory.data.getBigInt64(at, true);
    case 'f32':
      return (cx, at) => canonicalNaN(cx.memory.data.getFloat32(at, true));
    case 'f64':
      return (cx, at) => canonicalNaN(cx.memory.data.getFloat64(at, true));
    case 'char':
      return (cx, at) => toChar(cx.memory.data.getUint32(at, true));
    case 'string':
      return (cx, at) => loadString(cx, cx.memory.data.getUint32(at, true), cx.memory.data.getUint32(at + 4, true));
    case 'list':
      return makeLoadList(type.element, type.length);
    case 'record':
      return makeLoadRecord(type.fields.map((field) => [camelCase(field.name), field.type] as const));
    case 'tuple':
      return makeLoadTuple(type.types);
    case 'flags':
      return makeLoadFlags(type.names);
    case 'own':
      return (cx, at) => liftOwn(cx, cx.memory.data.getUint32(at, true), type.resource);
    case 'borrow':
      return (cx, at) => liftBorrow(cx, cx.memory.data.getUint32(at, true), type.resource);
    case 'stream':
    case 'future':
      return (cx, at) => cx.asyncValues.lift(cx, cx.memory.data.getUint32(at, true), type);
    case 'error-context':
      return (cx, at) => liftErrorContext(cx, cx.memory.data.getUint32(at, true));
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return makeLoadVariant(type);
  }
}

function makeLoadList(element: ValType, length: number | undefined): Load {
  if (length !== undefined) {
    const range = loadListRange(element);
    return (cx, at) => range(cx, at, length);
  }
  const list = listLoader(element);
  return (cx, at) => list(cx, cx.memory.data.getUint32(at, true), cx.memory.data.getUint32(at + 4, true));
}

export type LoadList = (cx: AbiContext, pointer: number, length: number) => unknown;

const MAX_LIST_BYTE_LENGTH = 2 ** 28 - 1;

/** Makes a loader that checks the range that the guest names, then loads it. */
export function listLoader(element: ValType): LoadList {
  const { size, align } = layoutOf(element);
  const range = loadListRange(element);
  const cost = costOf(element);
  return (cx, pointer, length) => {
    if (length * size > MAX_LIST_BYTE_LENGTH) throw new Trap(`List of ${length * size} bytes is too long`);
    cx.memory.check(pointer, length * size, align);
    cx.charge(length * cost);
    return range(cx, pointer, length);
  };
}

type NumericArray = new (buffer: ArrayBuffer) => unknown;
const numericArrays: Partial<Record<ValType['kind'], NumericArray>> = {
  s8: Int8Array,
  u16: Uint16Array,
  s16: Int16Array,
  u32: Uint32Array,
  s32: Int32Array,
  u64: BigUint64Array,
  s64: BigInt64Array,
  f32: Float32Array,
  f64: Float64Array,
};

/** Bytes that one element of a list counts for in `AbiContext.charge`. */
export function costOf(element: ValType): number {
  const { size } = layoutOf(element);
  return element.kind === 'u8' || numericArrays[element.kind] ? size : size + ELEMENT_COST;
}

export function loadListRange(element: ValType): LoadList {
  if (element.kind === 'u8') return (cx, pointer, length) => copyBytes(cx.memory.bytes, pointer, pointer + length);
  const { size } = layoutOf(element);
  const Numeric = numericArrays[element.kind];
  if (Numeric) {
    return (cx, pointer, length) => new Numeric(cx.memory.bytes.buffer.slice(pointer, pointer + length * size));
  }
  const load = loadOf(element);
  return (cx, pointer, length) => {
    const list: unknown[] = [];
    for (let index = 0; index < length; index++) list.push(load(cx, pointer + index * size));
    return list;
  };
}

function makeLoadRecord(fields: readonly (readonly [string, ValType])[]): Load {
  const offsets = fieldOffsets(fields.map(([, type]) => type));
  const parts = fields.map(([key, type], index) => ({ key, load: loadOf(type), offset: offsets[index] as number }));
  return (cx, at) => {
    const record: Record<string, unknown> = {};
    for (const { key, load, offset } of parts) record[key] = load(cx, at + offset);
    return record;
  };
}

function makeLoadTuple(types: readonly ValType[]): Load {
  const offsets = fieldOffsets(types);
  const parts = types.map((type, index) => ({ load: loadOf(type), offset: offsets[index] as number }));
  return (cx, at) => parts.map(({ load, offset }) => load(cx, at + offset));
}

function makeLoadFlags(names: readonly string[]): Load {
  const unpack = flagsUnpacker(names);
  const size = flagsSize(names.length);
  return (cx, at) => unpack(loadUnsigned(cx, at, size));
}

/** Makes the object of booleans. Bits beyond the labels are ignored, as the specification wants. */
export function flagsUnpacker(names: readonly string[]): (bits: number) => Record<string, boolean> {
  const keys = names.map(camelCase);
  return (bits) => {
    const flags: Record<string, boolean> = {};
    for (let index = 0; index < keys.length; index++) flags[keys[index] as string] = ((bits >>> index) & 1) === 1;
    return flags;
  };
}

function loadUnsigned(cx: AbiContext, at: number, size: 1 | 2 | 4): number {
  const { data } = cx.memory;
  return size === 1 ? data.getUint8(at) : size === 2 ? data.getUint16(at, true) : data.getUint32(at, true);
}

type VariantType = Extract<ValType, { kind: 'variant' | 'enum' | 'option' | 'result' }>;

function makeLoadVariant(type: VariantType): Load {
  const cases = casesOf(type);
  const size = discriminantSize(cases.length);
  const offset = payloadOffset(cases);
  const payloads = cases.map((one) => (one ? loadOf(one) : undefined));
  const make = caseMaker(type);
  return (cx, at) => {
    const index = loadUnsigned(cx, at, size);
    if (index >= payloads.length) throw new Trap(`Discriminant ${index} is not below ${payloads.length}`);
    return make(index, payloads[index]?.(cx, at + offset));
  };
}

/** Makes the JavaScript form of a variant from case and payload. */
export function caseMaker(type: VariantType): (index: number, payload: unknown) => unknown {
  switch (type.kind) {
    case 'enum':
      return (index) => type.names[index];
    case 'option':
      if (type.type.kind !== 'option') return (_, payload) => payload;
      return (index, val) => (index === 0 ? { tag: 'none' } : { tag: 'some', val });
    case 'result':
      return (index, val) => ({ tag: index === 0 ? 'ok' : 'err', val });
    default: {
      const cases = type.cases;
      return (index, val) => {
        const { name, type: payload } = cases[index] as (typeof cases)[number];
        return payload ? { tag: name, val } : { tag: name };
      };
    }
  }
}
