// Computes sizes, alignments and flattening of value types. CanonicalABI.md#alignment, #element-size, #flattening;
// 32-bit memories.
import type { FuncType, ValType } from './val-type.ts';

export type FlatType = 'i32' | 'i64' | 'f32' | 'f64';

export const MAX_FLAT_PARAMS = 16;
export const MAX_FLAT_RESULTS = 1;

export interface Layout {
  /** The size in bytes. */
  readonly size: number;
  readonly align: number;
  readonly flat: readonly FlatType[];
  /** Whether a borrow stands anywhere in the type: its handles are lent for the time of the call. */
  readonly borrows: boolean;
}

const layouts = new WeakMap<ValType, Layout>();

export function layoutOf(type: ValType): Layout {
  let layout = layouts.get(type);
  if (!layout) {
    layout = computeLayout(type);
    layouts.set(type, layout);
  }
  return layout;
}

function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

/** The number of bytes of a discriminant: 1 up to 256 cases, 2 up to 65,536, else 4. */
export function discriminantSize(cases: number): 1 | 2 | 4 {
  return cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
}

/** The number of bytes of a flags value: 1, 2 or 4. */
export function flagsSize(labels: number): 1 | 2 | 4 {
  return labels <= 8 ? 1 : labels <= 16 ? 2 : 4;
}

/** The types of the cases of a variant, enum, option or result, in order: the ABI treats all of these alike. */
export function casesOf(type: ValType): readonly (ValType | undefined)[] {
  switch (type.kind) {
    case 'variant':
      return type.cases.map((one) => one.type);
    case 'enum':
      return type.names.map(() => undefined);
    case 'option':
      return [undefined, type.type];
    case 'result':
      return [type.ok, type.err];
    default:
      throw new TypeError(`${type.kind} has no cases`);
  }
}

/** Offset of the payload of a variant with these cases. */
export function payloadOffset(cases: readonly (ValType | undefined)[]): number {
  return alignTo(discriminantSize(cases.length), maxAlign(cases));
}

/** Offset of each field of a record or tuple. */
export function fieldOffsets(types: readonly ValType[]): number[] {
  let offset = 0;
  return types.map((type) => {
    const { size, align } = layoutOf(type);
    const at = alignTo(offset, align);
    offset = at + size;
    return at;
  });
}

export function paramTypes(type: FuncType): ValType[] {
  return type.params.map((param) => param.type);
}

/** The core types of the values one after another, cut off where it is clear that there are too many. */
export function flatten(types: readonly ValType[]): FlatType[] {
  const flat: FlatType[] = [];
  for (const type of types) {
    if (flat.length > MAX_FLAT_PARAMS) break;
    flat.push(...layoutOf(type).flat);
  }
  return flat;
}

function computeLayout(type: ValType): Layout {
  switch (type.kind) {
    case 'bool':
    case 's8':
    case 'u8':
      return scalar(1, 'i32');
    case 's16':
    case 'u16':
      return scalar(2, 'i32');
    case 's64':
    case 'u64':
      return scalar(8, 'i64');
    case 'f32':
      return scalar(4, 'f32');
    case 'f64':
      return scalar(8, 'f64');
    case 'borrow':
      return { ...scalar(4, 'i32'), borrows: true };
    case 's32':
    case 'u32':
    case 'char':
    case 'own':
    case 'stream':
    case 'future':
    case 'error-context':
      return scalar(4, 'i32');
    case 'string':
      return { size: 8, align: 4, flat: ['i32', 'i32'], borrows: false };
    case 'list':
      return listLayout(type.element, type.length);
    case 'record':
      return sequence(type.fields.map((field) => field.type));
    case 'tuple':
      return sequence(type.types);
    case 'flags': {
      const size = flagsSize(type.names.length);
      return scalar(size, 'i32');
    }
    default:
      return variantLayout(casesOf(type));
  }
}

function scalar(size: number, flat: FlatType): Layout {
  return { size, align: size, flat: [flat], borrows: false };
}

function listLayout(element: ValType, length: number | undefined): Layout {
  const of = layoutOf(element);
  if (length === undefined) return { size: 8, align: 4, flat: ['i32', 'i32'], borrows: of.borrows };
  // Values beyond MAX_FLAT_PARAMS go to memory, so the number of further ones makes no difference.
  const flat = Array.from({ length: Math.min(length, MAX_FLAT_PARAMS + 1) }, () => of.flat).flat();
  return { size: length * of.size, align: of.align, flat, borrows: of.borrows };
}

function sequence(types: readonly ValType[]): Layout {
  let size = 0;
  let align = 1;
  let borrows = false;
  for (const type of types) {
    const of = layoutOf(type);
    size = alignTo(size, of.align) + of.size;
    align = Math.max(align, of.align);
    borrows ||= of.borrows;
  }
  return { size: alignTo(size, align), align, flat: flatten(types), borrows };
}

function variantLayout(cases: readonly (ValType | undefined)[]): Layout {
  const align = Math.max(discriminantSize(cases.length), maxAlign(cases));
  const flat: FlatType[] = [];
  let size = 0;
  let borrows = false;
  for (const type of cases) {
    if (!type) continue;
    const of = layoutOf(type);
    size = Math.max(size, of.size);
    borrows ||= of.borrows;
    of.flat.forEach((have, index) => {
      flat[index] = join(flat[index] ?? have, have);
    });
  }
  return { size: alignTo(payloadOffset(cases) + size, align), align, flat: ['i32', ...flat], borrows };
}

function maxAlign(cases: readonly (ValType | undefined)[]): number {
  return Math.max(1, ...cases.map((type) => (type ? layoutOf(type).align : 1)));
}

function join(a: FlatType, b: FlatType): FlatType {
  if (a === b) return a;
  const both = new Set([a, b]);
  return both.has('i32') && both.has('f32') ? 'i32' : 'i64';
}
