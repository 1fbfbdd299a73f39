// Reads types: value types, limits, and the type section with its recursive groups.
// https://webassembly.github.io/spec/core/binary/types.html; struct and array types are passed over.
import type { CoreFuncType, CoreLimits, CoreValType } from '../binary/ast.ts';
import { type Cursor, corrupt } from './cursor.ts';

const numberTypes: ReadonlyMap<number, CoreValType> = new Map<number, CoreValType>([
  [0x7f, 'i32'],
  [0x7e, 'i64'],
  [0x7d, 'f32'],
  [0x7c, 'f64'],
  [0x7b, 'v128'],
  [0x70, 'funcref'],
  [0x6f, 'externref'],
]);
/** The first of the abstract heap types as nullable references, from `(ref null exn)` to `(ref null nocont)`. */
const FIRST_SHORT_REF = 0x68;
const LAST_SHORT_REF = 0x75;
const REF_NULL = 0x63;
const REF = 0x64;

export function readValType(cursor: Cursor): CoreValType {
  const start = cursor.position;
  const code = cursor.byte();
  const simple = numberTypes.get(code);
  if (simple !== undefined) return simple;
  if (code === REF || code === REF_NULL) cursor.skipLeb(5);
  else if (code < FIRST_SHORT_REF || code > LAST_SHORT_REF) throw corrupt(start, `unknown type 0x${code.toString(16)}`);
  return { ref: cursor.bytes.slice(start, cursor.position) };
}

const LIMITS_MAX = 1;
const LIMITS_SHARED = 2;
const LIMITS_64 = 4;
const LIMITS_PAGE_SIZE = 8;

export function readLimits(cursor: Cursor): CoreLimits {
  const start = cursor.position;
  const flags = cursor.byte();
  if (flags > 0x0f) throw corrupt(start, `unknown limits 0x${flags.toString(16)}`);
  const is64 = (flags & LIMITS_64) !== 0;
  const read = (): bigint => (is64 ? cursor.u64() : BigInt(cursor.u32()));
  return {
    min: read(),
    max: (flags & LIMITS_MAX) !== 0 ? read() : undefined,
    shared: (flags & LIMITS_SHARED) !== 0,
    is64,
    pageSizeLog2: (flags & LIMITS_PAGE_SIZE) !== 0 ? cursor.u32() : undefined,
  };
}

export function readMutability(cursor: Cursor): boolean {
  const start = cursor.position;
  const flag = cursor.byte();
  if (flag > 1) throw corrupt(start, `unknown mutability 0x${flag.toString(16)}`);
  return flag === 1;
}

/** A struct or an array: the bytes of all fields of the struct, or of one element of the array. */
export interface ObjectType {
  readonly kind: 'struct' | 'array';
  readonly bytes: number;
  /** The number of fields; 1 for an array. */
  readonly fields: number;
}

export type CoreTypeEntry = CoreFuncType | ObjectType;

export function isFuncType(type: CoreTypeEntry | undefined): type is CoreFuncType {
  return type !== undefined && 'params' in type;
}

/** Reads the type section: one entry per type index. */
export function readTypeSection(cursor: Cursor): readonly CoreTypeEntry[] {
  const types: CoreTypeEntry[] = [];
  for (let left = cursor.count(1); left > 0; left--) readRecType(cursor, types);
  return types;
}

const REC = 0x4e;
const SUB = 0x50;
const SUB_FINAL = 0x4f;
const FUNC = 0x60;
const STRUCT = 0x5f;
const ARRAY = 0x5e;

function readRecType(cursor: Cursor, types: CoreTypeEntry[]): void {
  if (cursor.bytes[cursor.position] !== REC) {
    types.push(readSubType(cursor));
    return;
  }
  cursor.byte();
  for (let left = cursor.count(1); left > 0; left--) types.push(readSubType(cursor));
}

function readSubType(cursor: Cursor): CoreTypeEntry {
  let code = cursor.byte();
  if (code === SUB || code === SUB_FINAL) {
    for (let left = cursor.count(1); left > 0; left--) cursor.u32();
    code = cursor.byte();
  }
  if (code === FUNC) return { params: readValTypes(cursor), results: readValTypes(cursor) };
  if (code === STRUCT) {
    let bytes = 0;
    const fields = cursor.count(2);
    for (let left = fields; left > 0; left--) bytes += Math.max(WORD, fieldBytes(cursor));
    return { kind: 'struct', bytes, fields };
  }
  if (code !== ARRAY) throw corrupt(cursor.position - 1, `unknown type 0x${code.toString(16)}`);
  return { kind: 'array', bytes: fieldBytes(cursor), fields: 1 };
}

function readValTypes(cursor: Cursor): readonly CoreValType[] {
  return Array.from({ length: cursor.count(1) }, () => readValType(cursor));
}

const I8 = 0x78;
const I16 = 0x77;

/** Bytes of a reference, which are also the most that fields are aligned to, except vectors. */
const WORD = 8;

/** The number of bytes of a value in an object. */
function fieldBytes(cursor: Cursor): number {
  const code = cursor.bytes[cursor.position];
  let bytes = code === I8 ? 1 : 2;
  if (code === I8 || code === I16) cursor.byte();
  else bytes = bytesOf(readValType(cursor));
  readMutability(cursor);
  return bytes;
}

function bytesOf(type: CoreValType): number {
  if (type === 'v128') return 2 * WORD;
  return type === 'i32' || type === 'f32' ? 4 : WORD;
}
