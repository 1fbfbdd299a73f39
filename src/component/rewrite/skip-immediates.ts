// Passes over immediates that have parts. Reads are unchecked: each stops by itself soon after the end of the bytes,
// and the walk in walk-code.ts finds that out. https://webassembly.github.io/spec/core/binary/instructions.html
import { Immediate } from './opcodes.ts';

/** Bit 6 of a memarg's alignment, which says that the index of a memory follows. */
const MEMORY_INDEX = 0x40;
/** The bytes of `(ref null ht)` and `(ref ht)`, which a heap type follows. */
const REF_NULL = 0x63;
const REF = 0x64;

export function skipLeb(bytes: Uint8Array, position: number): number {
  let p = position;
  while (bytes[p++]! >= 0x80);
  return p;
}

/** The value of an unsigned LEB128 of at most 32 bits. */
export function readU32(bytes: Uint8Array, position: number): number {
  let p = position;
  let value = 0;
  for (let shift = 0; shift < 35; shift += 7) {
    const byte = bytes[p++]!;
    value += (byte & 0x7f) * 2 ** shift;
    if (byte < 0x80) break;
  }
  return value;
}

/** Passes over a value type, or the type of a block: both are a LEB128 except for typed references. */
export function skipValType(bytes: Uint8Array, position: number): number {
  const first = bytes[position]!;
  const p = skipLeb(bytes, position);
  return first === REF || first === REF_NULL ? skipLeb(bytes, p) : p;
}

/** The bytes of `exn` and `noexn`, as heap types and as short value types. */
const EXN = 0x69;
const NOEXN = 0x74;

/** Whether the value type, or type of a block, at `position` is a reference to an exception. */
export function isExceptionType(bytes: Uint8Array, position: number): boolean {
  const first = bytes[position];
  if (first === REF || first === REF_NULL) return isExceptionHeapType(bytes, position + 1);
  return first === EXN || first === NOEXN;
}

/**
 * Whether the heap type is a reference to an exception. It is a LEB128 that may be longer than it need be: `0xe9 0x7f`
 * is `exn`, too.
 */
export function isExceptionHeapType(bytes: Uint8Array, position: number): boolean {
  let p = position;
  while (bytes[p]! >= 0x80) p++;
  const first = bytes[position]! & 0x7f;
  if (first !== EXN && first !== NOEXN) return false;
  for (let at = position + 1; at < p; at++) if (bytes[at] !== 0xff) return false;
  return p === position || bytes[p] === 0x7f;
}

export function skipMemarg(bytes: Uint8Array, position: number): number {
  const alignment = bytes[position]!;
  let p = skipLeb(bytes, position);
  if ((alignment & MEMORY_INDEX) !== 0) p = skipLeb(bytes, p);
  return skipLeb(bytes, p);
}

/** The memory that a memarg names. */
export function memoryOf(bytes: Uint8Array, memarg: number): number {
  return (bytes[memarg]! & MEMORY_INDEX) === 0 ? 0 : readU32(bytes, skipLeb(bytes, memarg));
}

/** Passes over a count, that many elements, and `more` further ones; stops early at `limit`. */
export function skipVector(
  bytes: Uint8Array,
  position: number,
  limit: number,
  skipElement: (bytes: Uint8Array, position: number) => number,
  more = 0,
): number {
  let p = skipLeb(bytes, position);
  for (let left = readU32(bytes, position) + more; left > 0 && p <= limit; left--) p = skipElement(bytes, p);
  return p;
}

/** Passes over what stands after a prefixed opcode; gives -1 for one that does not exist. */
export function skipPrefixed(bytes: Uint8Array, position: number, kind: number | undefined): number {
  switch (kind) {
    case Immediate.none:
      return position;
    case Immediate.leb:
    case Immediate.memory:
      return skipLeb(bytes, position);
    case Immediate.leb2:
    case Immediate.memory2:
    case Immediate.dataMemory:
      return skipLeb(bytes, skipLeb(bytes, position));
    case Immediate.memarg:
      return skipMemarg(bytes, position);
    case Immediate.memargLane:
      return skipMemarg(bytes, position) + 1;
    case Immediate.byte:
      return position + 1;
    case Immediate.bytes16:
      return position + 16;
    case Immediate.cast:
      return skipLeb(bytes, skipLeb(bytes, skipLeb(bytes, position + 1)));
    default:
      return -1;
  }
}
