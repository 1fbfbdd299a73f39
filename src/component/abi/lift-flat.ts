// Values from core parameters and results: one function per type and position, made once. CanonicalABI.md#flat-lifting
import { Trap } from '../../errors.ts';
import { camelCase } from '../types/case.ts';
import { casesOf, type FlatType, layoutOf } from '../types/layout.ts';
import type { ValType } from '../types/val-type.ts';
import type { AbiContext } from './context.ts';
import { liftErrorContext } from './error-context.ts';
import { canonicalNaN, caseMaker, flagsUnpacker, listLoader, toChar } from './load.ts';
import { liftBorrow, liftOwn } from './resources.ts';
import { loadString } from './strings.ts';

export type Flat = number | bigint;
export type LiftFlat = (cx: AbiContext, values: readonly Flat[]) => unknown;

/** The positions of core values and the types they have there, which joined variant cases may have widened. */
export class Slots {
  readonly #types: readonly FlatType[];
  readonly #base: number;
  #next = 0;

  constructor(types: readonly FlatType[], base: number) {
    this.#types = types;
    this.#base = base;
  }

  /** Makes a reader of the value at the next position, which gives it as `want`. */
  take(want: FlatType): (values: readonly Flat[]) => Flat {
    const have = this.#types[this.#next] as FlatType;
    const at = this.#base + this.#next++;
    const convert = narrowing(have, want);
    return convert ? (values) => convert(values[at] as Flat) : (values) => values[at] as Flat;
  }

  /** Makes the positions of one case of a variant, which start where this one stands. */
  fork(): Slots {
    return new Slots(this.#types.slice(this.#next), this.#base + this.#next);
  }

  skip(count: number): void {
    this.#next += count;
  }
}

const bits = new DataView(new ArrayBuffer(8));

function narrowing(have: FlatType, want: FlatType): ((value: Flat) => Flat) | undefined {
  if (have === want) return undefined;
  if (have === 'i32') return (value) => i32ToF32(Number(value));
  if (want === 'i32') return (value) => Number(BigInt.asIntN(32, value as bigint));
  if (want === 'f32') return (value) => i32ToF32(Number(BigInt.asIntN(32, value as bigint)));
  return (value) => {
    bits.setBigInt64(0, value as bigint);
    return bits.getFloat64(0);
  };
}

function i32ToF32(value: number): number {
  bits.setInt32(0, value);
  return bits.getFloat32(0);
}

type Read = (values: readonly Flat[]) => Flat;
type FromOne = (cx: AbiContext, value: number) => unknown;
const fromI32: Partial<Record<ValType['kind'], FromOne>> = {
  bool: (_, value) => value !== 0,
  u8: (_, value) => value & 0xff,
  s8: (_, value) => (value << 24) >> 24,
  u16: (_, value) => value & 0xffff,
  s16: (_, value) => (value << 16) >> 16,
  u32: (_, value) => value >>> 0,
  s32: (_, value) => value | 0,
  char: (_, value) => toChar(value >>> 0),
};

export function makeLiftFlat(type: ValType, slots: Slots): LiftFlat {
  const convert = fromI32[type.kind];
  if (convert) {
    const read = slots.take('i32');
    return (cx, values) => convert(cx, read(values) as number);
  }
  switch (type.kind) {
    case 'u64':
    case 's64': {
      const read = slots.take('i64');
      const signed = type.kind === 's64';
      return (_, values) => {
        const value = read(values) as bigint;
        return signed ? BigInt.asIntN(64, value) : BigInt.asUintN(64, value);
      };
    }
    case 'f32':
    case 'f64': {
      const read = slots.take(type.kind);
      return (_, values) => canonicalNaN(read(values) as number);
    }
    case 'string':
      return makeLiftPair(slots, loadString);
    case 'list':
      return makeLiftList(type.element, type.length, slots);
    case 'record':
      return makeLiftRecord(type.fields.map((field) => [camelCase(field.name), makeLiftFlat(field.type, slots)]));
    case 'tuple': {
      const parts = type.types.map((one) => makeLiftFlat(one, slots));
      return (cx, values) => parts.map((lift) => lift(cx, values));
    }
    case 'flags': {
      const read: Read = slots.take('i32');
      const unpack = flagsUnpacker(type.names);
      return (_, values) => unpack(read(values) as number);
    }
    case 'own':
    case 'borrow': {
      const read: Read = slots.take('i32');
      const { resource } = type;
      const lift = type.kind === 'own' ? liftOwn : liftBorrow;
      return (cx, values) => lift(cx, (read(values) as number) >>> 0, resource);
    }
    case 'stream':
    case 'future': {
      const read: Read = slots.take('i32');
      return (cx, values) => cx.asyncValues.lift(cx, (read(values) as number) >>> 0, type);
    }
    case 'error-context': {
      const read: Read = slots.take('i32');
      return (cx, values) => liftErrorContext(cx, (read(values) as number) >>> 0);
    }
    case 'variant':
    case 'enum':
    case 'option':
    case 'result':
      return makeLiftVariant(type, slots);
    default:
      throw new TypeError(`Cannot lift ${type.kind} in the synchronous ABI`);
  }
}

function makeLiftPair(slots: Slots, load: (cx: AbiContext, pointer: number, length: number) => unknown): LiftFlat {
  const pointer = slots.take('i32');
  const length = slots.take('i32');
  return (cx, values) => load(cx, (pointer(values) as number) >>> 0, (length(values) as number) >>> 0);
}

function makeLiftList(element: ValType, length: number | undefined, slots: Slots): LiftFlat {
  if (length === undefined) return makeLiftPair(slots, listLoader(element));
  const parts = Array.from({ length }, () => makeLiftFlat(element, slots));
  return (cx, values) => parts.map((lift) => lift(cx, values));
}

function makeLiftRecord(parts: readonly (readonly [string, LiftFlat])[]): LiftFlat {
  return (cx, values) => {
    const record: Record<string, unknown> = {};
    for (const [key, lift] of parts) record[key] = lift(cx, values);
    return record;
  };
}

type VariantType = Extract<ValType, { kind: 'variant' | 'enum' | 'option' | 'result' }>;

function makeLiftVariant(type: VariantType, slots: Slots): LiftFlat {
  const discriminant = slots.take('i32');
  const payloads = casesOf(type).map((one) => (one ? makeLiftFlat(one, slots.fork()) : undefined));
  slots.skip(layoutOf(type).flat.length - 1);
  const make = caseMaker(type);
  return (cx, values) => {
    const index = (discriminant(values) as number) >>> 0;
    if (index >= payloads.length) throw new Trap(`Discriminant ${index} is not below ${payloads.length}`);
    return make(index, payloads[index]?.(cx, values));
  };
}
