// What the canonical ABI makes of a value type: element size, alignment, flat types. CanonicalABI.md#element-size,
// #flattening. It is computed from the parts when a type is made, in constant time per part, also for types of huge
// extent.

import type { PrimitiveName } from '../binary/ast.ts';
import { invalid } from './invalid.ts';
import type { AddressType, FlatType, Metrics, Shape, Val } from './model.ts';

export const MAX_FLAT = 16;
/** The largest size in bytes. CanonicalABI.md#element-size: 2^28. */
const MAX_SIZE = 2 ** 28;
/**
 * The most parts of a type. Others expand types into trees, so this bounds what a file of a few shared definitions can
 * grow to.
 */
const MAX_PARTS = 100_000;

const scalars: Readonly<Record<Exclude<PrimitiveName, 'string'>, readonly [size: number, flat: FlatType]>> = {
  bool: [1, 'i32'],
  s8: [1, 'i32'],
  u8: [1, 'i32'],
  s16: [2, 'i32'],
  u16: [2, 'i32'],
  s32: [4, 'i32'],
  u32: [4, 'i32'],
  s64: [8, 'i64'],
  u64: [8, 'i64'],
  f32: [4, 'f32'],
  f64: [8, 'f64'],
  char: [4, 'i32'],
  'error-context': [4, 'i32'],
};

export function measure(shape: Shape): Metrics {
  const metrics = measureShape(shape);
  if (metrics.size >= MAX_SIZE) invalid(`Type exceeds the maximum byte size of ${MAX_SIZE - 1}`);
  if (metrics.parts > MAX_PARTS) invalid(`Type consists of more than ${MAX_PARTS} parts`);
  return metrics;
}

function measureShape(shape: Shape): Metrics {
  switch (shape.kind) {
    case 'primitive':
      return shape.primitive === 'string' ? pointerAndLength([]) : scalar(...scalars[shape.primitive]);
    case 'record':
      return sequence(shape.fields.map(({ type }) => type));
    case 'tuple':
      return sequence(shape.types);
    case 'list':
      return shape.length === undefined ? pointerAndLength([shape.element]) : repeated(shape.element, shape.length);
    case 'map':
      sequence([shape.key, shape.value]);
      return pointerAndLength([shape.key, shape.value]);
    case 'flags':
      return scalar(shape.names.length <= 8 ? 1 : shape.names.length <= 16 ? 2 : 4, 'i32');
    case 'enum':
      return choice(shape.names.length, []);
    case 'variant':
      return choice(shape.cases.length, present(shape.cases.map(({ type }) => type)));
    case 'option':
      return choice(2, [shape.type]);
    case 'result':
      return choice(2, present([shape.ok, shape.err]));
    case 'own':
      return { ...scalar(4, 'i32'), hasHandle: true };
    case 'borrow':
      return { ...scalar(4, 'i32'), hasHandle: true, hasBorrow: true };
    case 'stream':
    case 'future':
      return { ...scalar(4, 'i32'), ...inherited(present([shape.element])), hasList: false };
  }
}

function present(types: readonly (Val | undefined)[]): Val[] {
  return types.filter((type) => type !== undefined);
}

function scalar(size: number, flat: FlatType): Metrics {
  return {
    size,
    align: size,
    flat: { i32: [flat], i64: [flat] },
    hasBorrow: false,
    hasHandle: false,
    hasList: false,
    parts: 1,
  };
}

/** The properties that a type takes over from its parts. */
function inherited(types: readonly Val[]): Pick<Metrics, 'hasBorrow' | 'hasHandle' | 'hasList' | 'parts'> {
  let parts = 1;
  for (const { metrics } of types) parts += metrics.parts;
  return {
    hasBorrow: types.some(({ metrics }) => metrics.hasBorrow),
    hasHandle: types.some(({ metrics }) => metrics.hasHandle),
    hasList: types.some(({ metrics }) => metrics.hasList),
    parts,
  };
}

function pointerAndLength(elements: readonly Val[]): Metrics {
  return {
    ...inherited(elements),
    size: 16,
    align: 8,
    flat: { i32: ['i32', 'i32'], i64: ['i64', 'i64'] },
    hasList: true,
  };
}

function alignTo(offset: number, align: number): number {
  return Math.ceil(offset / align) * align;
}

function sequence(types: readonly Val[]): Metrics {
  let size = 0;
  let align = 1;
  for (const { metrics } of types) {
    size = alignTo(size, metrics.align) + metrics.size;
    align = Math.max(align, metrics.align);
  }
  return { ...inherited(types), size: alignTo(size, align), align, flat: both((address) => flatten(types, address)) };
}

/** The metrics of a fixed-length list, which is laid out like a tuple. */
function repeated(element: Val, length: number): Metrics {
  const shown = Math.min(length, MAX_FLAT + 1);
  const { size, align } = element.metrics;
  const flat = both((address) => flatten(new Array<Val>(shown).fill(element), address));
  return { ...inherited([element]), size: size * length, align, flat };
}

function choice(cases: number, payloads: readonly Val[]): Metrics {
  const discriminant = cases <= 0x100 ? 1 : cases <= 0x10000 ? 2 : 4;
  const payloadAlign = Math.max(1, ...payloads.map(({ metrics }) => metrics.align));
  const payloadSize = Math.max(0, ...payloads.map(({ metrics }) => metrics.size));
  const align = Math.max(discriminant, payloadAlign);
  const size = alignTo(alignTo(discriminant, payloadAlign) + payloadSize, align);
  return { ...inherited(payloads), size, align, flat: both((address) => flattenChoice(payloads, address)) };
}

function both(flatten: (address: AddressType) => readonly FlatType[]): Metrics['flat'] {
  return { i32: flatten('i32'), i64: flatten('i64') };
}

/** The flat types of the values, at most one more than {@link MAX_FLAT}. */
export function flatten(types: readonly Val[], address: AddressType): FlatType[] {
  const result: FlatType[] = [];
  for (const { metrics } of types) {
    if (result.length > MAX_FLAT) break;
    result.push(...metrics.flat[address]);
  }
  return result.slice(0, MAX_FLAT + 1);
}

function flattenChoice(payloads: readonly Val[], address: AddressType): FlatType[] {
  const result: FlatType[] = ['i32'];
  for (const { metrics } of payloads) {
    metrics.flat[address].forEach((type, index) => {
      result[index + 1] = join(result[index + 1], type);
    });
  }
  return result.slice(0, MAX_FLAT + 1);
}

/** The smallest type that can carry both. CanonicalABI.md#flattening */
function join(a: FlatType | undefined, b: FlatType): FlatType {
  if (a === undefined || a === b) return b;
  return (a === 'i32' && b === 'f32') || (a === 'f32' && b === 'i32') ? 'i32' : 'i64';
}
