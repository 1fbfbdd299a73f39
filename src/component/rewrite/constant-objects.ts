// Counts the objects that constant expressions make: the initial values of globals and tables, and the elements of
// segments. They are made anew for each instance.
// https://webassembly.github.io/spec/core/valid/instructions.html#constant-expressions
import { MayflyError } from '../../errors.ts';
import { SectionId, type SectionRange } from './core-module.ts';
import { Cursor, corrupt } from './cursor.ts';
import { OBJECT_HEAD, objectType } from './object-costs.ts';
import { type CoreTypeEntry, isFuncType, readLimits, readMutability, readValType } from './read-types.ts';
import { readU32, skipLeb } from './skip-immediates.ts';
import { nextInstruction } from './walk-code.ts';

const END = 0x0b;
const I32_CONST = 0x41;
const GC_PREFIX = 0xfb;
const STRUCT_NEW_DEFAULT = 1;
const ARRAY_NEW = 6;
const ARRAY_NEW_DEFAULT = 7;
const ARRAY_NEW_FIXED = 8;

/** The most bytes that these objects take. Throws `component-unsupported` for an array whose length is computed. */
export function constantObjectBytes(
  bytes: Uint8Array,
  sections: readonly SectionRange[],
  types: readonly CoreTypeEntry[],
): number {
  // A module without a struct or an array among its types can make no object.
  if (types.every(isFuncType)) return 0;
  let sum = 0;
  for (const { id, start, end } of sections) {
    const reader = readers.get(id);
    if (reader) sum += reader(new Cursor(bytes, start, end), types);
  }
  return sum;
}

type ReadSection = (cursor: Cursor, types: readonly CoreTypeEntry[]) => number;

const readers: ReadonlyMap<number, ReadSection> = new Map([
  [SectionId.global, eachEntry(3, globalBytes)],
  [SectionId.table, eachEntry(2, tableBytes)],
  [SectionId.element, eachEntry(2, segmentBytes)],
]);

function eachEntry(leastBytes: number, read: ReadSection): ReadSection {
  return (cursor, types) => {
    let sum = 0;
    for (let left = cursor.count(leastBytes); left > 0; left--) sum += read(cursor, types);
    return sum;
  };
}

function globalBytes(cursor: Cursor, types: readonly CoreTypeEntry[]): number {
  readValType(cursor);
  readMutability(cursor);
  return expressionBytes(cursor, types);
}

const TABLE_WITH_INITIALISER = 0x40;

function tableBytes(cursor: Cursor, types: readonly CoreTypeEntry[]): number {
  const initialised = cursor.bytes[cursor.position] === TABLE_WITH_INITIALISER;
  if (initialised) cursor.skip(2);
  readValType(cursor);
  readLimits(cursor);
  return initialised ? expressionBytes(cursor, types) : 0;
}

/** The bits of a segment's kind. https://webassembly.github.io/spec/core/binary/modules.html#element-section */
const IS_PASSIVE = 1;
const HAS_TABLE = 2;
const HAS_EXPRESSIONS = 4;

function segmentBytes(cursor: Cursor, types: readonly CoreTypeEntry[]): number {
  const start = cursor.position;
  const kind = cursor.u32();
  if (kind > 7) throw corrupt(start, `unknown kind ${kind} of element segment`);
  const isActive = (kind & IS_PASSIVE) === 0;
  if (isActive && (kind & HAS_TABLE) !== 0) cursor.u32();
  let sum = isActive ? expressionBytes(cursor, types) : 0;
  const hasExpressions = (kind & HAS_EXPRESSIONS) !== 0;
  if ((kind & (IS_PASSIVE | HAS_TABLE)) !== 0) {
    if (hasExpressions) readValType(cursor);
    else cursor.byte();
  }
  for (let left = cursor.count(1); left > 0; left--) {
    if (hasExpressions) sum += expressionBytes(cursor, types);
    else cursor.u32();
  }
  return sum;
}

/** Counts the bytes of one constant expression, and passes over it. */
function expressionBytes(cursor: Cursor, types: readonly CoreTypeEntry[]): number {
  const { bytes, end } = cursor;
  let sum = 0;
  let constant: number | undefined;
  let at = cursor.position;
  while (at < end && bytes[at] !== END) {
    if (bytes[at] === GC_PREFIX) sum += objectBytes(bytes, at, types, constant);
    constant = bytes[at] === I32_CONST ? readI32(bytes, at + 1) : undefined;
    at = nextInstruction(bytes, at, end);
  }
  if (at >= end) throw corrupt(end, 'a constant expression runs past its end');
  cursor.position = at + 1;
  return sum;
}

/**
 * Bytes of the object that an instruction makes. `before` is what the instruction right before pushed, when that was a
 * constant.
 */
function objectBytes(
  bytes: Uint8Array,
  at: number,
  types: readonly CoreTypeEntry[],
  before: number | undefined,
): number {
  const opcode = readU32(bytes, at + 1);
  const typeAt = skipLeb(bytes, at + 1);
  if (opcode > ARRAY_NEW_FIXED || (opcode > STRUCT_NEW_DEFAULT && opcode < ARRAY_NEW)) return 0;
  const type = readU32(bytes, typeAt);
  if (opcode <= STRUCT_NEW_DEFAULT) return OBJECT_HEAD + objectType(types, type, 'struct', at);
  const element = objectType(types, type, 'array', at);
  const isCounted = opcode === ARRAY_NEW || opcode === ARRAY_NEW_DEFAULT;
  const length = isCounted ? before : readU32(bytes, skipLeb(bytes, typeAt));
  if (length !== undefined) return OBJECT_HEAD + length * element;
  throw new MayflyError('component-unsupported', 'A constant expression makes an array whose length is computed', {
    hint: 'Mayfly has to know beforehand how much memory an instance takes',
  });
}

/** Reads a signed LEB128 of 32 bits as the unsigned number that a length is. */
function readI32(bytes: Uint8Array, position: number): number {
  let value = 0;
  let shift = 0;
  let p = position;
  for (; ; shift += 7) {
    const byte = bytes[p++] ?? 0;
    value |= (byte & 0x7f) << shift;
    if (byte >= 0x80 && shift < 28) continue;
    const filled = shift + 7;
    return ((byte & 0x40) !== 0 && filled < 32 ? value | (-1 << filled) : value) >>> 0;
  }
}
