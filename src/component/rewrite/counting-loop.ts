// Guesses which loops count up or down, in contrast to those that end on what they read. Only costs depend on the
// answer.
import { PlaceKind, type Places } from './core-module.ts';

/** Bytes of a `br_if` of the innermost label, as compilers write it. */
export const BR_IF_BYTES = 2;

/**
 * Whether the only branch back of the innermost loop at this place is its last instruction, a `br_if`, and tests
 * something that was just counted up or down: by `add`, `local.tee`, and maybe an operand and a comparison.
 */
export function countsInTail(bytes: Uint8Array, places: Places, place: number): boolean {
  const tail = places.links[place]! - BR_IF_BYTES;
  if (places.kinds[place + 1] !== PlaceKind.brIf || places.offsets[place + 1] !== tail) return false;
  return places.links[place + 1] === place && counts(bytes, isComparison(bytes[tail - 1]) ? tail - 1 : tail);
}

/** The opcodes of i32 and i64 add and sub. */
const additions: ReadonlySet<number | undefined> = new Set([0x6a, 0x6b, 0x7c, 0x7d]);
/** The opcodes of local.get, i32.const and i64.const. */
const operands: ReadonlySet<number | undefined> = new Set([0x20, 0x41, 0x42]);
/** The most bytes of `local.get` and constants, as far as they are common. */
const MAXIMUM_OPERAND_BYTES = 6;
const LOCAL_TEE = 0x22;
const TEE_BYTES = 2;
const I32_EQZ = 0x45;
const I64_GE_U = 0x5a;

function isComparison(opcode: number | undefined): boolean {
  return opcode !== undefined && opcode >= I32_EQZ && opcode <= I64_GE_U;
}

/** Looks at the bytes before `end` backwards. Instructions cannot be told from immediates for sure this way. */
function counts(bytes: Uint8Array, end: number): boolean {
  if (isCountedAt(bytes, end)) return true;
  for (let length = 2; length <= MAXIMUM_OPERAND_BYTES; length++) {
    if (operands.has(bytes[end - length]) && isCountedAt(bytes, end - length)) return true;
  }
  return false;
}

function isCountedAt(bytes: Uint8Array, end: number): boolean {
  return bytes[end - TEE_BYTES] === LOCAL_TEE && additions.has(bytes[end - TEE_BYTES - 1]);
}
