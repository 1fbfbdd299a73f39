// Walks over the instructions of an expression without decoding them: finds its end and notes what matters.
// Checks bounds, nesting and indices of memories; the rest is for WebAssembly.Module to validate.
import type { CodeNotes } from './code-notes.ts';
import { PlaceKind } from './core-module.ts';
import { corrupt } from './cursor.ts';
import * as op from './opcodes.ts';
import {
  isExceptionHeapType,
  isExceptionType,
  memoryOf,
  readU32,
  skipLeb,
  skipMemarg,
  skipPrefixed,
  skipValType,
  skipVector,
} from './skip-immediates.ts';

const { Immediate, plainOpcodes } = op;

/**
 * How to pass over the common instructions without a branch for each: a word per opcode, 0 for the uncommon ones. Bits
 * 0-7 are its length with immediates of one byte each. Bits 8-15 are the mask for its last byte that says that a LEB128
 * goes on. Bits 16-23 are the mask for the byte after the opcode that says that a memarg is an uncommon one.
 */
const commonSteps: ReadonlyMap<number, number> = new Map([
  [Immediate.none, 1],
  [Immediate.leb, 0x80_02],
  [Immediate.memarg, 0xc0_80_03],
]);
const nesting: ReadonlyMap<number, number> = new Map([
  [Immediate.block, 1],
  [Immediate.loop, 1],
  [Immediate.tryLegacy, 1],
  [Immediate.tryTable, 1],
  [Immediate.end, -1],
  [Immediate.delegate, -1],
]);
const stepsOf = (kinds: ReadonlyMap<number, number>): Uint32Array =>
  Uint32Array.from(plainOpcodes, (kind) => kinds.get(kind) ?? 0);
export const allSteps: Uint32Array = stepsOf(commonSteps);
/** The same words for modules without a memory. */
const memorylessSteps: Uint32Array = stepsOf(new Map([...commonSteps].filter(([kind]) => kind !== Immediate.memarg)));
/** By how much an opcode changes the depth of nesting. */
const depthChanges: Int8Array = Int8Array.from(plainOpcodes, (kind) => nesting.get(kind) ?? 0);

/**
 * Walks from `position` to the `end` that closes the expression and returns the offset after it, at most `limit`.
 * One loop, for speed: a module has millions of instructions, and it is read between a stored artifact and its first
 * response. Reads may run past `limit` inside an immediate; the next check ends the walk. Throws `component-corrupt`.
 */
export function walkExpression(bytes: Uint8Array, position: number, limit: number, notes?: CodeNotes): number {
  const steps = notes?.memories === 0 ? memorylessSteps : allSteps;
  let p = position;
  let depth = 1;
  while (depth > 0) {
    if (p >= limit) throw corrupt(limit, 'code runs past its end');
    const at = p;
    const step = steps[bytes[at]!]!;
    if (step === 0) {
      depth += depthChanges[bytes[at]!]!;
      p = walkUncommon(bytes, at, limit, notes, depth);
    } else if ((bytes[at + 1]! & (step >>> 16)) !== 0) {
      notes?.checkMemory(at, memoryOf(bytes, at + 1));
      p = skipMemarg(bytes, at + 1);
    } else {
      p += step & 0xff;
      const more = (step >>> 8) & 0x80;
      p += (bytes[p - 1]! & more) >>> 7; // two bytes are common: no branch for them
      while ((bytes[p - 1]! & more) !== 0) p++;
    }
  }
  if (p > limit) throw corrupt(limit, 'code runs past its end');
  return p;
}

/** The offset after the instruction at `at`, in code that was walked before. */
export function nextInstruction(bytes: Uint8Array, at: number, limit: number): number {
  switch (plainOpcodes[bytes[at]!]) {
    case Immediate.none:
      return at + 1;
    case Immediate.leb:
      return skipLeb(bytes, at + 1);
    case Immediate.memarg:
      return skipMemarg(bytes, at + 1);
    default:
      return walkUncommon(bytes, at, limit, undefined, 0);
  }
}

/**
 * Walks over an uncommon instruction. `at` is the offset of the opcode, `depth` the nesting after it; returns the
 * offset after its immediates.
 */
