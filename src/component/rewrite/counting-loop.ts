// Tells loops that count from those that end on what they read.
import { PlaceKind, type Places } from './core-module.ts';
import { nextInstruction } from './walk-code.ts';

/** `br_if` of the innermost label, as compilers write it. */
export const BR_IF_BYTES = 2;
/** How many of the last instructions say whether a loop counts. */
const TAIL = 4;

/**
 * True when the only way back of the innermost loop at this place is its last instruction, a `br_if`, and what that
 * tests was just counted up or down: `add`, `local.tee`, and maybe an operand and a comparison.
 */
export function countsInTail(bytes: Uint8Array, places: Places, place: number): boolean {
  const tail = places.links[place]! - BR_IF_BYTES;
  if (places.kinds[place + 1] !== PlaceKind.brIf || places.offsets[place + 1] !== tail) return false;
  if (places.links[place + 1] !== place) return false;
  return counts(lastOpcodes(bytes, places.offsets[place]!, tail));
}

function lastOpcodes(bytes: Uint8Array, head: number, tail: number): number[] {
  const last: number[] = [];
  for (let at = head; at < tail; at = nextInstruction(bytes, at, tail)) {
    last.push(bytes[at]!);
    if (last.length > TAIL) last.shift();
  }
  return last;
}

/** i32 and i64: add, sub. */
const additions: ReadonlySet<number | undefined> = new Set([0x6a, 0x6b, 0x7c, 0x7d]);
/** local.get, i32.const, i64.const. */
const operands: ReadonlySet<number | undefined> = new Set([0x20, 0x41, 0x42]);
const LOCAL_TEE = 0x22;
const I32_EQZ = 0x45;
const I64_GE_U = 0x5a;

function isComparison(opcode: number | undefined): boolean {
  return opcode !== undefined && opcode >= I32_EQZ && opcode <= I64_GE_U;
}

function counts(last: number[]): boolean {
  if (isComparison(last.at(-1))) last.pop();
  if (operands.has(last.at(-1))) last.pop();
  return last.pop() === LOCAL_TEE && additions.has(last.pop());
}
