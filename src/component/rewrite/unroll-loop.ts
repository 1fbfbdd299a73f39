// Writes a small counting loop several times over, so that one check serves as many turns: where a turn takes a
// nanosecond or less, the check itself would cost a fifth. Loops that end on what they read are left alone: they are
// mostly short, and then copies cost more than checks.
import type { ByteSink } from './byte-sink.ts';
import type { Places } from './core-module.ts';
import { BR_IF_BYTES, countsInTail } from './counting-loop.ts';
import { Immediate, plainOpcodes } from './opcodes.ts';
import { nextInstruction } from './walk-code.ts';

/**
 * The number of copies. More serve no purpose; larger bodies make V8 run out of registers, and a check costs less in
 * them.
 */
const COPIES = 8;
const MAXIMUM_BODY_BYTES = 128;

const BLOCK = 0x02;
const LOOP = 0x03;
const END = 0x0b;
const BR_IF = 0x0d;
const EMPTY = 0x40;
const I32_EQZ = 0x45;
/** Bytes of the instruction `loop` with an empty type, before the loop's head. */
const LOOP_BYTES = 2;

/** A loop from `start` to `end` (where its `end` stands), with straight code between its head and `br_if 0`. */
export interface Unrollable {
  readonly start: number;
  readonly end: number;
}

/** The loop at this place; undefined when it is not to be unrolled. */
export function unrollable(bytes: Uint8Array, places: Places, place: number): Unrollable | undefined {
  const head = places.offsets[place]!;
  const end = places.links[place]!;
  if (end === 0 || end - head > MAXIMUM_BODY_BYTES) return undefined;
  if (bytes[head - 2] !== LOOP || bytes[head - 1] !== EMPTY) return undefined;
  if (!countsInTail(bytes, places, place) || !isStraight(bytes, head, end - BR_IF_BYTES)) return undefined;
  return { start: head - LOOP_BYTES, end };
}

function isStraight(bytes: Uint8Array, head: number, tail: number): boolean {
  for (let at = head; at < tail; at = nextInstruction(bytes, at, tail)) {
    if (!isPlain(bytes[at]!)) return false;
  }
  return true;
}

/** Whether the instruction has no label: it is neither a block nor a branch. */
function isPlain(opcode: number): boolean {
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
  for (let left = COPIES; left > 1; left--) {
    sink.copy(bytes, head, loop.end - BR_IF_BYTES);
    sink.bytesOf(I32_EQZ, BR_IF, 1);
  }
  sink.copy(bytes, head, loop.end);
  sink.bytesOf(END, END);
}
