// Values into core parameters and results: one function per type, made once. CanonicalABI.md#flat-lowering
import { camelCase } from '../types/case.ts';
import { casesOf, type FlatType, layoutOf } from '../types/layout.ts';
import type { ValType } from '../types/val-type.ts';
import type { AbiContext } from './context.ts';
import { lowerErrorContext } from './error-context.ts';
import type { Flat } from './lift-flat.ts';
import { lowerBorrow, lowerOwn } from './resources.ts';
import { caseMatcher, flagsPacker, fromChar, listStorer } from './store.ts';
import { storeString } from './strings.ts';

/** Appends the core values of `value` to `out`. */
export type LowerFlat = (cx: AbiContext, value: never, out: Flat[]) => void;

const lowerings = new WeakMap<ValType, LowerFlat>();

export function lowerFlatOf(type: ValType): LowerFlat {
  let lower = lowerings.get(type);
  if (!lower) {
    lower = makeLowerFlat(type) as LowerFlat;
    lowerings.set(type, lower);
  }
  return lower;
}

/** Gives the one core value of a type that has one; undefined for a type that has none. */
export type LowerOne = (cx: AbiContext, value: never) => Flat | undefined;

const direct: Partial<Record<ValType['kind'], LowerOne>> = {
  bool: (_, value: boolean) => (value ? 1 : 0),
  u8: (_, value: number) => value & 0xff,
  u16: (_, value: number) => value & 0xffff,
  u32: (_, value: number) => value | 0,
  s32: (_, value: number) => value | 0,
  u64: (_, value: bigint) => BigInt.asIntN(64, value),
  s64: (_, value: bigint) => BigInt.asIntN(64, value),
};

/**
 * Makes the lowering of a single core value. Most results are of this kind, and so need no array for `LowerFlat` to
 * append to.
 */
export function makeLowerOne(type: ValType): LowerOne {
  const known = direct[type.kind];
  if (known) return known;
  if (type.kind === 'own') return (cx, value) => lowerOwn(cx, value, type.resource);
  const lower = lowerFlatOf(type);
  return (cx, value) => {
    const out: Flat[] = [];
    lower(cx, value, out);
    return out[0];
  };
}

type AnyLower = (cx: AbiContext, value: never, out: Flat[]) => void;
const pushNumber: AnyLower = (_, value: number, out) => {
  out.push(value);
};
const pushInt: AnyLower = (_, value: number, out) => {
  out.push(value | 0);
};
const simple: Partial<Record<ValType['kind'], AnyLower>> = {
  bool: (_, value: boolean, out) => out.push(value ? 1 : 0),
  u8: (_, value: number, out) => out.push(value & 0xff),
  s8: (_, value: number, out) => out.push((value << 24) >> 24),
  u16: (_, value: number, out) => out.push(value & 0xffff),
  s16: (_, value: number, out) => out.push((value << 16) >> 16),
  u32: pushInt,
  s32: pushInt,
  u64: (_, value: bigint, out) => out.push(BigInt.asIntN(64, value)),
  s64: (_, value: bigint, out) => out.push(BigInt.asIntN(64, value)),
  f32: pushNumber,
  f64: pushNumber,
  char: (_, value: string, out) => out.push(fromChar(value)),
  string: (cx, value: string, out) => pushPair(storeString(cx, value), out),
};

function pushPair([pointer, length]: readonly [number, number], out: Flat[]): void {
  out.push(pointer, length | 0);
}

function makeLowerFlat(type: ValType): AnyLower {
  const known = simple[type.kind];
  if (known) return known;
  switch (type.kind) {
    case 'list':
      return makeLowerList(type.element, type.length);
    case 'record':
      return makeLowerRecord(type.fields.map((field) => [camelCase(field.name), lowerFlatOf(field.type)]));
    case 'tuple':
      return makeLowerRecord(type.types.map((one, index) => [index, lowerFlatOf(one)]));
    case 'flags': {
      const pack = flagsPacker(type.names);
      return (_, value, out) => out.push(pack(value));
    }
    case 'own':
      return (cx, value, out) => out.push(lowerOwn(cx, value, type.resource));
    case 'borrow':
      return (cx, value, out) => out.push(lowerBorrow(cx, value, type.resource));
    case 'stream':
    case 'future':
      return (cx, value, out) => out.push(cx.asyncValues.lower(cx, value, type));
    case 'error-context':
      return (cx, value, out) => out.push(lowerErrorContext(cx, value));
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return makeLowerVariant(type);
    default:
      throw new TypeError(`Cannot lower ${type.kind} in the synchronous ABI`);
  }
}

function makeLowerList(element: ValType, length: number | undefined): AnyLower {
  if (length === undefined) {
    const store = listStorer(element);
    return (cx, value, out) => pushPair(store(cx, value), out);
  }
  const lower = lowerFlatOf(element);
  return (cx, value: ArrayLike<never>, out) => {
    if (value.length !== length) throw new TypeError(`List has ${value.length} elements, not ${length}`);
    for (let index = 0; index < length; index++) lower(cx, value[index] as never, out);
  };
}

function makeLowerRecord(parts: readonly (readonly [string | number, LowerFlat])[]): AnyLower {
  return (cx, value: Record<string | number, never>, out) => {
    for (const [key, lower] of parts) lower(cx, value[key] as never, out);
  };
}

type VariantType = Extract<ValType, { kind: 'variant' | 'enum' | 'option' | 'result' }>;

function makeLowerVariant(type: VariantType): AnyLower {
  const match = caseMatcher(type);
  const { flat } = layoutOf(type);
  const cases = casesOf(type).map((one) =>
    one ? { lower: lowerFlatOf(one), widen: widenings(layoutOf(one).flat, flat.slice(1)) } : undefined,
  );
  return (cx, value, out) => {
    const index = match.index(value);
    out.push(index);
    const start = out.length;
    const end = start + flat.length - 1;
    const one = cases[index];
    if (one) {
      one.lower(cx, match.payload(value) as never, out);
      for (const [position, widen] of one.widen) out[start + position] = widen(out[start + position] as Flat);
    }
    while (out.length < end) out.push(flat[out.length - start + 1] === 'i64' ? 0n : 0);
  };
}

type Widen = (value: Flat) => Flat;
const bits = new DataView(new ArrayBuffer(8));

/** Lists the conversions of a case's core values at the positions that are wider in the whole variant. */
function widenings(have: readonly FlatType[], want: readonly FlatType[]): (readonly [number, Widen])[] {
  return have.flatMap((from, position) => {
    const widen = widening(from, want[position] as FlatType);
    return widen ? [[position, widen] as const] : [];
  });
}

function widening(have: FlatType, want: FlatType): Widen | undefined {
  if (have === want) return undefined;
  if (want === 'i32') return (value) => f32ToI32(value as number);
  if (have === 'i32') return (value) => BigInt((value as number) >>> 0);
  if (have === 'f32') return (value) => BigInt(f32ToI32(value as number) >>> 0);
  return (value) => {
    bits.setFloat64(0, value as number);
    return bits.getBigInt64(0);
  };
}

function f32ToI32(value: number): number {
  bits.setFloat32(0, value);
  return bits.getInt32(0);
}
