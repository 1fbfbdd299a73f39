// Random value types and values of them, in the JavaScript form that ours and jco share. Edge cases come often.
import { camelCase } from '../../src/component/types/case.ts';
import type { Case, PrimitiveKind, ValType } from '../../src/component/types/val-type.ts';
import type { Random } from './random.ts';

const primitives: readonly PrimitiveKind[] = [
  'bool',
  's8',
  'u8',
  's16',
  'u16',
  's32',
  'u32',
  's64',
  'u64',
  'f32',
  'f64',
  'char',
  'string',
];
/** Numbers of labels around which the size of flags changes. */
const flagCounts = [1, 2, 8, 9, 16, 17, 32];

/** A type without resources, nested at most `depth` deep. */
export function randomType(random: Random, depth: number): ValType {
  if (depth === 0 || random.once(4)) return { kind: random.pick(primitives) };
  const inner = (): ValType => randomType(random, depth - 1);
  const several = <T>(make: (index: number) => T, most = 6): T[] =>
    Array.from({ length: 1 + random.int(most) }, (_, index) => make(index));
  const orNone = (): ValType | undefined => (random.once(3) ? undefined : inner());
  switch (random.int(9)) {
    case 0:
      return { kind: 'record', fields: several((index) => ({ name: `field-${index}`, type: inner() })) };
    case 1:
      return { kind: 'tuple', types: several(inner) };
    case 2:
      return { kind: 'variant', cases: several((index): Case => ({ name: `case-${index}`, type: orNone() })) };
    case 3:
      return { kind: 'enum', names: several((index) => `name-${index}`, 300) };
    case 4:
      return optionOf(inner());
    case 5:
      return { kind: 'result', ok: orNone(), err: orNone() };
    case 6:
      return { kind: 'flags', names: Array.from({ length: random.pick(flagCounts) }, (_, index) => `label-${index}`) };
    default:
      return { kind: 'list', element: inner() };
  }
}

/** At most two options in one another: of more, jco makes another form than ours. */
function optionOf(type: ValType): ValType {
  return type.kind === 'option' && type.type.kind === 'option' ? type : { kind: 'option', type };
}

const integers: Readonly<Record<string, readonly [bits: number, signed: boolean]>> = {
  s8: [8, true],
  u8: [8, false],
  s16: [16, true],
  u16: [16, false],
  s32: [32, true],
  u32: [32, false],
  s64: [64, true],
  u64: [64, false],
};

function randomInteger(random: Random, bits: number, signed: boolean): bigint {
  const clamp = signed ? BigInt.asIntN : BigInt.asUintN;
  const edges = [0n, 1n, -1n, (1n << BigInt(bits)) - 1n, 1n << BigInt(bits - 1), (1n << BigInt(bits - 1)) - 1n];
  return clamp(bits, random.once(3) ? random.pick(edges) : random.bits64());
}

const floats = [0, -0, 1, -1.5, Number.NaN, Infinity, -Infinity, 2 ** -1074, Number.MAX_VALUE, 2 ** 53];

function randomFloat(random: Random, single: boolean): number {
  const value = random.once(2) ? random.pick(floats) : (random.int(2 ** 31) - 2 ** 30) / 2 ** random.int(40);
  return single ? Math.fround(value) : value;
}

/** Ends of the ranges of code points that the encodings treat in ways of their own. */
const codePoints = [0, 0x41, 0x7f, 0x80, 0xe9, 0xff, 0x100, 0x7ff, 0x800, 0xd7ff, 0xe000, 0xffff, 0x10000, 0x10ffff];

export function randomChar(random: Random): string {
  return String.fromCodePoint(random.once(2) ? random.pick(codePoints) : 0x20 + random.int(0x300));
}

export function randomString(random: Random): string {
  // No longer: the encodeInto of Node 26.10 cuts Latin-1 strings of more than 256 short, and jco then fails.
  const most = random.pick([0, 1, 2, 8, 8, 40, 200]);
  const length = most === 0 ? 0 : random.int(most + 1);
  // Some strings stay within Latin-1, which is what latin1+utf16 stores in bytes.
  const latin1 = random.once(2);
  const char = (): string => (latin1 ? String.fromCharCode(random.int(256)) : randomChar(random));
  return Array.from({ length }, char).join('');
}

const typedArrays: Readonly<Record<string, (values: never[]) => ArrayLike<unknown>>> = {
  u8: (values) => Uint8Array.from(values),
  s8: (values) => Int8Array.from(values),
  u16: (values) => Uint16Array.from(values),
  s16: (values) => Int16Array.from(values),
  u32: (values) => Uint32Array.from(values),
  s32: (values) => Int32Array.from(values),
  u64: (values) => BigUint64Array.from(values),
  s64: (values) => BigInt64Array.from(values),
  f32: (values) => Float32Array.from(values),
  f64: (values) => Float64Array.from(values),
};

function randomList(random: Random, element: ValType): unknown {
  const length = random.once(4) ? 0 : random.int(6);
  const values = Array.from({ length }, () => randomValue(random, element));
  return typedArrays[element.kind]?.(values as never[]) ?? values;
}

function randomCase(random: Random, cases: readonly Case[]): unknown {
  const { name, type } = random.pick(cases);
  return type ? { tag: name, val: randomValue(random, type) } : { tag: name };
}

function randomOption(random: Random, type: ValType): unknown {
  const some = !random.once(3);
  if (type.kind !== 'option') return some ? randomValue(random, type) : undefined;
  return some ? { tag: 'some', val: randomValue(random, type) } : { tag: 'none' };
}

export function randomValue(random: Random, type: ValType): unknown {
  const integer = integers[type.kind];
  if (integer) {
    const value = randomInteger(random, ...integer);
    return integer[0] === 64 ? value : Number(value);
  }
  switch (type.kind) {
    case 'bool':
      return random.once(2);
    case 'f32':
    case 'f64':
      return randomFloat(random, type.kind === 'f32');
    case 'char':
      return randomChar(random);
    case 'string':
      return randomString(random);
    case 'list':
      return randomList(random, type.element);
    case 'record':
      return Object.fromEntries(type.fields.map((one) => [camelCase(one.name), randomValue(random, one.type)]));
    case 'tuple':
      return type.types.map((one) => randomValue(random, one));
    case 'variant':
      return randomCase(random, type.cases);
    case 'enum':
      return random.pick(type.names);
    case 'option':
      return randomOption(random, type.type);
    case 'result':
      return randomCase(random, [
        { name: 'ok', type: type.ok },
        { name: 'err', type: type.err },
      ]);
    case 'flags':
      return Object.fromEntries(type.names.map((name) => [camelCase(name), random.once(2)]));
    default:
      throw new TypeError(`No random values of ${type.kind}`);
  }
}

/** A payload that is absent and one that is undefined are the same value: `{ tag }` and `{ tag, val: undefined }`. */
export function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  return Object.fromEntries(entries.map(([key, one]) => [key, normalized(one)]));
}