function walkUncommon(
  bytes: Uint8Array,
  at: number,
  limit: number,
  notes: CodeNotes | undefined,
  depth: number,
): number {
  const p = at + 1;
  switch (plainOpcodes[bytes[at]!]) {
    case Immediate.end:
      notes?.leaveBlock(at, depth);
      return p;
    case Immediate.block:
      notes?.enterBlock(depth);
      return passType(bytes, p, notes);
    case Immediate.br:
      notes?.addBranch(at, depth - readU32(bytes, p), PlaceKind.br);
      return skipLeb(bytes, p);
    case Immediate.brIf:
      notes?.addBranch(at, depth - readU32(bytes, p), PlaceKind.brIf);
      return skipLeb(bytes, p);
    case Immediate.call:
      notes?.addCall(readU32(bytes, p));
      return skipLeb(bytes, p);
    case Immediate.callTwo:
      notes?.addIndirectCall();
      return skipLeb(bytes, skipLeb(bytes, p));
    case Immediate.callRef:
      notes?.addIndirectCall();
      return skipLeb(bytes, p);
    case Immediate.loop: {
      const head = passType(bytes, p, notes);
      notes?.enterLoop(head, depth, head === p + 1 && bytes[p]! >= 0x40);
      return head;
    }
    case Immediate.globalSet:
      if (notes !== undefined) noteGlobalSet(notes, readU32(bytes, p));
      return skipLeb(bytes, p);
    case Immediate.bytes8:
      return p + 8;
    case Immediate.bytes4:
      return p + 4;
    case Immediate.join:
      notes?.join();
      return p;
    default:
      return walkRare(bytes, at, limit, notes, depth);
  }
}

function walkRare(bytes: Uint8Array, at: number, limit: number, notes: CodeNotes | undefined, depth: number): number {
  const p = at + 1;
  switch (plainOpcodes[bytes[at]!]) {
    case Immediate.brTable:
      return skipVector(bytes, p, limit, (_, label) => skipLabel(bytes, label, notes, depth), 1); // and the default
    case Immediate.brOn:
      return skipLabel(bytes, p, notes, depth);
    case Immediate.tryTable:
      notes?.enterBlock(depth);
      if (notes !== undefined) notes.usesExceptionReferences = true;
      return skipVector(bytes, skipValType(bytes, p), limit, (_, clause) => skipCatch(bytes, clause, notes, depth - 1));
    case Immediate.tryLegacy:
      notes?.enterBlock(depth);
      if (notes !== undefined) notes.usesLegacyExceptions = true;
      return passType(bytes, p, notes);
    case Immediate.throw:
      notes?.addAllocation(at);
      return skipLeb(bytes, p);
    case Immediate.throwRef:
      if (notes !== undefined) notes.usesExceptionReferences = true;
      return p;
    case Immediate.refNull:
      noteHeapType(bytes, p, notes);
      return skipLeb(bytes, p);
    case Immediate.delegate:
      notes?.leaveBlock(at, depth);
      return skipLeb(bytes, p);
    case Immediate.joinTag:
      notes?.join();
      return skipLeb(bytes, p);
    case Immediate.selectTypes:
      return skipVector(bytes, p, limit, (_, type) => passType(bytes, type, notes));
    case Immediate.tableSet:
      notes?.addUse('table.set');
      return skipLeb(bytes, p);
    case Immediate.memarg:
      notes?.checkMemory(at, memoryOf(bytes, p));
      return skipMemarg(bytes, p);
    case Immediate.memory:
      notes?.checkMemory(at, readU32(bytes, p));
      notes?.addSize(at);
      return skipLeb(bytes, p);
    case Immediate.memoryGrow:
      notes?.checkMemory(at, readU32(bytes, p));
      notes?.addSize(at);
      notes?.addUse('memory.grow');
      return skipLeb(bytes, p);
    default:
      return walkPrefixed(bytes, at, notes, depth);
  }
}

/** Passes over a value type or the type of a block, and notes what matters. */
function passType(bytes: Uint8Array, at: number, notes: CodeNotes | undefined): number {
  if (notes !== undefined && isExceptionType(bytes, at)) notes.usesExceptionReferences = true;
  return skipValType(bytes, at);
}

function noteHeapType(bytes: Uint8Array, at: number, notes: CodeNotes | undefined): void {
  if (notes !== undefined && isExceptionHeapType(bytes, at)) notes.usesExceptionReferences = true;
}

