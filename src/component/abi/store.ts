// Values into linear memory: one function per type, made once. CanonicalABI.md#storing
import { Trap } from '../../errors.ts';
import { camelCase } from '../types/case.ts';
import { casesOf, discriminantSize, fieldOffsets, flagsSize, layoutOf, payloadOffset } from '../types/layout.ts';
import type { ValType } from '../types/val-type.ts';
import type { AbiContext } from './context.ts';
import { lowerErrorContext } from './error-context.ts';
import { lowerBorrow, lowerOwn } from './resources.ts';
import { storeString } from './strings.ts';

/** Stores a value. The pointer is aligned and in bounds: the caller checked the whole value. */
export type StoreFunction = (cx: AbiContext, value: never, pointer: number) => void;

const stores = new WeakMap<ValType, StoreFunction>();

export function storeOf(type: ValType): StoreFunction {
  let store = stores.get(type);
  if (!store) {
    store = makeStore(type) as StoreFunction;
    stores.set(type, store);
  }
  return store;
}

type AnyStore = (cx: AbiContext, value: never, at: number) => void;
const simple: Partial<Record<ValType['kind'], AnyStore>> = {
  bool: (cx, value: boolean, at) => cx.memory.data.setUint8(at, value ? 1 : 0),
  u8: (cx, value: number, at) => cx.memory.data.setUint8(at, value),
  s8: (cx, value: number, at) => cx.memory.data.setInt8(at, value),
  u16: (cx, value: number, at) => cx.memory.data.setUint16(at, value, true),
  s16: (cx, value: number, at) => cx.memory.data.setInt16(at, value, true),
  u32: (cx, value: number, at) => cx.memory.data.setUint32(at, value, true),
  s32: (cx, value: number, at) => cx.memory.data.setInt32(at, value, true),
  u64: (cx, value: bigint, at) => cx.memory.data.setBigUint64(at, value, true),
  s64: (cx, value: bigint, at) => cx.memory.data.setBigInt64(at, value, true),
  f32: (cx, value: number, at) => cx.memory.data.setFloat32(at, value, true),
  f64: (cx, value: number, at) => cx.memory.data.setFloat64(at, value, true),
  char: (cx, value: string, at) => cx.memory.data.setUint32(at, fromChar(value), true),
  string: (cx, value: string, at) => storePair(cx, storeString(cx, value), at),
};

function makeStore(type: ValType): AnyStore {
  const known = simple[type.kind];
  if (known) return known;
  switch (type.kind) {
    case 'list':
      return makeStoreList(type.element, type.length);
    case 'record':
      return makeStoreRecord(type.fields.map((field) => [camelCase(field.name), field.type] as const));
    case 'tuple':
      return makeStoreRecord(type.types.map((one, index) => [index, one] as const));
    case 'flags':
      return makeStoreFlags(type.names);
    case 'own':
      return (cx, value, at) => cx.memory.data.setUint32(at, lowerOwn(cx, value, type.resource), true);
    case 'borrow':
      return (cx, value, at) => cx.memory.data.setUint32(at, lowerBorrow(cx, value, type.resource), true);
    case 'stream':
    case 'future':
      return (cx, value, at) => cx.memory.data.setUint32(at, cx.asyncValues.lower(cx, value, type), true);
    case 'error-context':
      return (cx, value, at) => cx.memory.data.setUint32(at, lowerErrorContext(cx, value), true);
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return makeStoreVariant(type);
    default:
      throw new TypeError(`Cannot store ${type.kind} in the synchronous ABI`);
  }
}

export function fromChar(value: string): number {
  const code = value.codePointAt(0);
  if (code === undefined || (code >= 0xd800 && code <= 0xdfff)) throw new TypeError(`"${value}" is not a char`);
  return code;
}

function storePair(cx: AbiContext, [first, second]: readonly [number, number], at: number): void {
  cx.memory.data.setUint32(at, first, true);
  cx.memory.data.setUint32(at + 4, second, true);
}

function makeStoreList(element: ValType, length: number | undefined): AnyStore {
  if (length === undefined) {
    const list = listStorer(element);
    return (cx, value, at) => storePair(cx, list(cx, value), at);
  }
  const range = storeListRange(element);
  return (cx, value: ArrayLike<unknown>, at) => {
    if (value.length !== length) throw new TypeError(`List has ${value.length} elements, not ${length}`);
    range(cx, value as never, at);
  };
}

/** Allocates memory of the guest, stores a list in it, and gives [pointer, length]. */
export type StoreList = (cx: AbiContext, value: never) => readonly [pointer: number, length: number];

