// Sizes, memory and core values of the Component Model's types, written down once more, straight from the
// specification and without any of the code that is tested with it. CanonicalABI.md#alignment and what follows.
import { camelCase } from '../../src/component/types/case.ts';
import type { ValType } from '../../src/component/types/val-type.ts';

export type Core = 'i32' | 'i64' | 'f32' | 'f64';
export type CoreValue = number | bigint;

interface Scalar {
  readonly size: 1 | 2 | 4 | 8;
  readonly core: Core;
  /** The bits of a value, as an unsigned integer of `size` bytes. */
  bits(value: never): bigint;
}

const scratch = new DataView(new ArrayBuffer(8));

function floatBits(value: number, size: 4 | 8): bigint {
  if (size === 4) scratch.setFloat32(0, value);
  else scratch.setFloat64(0, value);
  return size === 4 ? BigInt(scratch.getUint32(0)) : scratch.getBigUint64(0);
}

const integer = (size: 1 | 2 | 4 | 8): Scalar => ({
  size,
  core: size === 8 ? 'i64' : 'i32',
  bits: (value: number | bigint) => BigInt.asUintN(size * 8, BigInt(value)),
});
const scalars: Readonly<Record<string, Scalar>> = {
  bool: { size: 1, core: 'i32', bits: (value: boolean) => (value ? 1n : 0n) },
  s8: integer(1),
  u8: integer(1),
  s16: integer(2),
  u16: integer(2),
  s32: integer(4),
  u32: integer(4),
  s64: integer(8),
  u64: integer(8),
  f32: { size: 4, core: 'f32', bits: (value: number) => floatBits(value, 4) },
  f64: { size: 8, core: 'f64', bits: (value: number) => floatBits(value, 8) },
  char: { size: 4, core: 'i32', bits: (value: string) => BigInt(value.codePointAt(0) as number) },
};

type Cases = readonly { readonly name: string; readonly type: ValType | undefined }[];

function casesOf(type: ValType): Cases | undefined {
  if (type.kind === 'variant') return type.cases;
  if (type.kind === 'enum') return type.names.map((name) => ({ name, type: undefined }));
  if (type.kind === 'option')
    return [
      { name: 'none', type: undefined },
      { name: 'some', type: type.type },
    ];
  if (type.kind !== 'result') return undefined;
  return [
    { name: 'ok', type: type.ok },
    { name: 'err', type: type.err },
  ];
}

function fieldsOf(type: ValType): readonly (readonly [key: string | number, ValType])[] | undefined {
  if (type.kind === 'record') return type.fields.map((field) => [camelCase(field.name), field.type]);
  if (type.kind === 'tuple') return type.types.map((one, index) => [index, one]);
  if (type.kind !== 'list' || type.length === undefined) return undefined;
  return Array.from({ length: type.length }, (_, index) => [index, type.element]);
}

const flagBytes = (count: number): 1 | 2 | 4 => (count > 16 ? 4 : count > 8 ? 2 : 1);
const tagBytes = (count: number): 1 | 2 | 4 => (count > 65_536 ? 4 : count > 256 ? 2 : 1);
const aligned = (at: number, to: number): number => at + ((to - (at % to)) % to);

/** `pointer`: bytes of an address. */
export function alignOf(type: ValType, pointer = 4): number {
  const cases = casesOf(type);
  if (cases) return Math.max(tagBytes(cases.length), alignOfCases(cases, pointer));
  const fields = fieldsOf(type);
  if (fields) return Math.max(1, ...fields.map(([, one]) => alignOf(one, pointer)));
  if (isPair(type)) return pointer;
  return type.kind === 'flags' ? flagBytes(type.names.length) : (scalars[type.kind]?.size ?? 4);
}

/** A string or a list: an address and a length. */
const isPair = (type: ValType): boolean =>
  type.kind === 'string' || (type.kind === 'list' && type.length === undefined);

export function sizeOf(type: ValType, pointer = 4): number {
  const cases = casesOf(type);
  if (cases) {
    const largest = Math.max(0, ...cases.map((one) => (one.type ? sizeOf(one.type, pointer) : 0)));
    return aligned(payloadAt(cases, pointer) + largest, alignOf(type, pointer));
  }
  const fields = fieldsOf(type);
  if (fields) {
    const end = fields.reduce((at, [, one]) => aligned(at, alignOf(one, pointer)) + sizeOf(one, pointer), 0);
    return aligned(end, alignOf(type, pointer));
  }
  if (isPair(type)) return 2 * pointer;
  return type.kind === 'flags' ? flagBytes(type.names.length) : (scalars[type.kind]?.size ?? 4);
}

function alignOfCases(cases: Cases, pointer: number): number {
  return Math.max(1, ...cases.map((one) => (one.type ? alignOf(one.type, pointer) : 1)));
}

function payloadAt(cases: Cases, pointer = 4): number {
  return aligned(tagBytes(cases.length), alignOfCases(cases, pointer));
}

export function coreTypesOf(type: ValType): Core[] {
  const cases = casesOf(type);
  if (cases) {
    const joined: Core[] = [];
    for (const { type: payload } of cases) {
      if (!payload) continue;
      for (const [index, core] of coreTypesOf(payload).entries()) joined[index] = join(joined[index] ?? core, core);
    }
    return ['i32', ...joined];
  }
  const fields = fieldsOf(type);
  if (fields) return fields.flatMap(([, one]) => coreTypesOf(one));
  if (type.kind === 'flags') return ['i32'];
  return scalars[type.kind] ? [scalars[type.kind]!.core] : ['i32', 'i32'];
}

