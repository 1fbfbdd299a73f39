// Writes a small loop that counts several times over, so that one flag check serves as many turns: where a turn takes
// a nanosecond or less the check itself would cost a fifth. Loops that end on what they read are left alone: they are
// mostly short, and then copies cost more than checks.
import type { ByteSink } from './byte-sink.ts';
import { PlaceKind, type Places } from './core-module.ts';
import { Immediate, plainOpcodes } from './opcodes.ts';
import { nextInstruction } from './walk-code.ts';

/** How many bytes the copies of a body may take together, and how many copies there are at most. */
const MAXIMUM_BYTES = 512;
const MAXIMUM_COPIES = 8;

const BLOCK = 0x02;
const LOOP = 0x03;
const END = 0x0b;
const BR_IF = 0x0d;
const EMPTY = 0x40;
const I32_EQZ = 0x45;
/** Bytes of `loop` with an empty type, before the head; and of `br_if` of its head. */
const LOOP_BYTES = 2;
const BR_IF_BYTES = 2;

/** A loop `start` … `end` (where its `end` stands), straight code between `head` and `br_if 0`. */
export interface Unrollable {
  readonly start: number;
  readonly end: number;
  readonly copies: number;
}

/** Undefined when the loop at this place is not to be unrolled. */
export function unrollable(bytes: Uint8Array, places: Places, place: number): Unrollable | undefined {
  const head = places.offsets[place]!;
  const end = places.links[place]!;
  const copies = Math.min(MAXIMUM_COPIES, Math.floor(MAXIMUM_BYTES / (end - head)));
  if (end === 0 || copies < 2) return undefined;
  if (bytes[head - 2] !== LOOP || bytes[head - 1] !== EMPTY) return undefined;
  // The only place inside is the way back, the last instruction.
  if (places.kinds[place + 1] !== PlaceKind.brIf || places.offsets[place + 1] !== end - BR_IF_BYTES) return undefined;
  if (places.links[place + 1] !== place) return undefined;
  return isStraightAndCounts(bytes, head, end - BR_IF_BYTES) ? { start: head - LOOP_BYTES, end, copies } : undefined;
}

/** How many of the last instructions say whether a loop counts. */
const TAIL = 4;

function isStraightAndCounts(bytes: Uint8Array, head: number, tail: number): boolean {
  const last: number[] = [];
  for (let at = head; at < tail; at = nextInstruction(bytes, at, tail)) {
    if (!isStraight(bytes[at]!)) return false;
    last.push(bytes[at]!);
    if (last.length > TAIL) last.shift();
  }
  return counts(last);
}

/** No label in it: neither blocks nor branches. */
function isStraight(opcode: number): boolean {
  switch (plainOpcodes[opcode]) {
    case Immediate.none:
    case Immediate.leb:
    case Immediate.memarg:
    case Immediate.bytes4:
    case Immediate.bytes8:
    case Immediate.globalSet:
    case Immediate.prefixMisc:
    case Immediate.prefixSimd:
      return true;
    default:
      return false;
  }
}

const isAddition = (opcode: number | undefined): boolean =>
  opcode === 0x6a || opcode === 0x6b || opcode === 0x7c || opcode === 0x7d; // i32, i64: add, sub
const isComparison = (opcode: number | undefined): boolean =>
  opcode !== undefined && opcode >= I32_EQZ && opcode <= 0x5a; // i32, i64
const isOperand = (opcode: number | undefined): boolean => opcode === 0x20 || opcode === 0x41 || opcode === 0x42;
const LOCAL_TEE = 0x22;

/** Ends in `add`, `local.tee`, and maybe a comparison with a local, a constant or nothing more. */
function counts(last: readonly number[]): boolean {
  const rest = [...last];
  if (isComparison(rest.at(-1))) rest.pop();
  if (isOperand(rest.at(-1))) rest.pop();
  return rest.pop() === LOCAL_TEE && isAddition(rest.pop());
}

/**
 *     block $exit
 *       loop $head
 *         check
 *         body, i32.eqz, br_if $exit    ;; for each copy but the last
 *         body, br_if $head
 *       end
 *     end
 */
export function writeUnrolled(sink: ByteSink, bytes: Uint8Array, loop: Unrollable, check: Uint8Array): void {
  const head = loop.start + LOOP_BYTES;
  sink.bytesOf(BLOCK, EMPTY, LOOP, EMPTY);
  sink.copy(check);
  for (let left = loop.copies; left > 1; left--) {
    sink.copy(bytes, head, loop.end - BR_IF_BYTES);
    sink.bytesOf(I32_EQZ, BR_IF, 1);
  }
  sink.copy(bytes, head, loop.end);
  sink.bytesOf(END, END);
}
