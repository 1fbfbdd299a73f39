// Walks over the instructions of an expression without decoding them: finds its end and notes what matters.
// Checks bounds and nesting, not types: WebAssembly.Module validates.
import type { CodeNotes } from './code-notes.ts';
import { corrupt } from './cursor.ts';
import * as op from './opcodes.ts';
import { readU32, skipCatch, skipLeb, skipMemarg, skipPrefixed, skipValType, skipVector } from './skip-immediates.ts';

const { Immediate, plainOpcodes } = op;

/**
 * How the common instructions are passed without a branch each: a word per opcode, 0 for the others.
 * Bits 0-7: its length with immediates of one byte each. 8-15: mask of its last byte that says that a LEB128 goes on.
 * 16-23: mask of the byte after the opcode that says that a memarg is an uncommon one. 24: it is `end`. 25: it calls.
 */
const commonSteps: ReadonlyMap<number, number> = new Map([
  [Immediate.none, 1],
  [Immediate.leb, 0x80_02],
  [Immediate.memarg, 0xc0_80_03],
  [Immediate.end, 0x01_00_00_01],
  [Immediate.call, 0x02_00_80_02],
]);
const nesting: ReadonlyMap<number, number> = new Map([
  [Immediate.block, 1],
  [Immediate.loop, 1],
  [Immediate.tryTable, 1],
  [Immediate.delegate, -1],
]);
const steps: Uint32Array = Uint32Array.from(plainOpcodes, (kind) => commonSteps.get(kind) ?? 0);
const depthChanges: Int8Array = Int8Array.from(plainOpcodes, (kind) => nesting.get(kind) ?? 0);

/**
 * Walks from `position` to the `end` that closes the expression and returns the offset after it, at most `limit`.
 * One loop, for speed: a module has millions of instructions, and it is read between a stored artifact and its first
 * response. Reads may run past `limit` inside an immediate; the next check ends the walk. Throws `component-corrupt`.
 */
export function walkExpression(bytes: Uint8Array, position: number, limit: number, notes: CodeNotes): number {
  let p = position;
  let depth = 1;
  let calls = 0;
  while (depth > 0) {
    if (p >= limit) throw corrupt(limit, 'code runs past its end');
    const at = p;
    const step = steps[bytes[at]!]!;
    if (step === 0) {
      depth += depthChanges[bytes[at]!]!;
      p = walkUncommon(bytes, at, limit, notes);
      continue;
    }
    if ((bytes[at + 1]! & (step >>> 16) & 0xff) !== 0) {
      p = skipMemarg(bytes, at + 1);
      continue;
    }
    p += step & 0xff;
    const more = (step >>> 8) & 0x80;
    p += (bytes[p - 1]! & more) >>> 7; // two bytes are common: no branch for them
    while ((bytes[p - 1]! & more) !== 0) p++;
    depth -= (step >>> 24) & 1;
    calls |= step >>> 25;
  }
  if (p > limit) throw corrupt(limit, 'code runs past its end');
  if (calls !== 0) notes.calls = true;
  return p;
}

/** The other instructions. `at` is the offset of the opcode; returns the one after the immediates. */
function walkUncommon(bytes: Uint8Array, at: number, limit: number, notes: CodeNotes): number {
  const p = at + 1;
  switch (plainOpcodes[bytes[at]!]) {
    case Immediate.block:
      return skipValType(bytes, p);
    case Immediate.loop: {
      const head = skipValType(bytes, p);
      notes.addSite(head);
      return head;
    }
    case Immediate.tryTable:
      return skipVector(bytes, skipValType(bytes, p), limit, skipCatch);
    case Immediate.delegate:
      return skipLeb(bytes, p);
    case Immediate.bytes4:
      return p + 4;
    case Immediate.bytes8:
      return p + 8;
    case Immediate.globalSet:
      noteGlobalSet(notes, readU32(bytes, p));
      return skipLeb(bytes, p);
    case Immediate.callTwo:
      notes.calls = true;
      return skipLeb(bytes, skipLeb(bytes, p));
    case Immediate.brTable:
      return skipVector(bytes, p, limit, skipLeb, 1); // one more: the default label
    case Immediate.selectTypes:
      return skipVector(bytes, p, limit, skipValType);
    case Immediate.tableSet:
      notes.addUse('table.set');
      return skipLeb(bytes, p);
    case Immediate.memoryGrow:
      notes.addUse('memory.grow');
      return skipLeb(bytes, p);
    default:
      return walkPrefixed(bytes, at, notes);
  }
}

function walkPrefixed(bytes: Uint8Array, at: number, notes: CodeNotes): number {
  const opcode = readU32(bytes, at + 1);
  const kind = noteAndClassify(bytes[at]!, opcode, at, notes);
  const next = skipPrefixed(bytes, skipLeb(bytes, at + 1), kind);
  if (next < 0) throw corrupt(at, `unknown instruction ${bytes[at]!.toString(16)} ${opcode.toString(16)}`);
  return next;
}

/** Notes what a prefixed instruction does, and returns which immediates it has. */
function noteAndClassify(prefix: number, opcode: number, at: number, notes: CodeNotes): number | undefined {
  switch (plainOpcodes[prefix]) {
    case Immediate.prefixSimd:
      return op.simdOpcodes[opcode];
    case Immediate.prefixMisc: {
      if (op.miscRangeOpcodes.has(opcode)) notes.addSite(at);
      const instruction = op.miscStateOpcodes.get(opcode);
      if (instruction !== undefined) notes.addUse(instruction);
      return op.miscOpcodes[opcode];
    }
    case Immediate.prefixGc: {
      if (op.gcRangeOpcodes.has(opcode)) notes.addSite(at);
      const instruction = op.gcStateOpcodes.get(opcode);
      if (instruction !== undefined) notes.addUse(instruction);
      return op.gcOpcodes[opcode];
    }
    case Immediate.prefixAtomic:
      if (opcode === 1 || opcode === 2) notes.addUse('memory.atomic.wait');
      return op.atomicOpcodes[opcode];
    default:
      return Immediate.invalid;
  }
}

function noteGlobalSet(notes: CodeNotes, global: number): void {
  const kind = notes.globalKinds[global];
  if (kind === 1) notes.addUse('global.set of a reference');
  if (kind === 2) notes.addUse('global.set of a vector');
}