function join(a: Core, b: Core): Core {
  if (a === b) return a;
  return [a, b].sort().join() === 'f32,i32' ? 'i32' : 'i64';
}

/** Which case a value is, and what it carries. */
function caseOf(type: ValType, cases: Cases, value: unknown): readonly [index: number, payload: unknown] {
  if (type.kind === 'enum') return [type.names.indexOf(value as string), undefined];
  if (type.kind === 'option' && type.type.kind !== 'option') return value === undefined ? [0, undefined] : [1, value];
  const { tag, val } = value as { tag: string; val?: unknown };
  return [cases.findIndex(({ name }) => name === tag), val];
}

function flagBits(names: readonly string[], value: Record<string, boolean>): bigint {
  return names.reduce((bits, name, index) => (value[camelCase(name)] ? bits | (1n << BigInt(index)) : bits), 0n);
}

/** A memory into which values are put; what they own lies behind one another from `free` on. Strings are UTF-8. */
export class ReferenceMemory {
  readonly bytes: Uint8Array<ArrayBuffer>;
  #free: number;

  constructor(size: number, free: number) {
    this.bytes = new Uint8Array(size);
    this.#free = free;
  }

  /** Where the allocator of the tests would put it, too. */
  allocate(align: number, size: number): number {
    const at = aligned(this.#free, align);
    this.#free = at + size;
    return at;
  }

  store(type: ValType, value: unknown, at: number): void {
    const cases = casesOf(type);
    const fields = fieldsOf(type);
    if (cases) {
      const [index, payload] = caseOf(type, cases, value);
      this.#put(at, tagBytes(cases.length), BigInt(index));
      const { type: of } = cases[index] as Cases[number];
      if (of) this.store(of, payload, at + payloadAt(cases));
    } else if (fields) {
      let offset = 0;
      for (const [key, one] of fields) {
        offset = aligned(offset, alignOf(one));
        this.store(one, (value as Record<string | number, unknown>)[key], at + offset);
        offset += sizeOf(one);
      }
    } else if (type.kind === 'flags') {
      this.#put(at, flagBytes(type.names.length), flagBits(type.names, value as Record<string, boolean>));
    } else if (scalars[type.kind]) {
      const { size, bits } = scalars[type.kind] as Scalar;
      this.#put(at, size, bits(value as never));
    } else {
      const [pointer, length] = this.#storeOwned(type, value);
      this.#put(at, 4, BigInt(pointer));
      this.#put(at + 4, 4, BigInt(length));
    }
  }

  /** What a string or list owns, and how many of it. */
  #storeOwned(type: ValType, value: unknown): readonly [pointer: number, length: number] {
    if (type.kind === 'string') {
      const bytes = Buffer.from(value as string);
      const pointer = this.allocate(1, bytes.length);
      this.bytes.set(bytes, pointer);
      return [pointer, bytes.length];
    }
    if (type.kind !== 'list') throw new TypeError(type.kind);
    const items = Array.from(value as ArrayLike<unknown>);
    const pointer = this.allocate(alignOf(type.element), items.length * sizeOf(type.element));
    for (const [index, item] of items.entries()) this.store(type.element, item, pointer + index * sizeOf(type.element));
    return [pointer, items.length];
  }

  #put(at: number, size: number, bits: bigint): void {
    for (let index = 0; index < size; index++) this.bytes[at + index] = Number((bits >> BigInt(8 * index)) & 0xffn);
  }

  /** The core values, i32 and i64 as signed integers. */
  flat(type: ValType, value: unknown): CoreValue[] {
    return this.#flatBits(type, value).map(([core, bits]) => fromBits(core, bits));
  }

  #flatBits(type: ValType, value: unknown): (readonly [Core, bigint])[] {
    const cases = casesOf(type);
    if (cases) {
      const [index, payload] = caseOf(type, cases, value);
      const { type: of } = cases[index] as Cases[number];
      const own = of ? this.#flatBits(of, payload) : [];
      const wanted = coreTypesOf(type).slice(1);
      return [['i32', BigInt(index)], ...wanted.map((core, at) => [core, own[at]?.[1] ?? 0n] as const)];
    }
    const fields = fieldsOf(type);
    if (fields)
      return fields.flatMap(([key, one]) => this.#flatBits(one, (value as Record<string | number, unknown>)[key]));
    if (type.kind === 'flags') return [['i32', flagBits(type.names, value as Record<string, boolean>)]];
    const scalar = scalars[type.kind];
    if (!scalar) return this.#storeOwned(type, value).map((one) => ['i32', BigInt(one)] as const);
    const { core, bits, size } = scalar;
    const raw = bits(value as never);
    // Narrow signed integers keep their sign in 32 bits.
    return [[core, /^s(8|16)$/.test(type.kind) ? BigInt.asUintN(32, BigInt.asIntN(size * 8, raw)) : raw]];
  }
}

function fromBits(core: Core, bits: bigint): CoreValue {
  if (core === 'i32') return Number(BigInt.asIntN(32, bits));
  if (core === 'i64') return BigInt.asIntN(64, bits);
  scratch.setBigUint64(0, core === 'f32' ? bits << 32n : bits);
  return core === 'f32' ? scratch.getFloat32(0) : scratch.getFloat64(0);
}