function skipLabel(bytes: Uint8Array, at: number, notes: CodeNotes | undefined, depth: number): number {
  notes?.addOtherBranch(depth - readU32(bytes, at));
  return skipLeb(bytes, at);
}

/** Passes over a clause of try_table: its kind, a tag for kinds 0 and 1, a label. */
function skipCatch(bytes: Uint8Array, at: number, notes: CodeNotes | undefined, depth: number): number {
  const label = bytes[at]! <= 1 ? skipLeb(bytes, at + 1) : at + 1;
  return skipLabel(bytes, label, notes, depth);
}

function walkPrefixed(bytes: Uint8Array, at: number, notes: CodeNotes | undefined, depth: number): number {
  const prefix = plainOpcodes[bytes[at]!];
  const opcode = readU32(bytes, at + 1);
  const p = skipLeb(bytes, at + 1);
  const kind = prefixedTables.get(prefix)?.[opcode];
  const next = skipPrefixed(bytes, p, kind);
  if (next < 0) throw corrupt(at, `unknown instruction ${bytes[at]!.toString(16)} ${opcode.toString(16)}`);
  if (notes === undefined) return next;
  checkMemories(bytes, at, p, kind, notes);
  if (kind === Immediate.cast) noteCast(bytes, p, notes, depth);
  if (prefix === Immediate.prefixMisc) noteMisc(notes, opcode, at);
  if (prefix === Immediate.prefixGc) {
    noteGc(notes, opcode, at);
    if (op.gcTestOpcodes.has(opcode)) noteHeapType(bytes, p, notes);
  }
  if (prefix === Immediate.prefixAtomic) {
    notes.comparesAddresses = true;
    if (opcode === 1 || opcode === 2) notes.addUse('memory.atomic.wait');
  }
  return next;
}

/** Notes a br_on_cast: its flags, label, and two heap types. */
function noteCast(bytes: Uint8Array, p: number, notes: CodeNotes, depth: number): void {
  const from = skipLabel(bytes, p + 1, notes, depth);
  noteHeapType(bytes, from, notes);
  noteHeapType(bytes, skipLeb(bytes, from), notes);
}

/** Checks that the memories which a prefixed instruction names exist. `p` is where its immediates start. */
function checkMemories(bytes: Uint8Array, at: number, p: number, kind: number | undefined, notes: CodeNotes): void {
  if (kind === Immediate.memarg || kind === Immediate.memargLane) notes.checkMemory(at, memoryOf(bytes, p));
  if (kind === Immediate.memory || kind === Immediate.memory2) notes.checkMemory(at, readU32(bytes, p));
  if (kind === Immediate.memory2 || kind === Immediate.dataMemory) {
    notes.checkMemory(at, readU32(bytes, skipLeb(bytes, p)));
  }
}

const prefixedTables: ReadonlyMap<number | undefined, Uint8Array> = new Map([
  [Immediate.prefixGc, op.gcOpcodes],
  [Immediate.prefixMisc, op.miscOpcodes],
  [Immediate.prefixSimd, op.simdOpcodes],
  [Immediate.prefixAtomic, op.atomicOpcodes],
]);

function noteMisc(notes: CodeNotes, opcode: number, at: number): void {
  if (op.miscDataOpcodes.has(opcode)) notes.usesDataSegments = true;
  if (op.miscComparedOpcodes.has(opcode)) notes.comparesAddresses = true;
  if (op.miscRangeOpcodes.has(opcode)) notes.addRange(at);
  const instruction = op.miscStateOpcodes.get(opcode);
  if (instruction !== undefined) notes.addUse(instruction);
}

function noteGc(notes: CodeNotes, opcode: number, at: number): void {
  if (op.gcDataOpcodes.has(opcode)) notes.usesDataSegments = true;
  if (op.gcRangeOpcodes.has(opcode)) notes.addRange(at);
  if (op.gcAllocationOpcodes.has(opcode)) notes.addAllocation(at);
  const instruction = op.gcStateOpcodes.get(opcode);
  if (instruction !== undefined) notes.addUse(instruction);
}

function noteGlobalSet(notes: CodeNotes, global: number): void {
  const kind = notes.globalKinds[global];
  if (kind === 1) notes.addUse('global.set of a reference');
  if (kind === 2) notes.addUse('global.set of a vector');
}
