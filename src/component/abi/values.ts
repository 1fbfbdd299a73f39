// Whole parameter and result lists, spilled to memory when they are too many. CanonicalABI.md#lifting-and-lowering-values
import { type FlatType, fieldOffsets, flatten, layoutOf } from '../types/layout.ts';
import type { ValType } from '../types/val-type.ts';
import type { AbiContext } from './context.ts';
import { type Flat, makeLiftFlat, Slots } from './lift-flat.ts';
import { loadOf } from './load.ts';
import { lowerFlatOf } from './lower-flat.ts';
import { storeOf } from './store.ts';

export interface ValuesLayout {
  readonly flat: readonly FlatType[];
  /** Whether the values stand in memory, with one pointer in their place. */
  readonly spilled: boolean;
}

export function valuesLayout(types: readonly ValType[], maxFlat: number): ValuesLayout {
  const flat = flatten(types);
  return flat.length > maxFlat ? { flat: ['i32'], spilled: true } : { flat, spilled: false };
}

/** Lifts the values that start at position `base` of the core values. */
export type LiftValues = (cx: AbiContext, values: readonly Flat[]) => unknown[];

export function makeLiftValues(types: readonly ValType[], maxFlat: number, base = 0): LiftValues {
  const { flat, spilled } = valuesLayout(types, maxFlat);
  if (spilled) return makeLiftSpilled(types, base);
  const slots = new Slots(flat, base);
  const parts = types.map((type) => makeLiftFlat(type, slots));
  return (cx, values) => {
    const lifted: unknown[] = [];
    for (const lift of parts) lifted.push(lift(cx, values));
    return lifted;
  };
}

function makeLiftSpilled(types: readonly ValType[], base: number): LiftValues {
  const { size, align } = layoutOf({ kind: 'tuple', types });
  const offsets = fieldOffsets(types);
  const loads = types.map(loadOf);
  return (cx, values) => {
    const pointer = (values[base] as number) >>> 0;
    cx.memory.check(pointer, size, align);
    return loads.map((load, index) => load(cx, pointer + (offsets[index] as number)));
  };
}

/** Lowers `values` and appends their core values to `out`; spilled ones go to memory from the guest's realloc. */
export type LowerValues = (cx: AbiContext, values: readonly unknown[], out: Flat[]) => void;

export function makeLowerValues(types: readonly ValType[], maxFlat: number): LowerValues {
  if (valuesLayout(types, maxFlat).spilled) {
    const store = makeStoreAt(types);
    const { size, align } = layoutOf({ kind: 'tuple', types });
    return (cx, values, out) => {
      const pointer = cx.allocate(align, size);
      store(cx, values, pointer);
      out.push(pointer);
    };
  }
  const parts = types.map(lowerFlatOf);
  return (cx, values, out) => {
    for (let index = 0; index < parts.length; index++) parts[index]?.(cx, values[index] as never, out);
  };
}

/** Stores one result at the pointer that the caller gave. */
export type StoreResult = (cx: AbiContext, value: unknown, pointer: number) => void;

export function makeStoreResult(type: ValType): StoreResult {
  const { size, align } = layoutOf(type);
  const store = storeOf(type);
  return (cx, value, pointer) => {
    cx.memory.check(pointer, size, align);
    store(cx, value as never, pointer);
  };
}

function makeStoreAt(types: readonly ValType[]): (cx: AbiContext, values: readonly unknown[], at: number) => void {
  const offsets = fieldOffsets(types);
  const stores = types.map(storeOf);
  return (cx, values, at) => {
    stores.forEach((store, index) => {
      store(cx, values[index] as never, at + (offsets[index] as number));
    });
  };
}
