// What objects and exceptions take on the engine's heap, on 64-bit machines without compressed pointers. A budget must
// never be told less than the engine takes, and not much more either.
import type { CoreFuncType, CoreValType } from '../binary/ast.ts';
import { corrupt } from './cursor.ts';
import type { CoreTypeEntry, ObjectType } from './read-types.ts';

/** Bytes of the head of an object, an array's length, and what rounding adds. */
export const OBJECT_HEAD = 32;
/** Bytes of an exception itself. The engine keeps its values as small integers of 16 bits, each in a word. */
const EXCEPTION_HEAD = 256;
const WORD = 8;

/** The object type that an instruction names; `at` is where the instruction stands. */
export function objectType(
  types: readonly CoreTypeEntry[],
  index: number,
  kind: ObjectType['kind'],
  at: number,
): number {
  const type = types[index];
  if (type === undefined || 'params' in type || type.kind !== kind) throw corrupt(at, `type ${index} is no ${kind}`);
  return type.bytes;
}

export function exceptionBytes(tag: CoreFuncType | undefined): number {
  return EXCEPTION_HEAD + WORD * exceptionWords(tag);
}

/** The number of words that the values of an exception take. */
export function exceptionWords(tag: CoreFuncType | undefined): number {
  return tag?.params.reduce((sum, type) => sum + wordsOf(type), 0) ?? 0;
}

function wordsOf(type: CoreValType): number {
  if (type === 'v128') return 8;
  if (type === 'i64' || type === 'f64') return 4;
  return 2;
}