const MAX_LIST_BYTE_LENGTH = 2 ** 28 - 1;

export function listStorer(element: ValType): StoreList {
  const { size, align } = layoutOf(element);
  const range = storeListRange(element);
  return (cx, value: ArrayLike<unknown>) => {
    const { length } = value;
    if (length * size > MAX_LIST_BYTE_LENGTH) throw new Trap(`List of ${length * size} bytes is too long`);
    const pointer = cx.allocate(align, length * size);
    range(cx, value as never, pointer);
    return [pointer, length];
  };
}

/**
 * Makes a function that stores the elements. Numeric lists may come as typed arrays of the same width: these are copied
 * as bytes.
 */
export function storeListRange(element: ValType): AnyStore {
  const { size } = layoutOf(element);
  const store = storeOf(element) as (cx: AbiContext, value: unknown, at: number) => void;
  const numeric = /^[suf](8|16|32|64)$/.test(element.kind);
  return (cx, value: ArrayLike<unknown>, at) => {
    if (numeric && ArrayBuffer.isView(value) && value.byteLength === value.length * size) {
      cx.memory.bytes.set(new Uint8Array(value.buffer, value.byteOffset, value.byteLength), at);
      return;
    }
    for (let index = 0; index < value.length; index++) store(cx, value[index], at + index * size);
  };
}

function makeStoreRecord(fields: readonly (readonly [string | number, ValType])[]): AnyStore {
  const offsets = fieldOffsets(fields.map(([, type]) => type));
  const parts = fields.map(([key, type], index) => ({ key, store: storeOf(type), offset: offsets[index] as number }));
  return (cx, value: Record<string | number, never>, at) => {
    for (const { key, store, offset } of parts) store(cx, value[key] as never, at + offset);
  };
}

function makeStoreFlags(names: readonly string[]): AnyStore {
  const pack = flagsPacker(names);
  const size = flagsSize(names.length);
  return (cx, value, at) => storeUnsigned(cx, pack(value), at, size);
}

export function flagsPacker(names: readonly string[]): (value: Record<string, boolean | undefined>) => number {
  const keys = names.map(camelCase);
  return (value) => {
    let bits = 0;
    for (let index = 0; index < keys.length; index++) if (value[keys[index] as string]) bits |= 1 << index;
    return bits;
  };
}

function storeUnsigned(cx: AbiContext, value: number, at: number, size: 1 | 2 | 4): void {
  const { data } = cx.memory;
  if (size === 1) data.setUint8(at, value);
  else if (size === 2) data.setUint16(at, value, true);
  else data.setUint32(at, value, true);
}

type VariantType = Extract<ValType, { kind: 'variant' | 'enum' | 'option' | 'result' }>;

function makeStoreVariant(type: VariantType): AnyStore {
  const cases = casesOf(type);
  const size = discriminantSize(cases.length);
  const offset = payloadOffset(cases);
  const payloads = cases.map((one) => (one ? storeOf(one) : undefined));
  const match = caseMatcher(type);
  return (cx, value, at) => {
    const index = match.index(value);
    storeUnsigned(cx, index, at, size);
    payloads[index]?.(cx, match.payload(value) as never, at + offset);
  };
}

/** Finds the case and payload of a variant's JavaScript form. A value that fits no case is the host's mistake. */
export interface CaseMatcher {
  index(value: unknown): number;
  payload(value: unknown): unknown;
}

const payloadOfTagged = (value: unknown): unknown => (value as { val?: unknown }).val;

export function caseMatcher(type: VariantType): CaseMatcher {
  switch (type.kind) {
    case 'enum': {
      const indices = indexByName(type.names);
      return { index: (value) => indices(value as string), payload: () => undefined };
    }
    case 'option':
      if (type.type.kind === 'option') return tagged(['none', 'some']);
      return { index: (value) => (value === undefined || value === null ? 0 : 1), payload: (value) => value };
    case 'result':
      return tagged(['ok', 'err']);
    default:
      return tagged(type.cases.map((one) => one.name));
  }
}

function tagged(names: readonly string[]): CaseMatcher {
  const indices = indexByName(names);
  return { index: (value) => indices((value as { tag: string }).tag), payload: payloadOfTagged };
}

function indexByName(names: readonly string[]): (name: string) => number {
  const indices = new Map(names.map((name, index) => [name, index]));
  return (name) => {
    const index = indices.get(name);
    if (index === undefined) throw new TypeError(`"${name}" is none of the cases ${names.join(', ')}`);
    return index;
  };
}
