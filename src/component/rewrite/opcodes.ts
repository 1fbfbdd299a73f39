// The immediates of every instruction, as tables indexed by opcode; nothing here is about types or stacks.
// https://webassembly.github.io/spec/core/binary/instructions.html and the proposals named below.
import type { UnresettableInstruction } from './core-module.ts';

/** What follows an opcode. 0 stands for opcodes that do not exist. */
export const Immediate = {
  invalid: 0,
  none: 1,
  /** One LEB128: an index, a constant or a heap type. */
  leb: 2,
  leb2: 3,
  memarg: 4,
  bytes4: 5,
  bytes8: 6,
  bytes16: 7,
  /** A lane number. */
  byte: 8,
  memargLane: 9,
  /** br_on_cast: flags, label and two heap types. */
  cast: 10,
  // The kinds from here on occur only for opcodes without a prefix.
  block: 11,
  loop: 12,
  end: 13,
  delegate: 14,
  brTable: 15,
  selectTypes: 16,
  tryTable: 17,
  call: 18,
  callTwo: 19,
  globalSet: 20,
  tableSet: 21,
  memoryGrow: 22,
  br: 23,
  brIf: 24,
  /** br_on_null, br_on_non_null. */
  brOn: 25,
  /** An instruction where ways meet: else, catch, catch_all. `joinTag` also has a tag. */
  join: 26,
  joinTag: 27,
  prefixGc: 28,
  prefixMisc: 29,
  prefixSimd: 30,
  prefixAtomic: 31,
  /** call_ref, return_call_ref. */
  callRef: 32,
  /** One or two LEB128 that are indices of memories; or an index of data and one of a memory. */
  memory: 33,
  memory2: 34,
  dataMemory: 35,
  /** try (legacy), throw, throw_ref, ref.null. */
  tryLegacy: 36,
  throw: 37,
  throwRef: 38,
  refNull: 39,
} as const;

type Rows = readonly (readonly [first: number, last: number, kind: number])[];

function table(size: number, rows: Rows): Uint8Array {
  const kinds = new Uint8Array(size);
  for (const [first, last, kind] of rows) kinds.fill(kind, first, last + 1);
  return kinds;
}

const { none, leb, leb2, memarg, byte, call, callTwo, block } = Immediate;

/** The instructions without a prefix: those of core 3.0 and of the legacy exception handling. */
export const plainOpcodes: Uint8Array = table(256, [
  [0x00, 0x01, none], // unreachable, nop
  [0x02, 0x02, block],
  [0x03, 0x03, Immediate.loop],
  [0x04, 0x04, block], // if
  [0x05, 0x05, Immediate.join], // else
  [0x06, 0x06, Immediate.tryLegacy],
  [0x07, 0x07, Immediate.joinTag], // catch (legacy)
  [0x08, 0x08, Immediate.throw],
  [0x09, 0x09, leb], // rethrow (legacy)
  [0x0a, 0x0a, Immediate.throwRef],
  [0x0b, 0x0b, Immediate.end],
  [0x0c, 0x0c, Immediate.br],
  [0x0d, 0x0d, Immediate.brIf],
  [0x0e, 0x0e, Immediate.brTable],
  [0x0f, 0x0f, none], // return
  [0x10, 0x10, call],
  [0x11, 0x11, callTwo], // call_indirect
  [0x12, 0x12, call], // return_call
  [0x13, 0x13, callTwo], // return_call_indirect
  [0x14, 0x15, Immediate.callRef], // call_ref, return_call_ref
  [0x18, 0x18, Immediate.delegate], // legacy
  [0x19, 0x19, Immediate.join], // catch_all (legacy)
  [0x1a, 0x1b, none], // drop, select
  [0x1c, 0x1c, Immediate.selectTypes],
  [0x1f, 0x1f, Immediate.tryTable],
  [0x20, 0x23, leb], // local.get, local.set, local.tee, global.get
  [0x24, 0x24, Immediate.globalSet],
  [0x25, 0x25, leb], // table.get
  [0x26, 0x26, Immediate.tableSet],
  [0x28, 0x3e, memarg],
  [0x3f, 0x3f, Immediate.memory], // memory.size
  [0x40, 0x40, Immediate.memoryGrow],
  [0x41, 0x42, leb], // i32.const, i64.const
  [0x43, 0x43, Immediate.bytes4],
  [0x44, 0x44, Immediate.bytes8],
  [0x45, 0xc4, none], // numeric instructions, sign extension
  [0xd0, 0xd0, Immediate.refNull],
  [0xd1, 0xd1, none], // ref.is_null
  [0xd2, 0xd2, leb], // ref.func
  [0xd3, 0xd4, none], // ref.eq, ref.as_non_null
  [0xd5, 0xd6, Immediate.brOn],
  [0xfb, 0xfb, Immediate.prefixGc],
  [0xfc, 0xfc, Immediate.prefixMisc],
  [0xfd, 0xfd, Immediate.prefixSimd],
  [0xfe, 0xfe, Immediate.prefixAtomic],
]);

/** The instructions under 0xFB: garbage collection. */
export const gcOpcodes: Uint8Array = table(32, [
  [0, 1, leb], // struct.new, struct.new_default
  [2, 5, leb2], // struct.get, struct.set
  [6, 7, leb], // array.new, array.new_default
  [8, 10, leb2], // array.new_fixed, array.new_data, array.new_elem
  [11, 14, leb], // array.get, array.set
  [15, 15, none], // array.len
  [16, 16, leb], // array.fill
  [17, 19, leb2], // array.copy, array.init_data, array.init_elem
  [20, 23, leb], // ref.test, ref.cast
  [24, 25, Immediate.cast],
  [26, 30, none], // conversions, i31
]);

/** The instructions under 0xFC: saturating truncation, bulk memory, tables, memory.discard, wide arithmetic. */
export const miscOpcodes: Uint8Array = table(32, [
  [0, 7, none],
  [8, 8, Immediate.dataMemory], // memory.init
  [9, 9, leb], // data.drop
  [10, 10, Immediate.memory2], // memory.copy
  [11, 11, Immediate.memory], // memory.fill
  [12, 12, leb2], // table.init
  [13, 13, leb], // elem.drop
  [14, 14, leb2], // table.copy
  [15, 17, leb], // table.grow, table.size, table.fill
  [18, 18, Immediate.memory], // memory.discard
  [19, 22, none],
]);

/** The instructions under 0xFD: vectors, relaxed vectors. */
export const simdOpcodes: Uint8Array = table(0x120, [
  [0, 11, memarg],
  [12, 13, Immediate.bytes16], // v128.const, i8x16.shuffle
  [14, 20, none],
  [21, 34, byte], // extract_lane, replace_lane
  [35, 83, none],
  [84, 91, Immediate.memargLane],
  [92, 93, memarg],
  [94, 0x113, none],
  ...[
    0x9a, 0xa2, 0xa5, 0xa6, 0xaf, 0xb0, 0xb2, 0xb3, 0xb4, 0xbb, 0xc2, 0xc5, 0xc6, 0xcf, 0xd0, 0xd2, 0xd3, 0xd4, 0xe2,
    0xee,
  ].map((opcode) => [opcode, opcode, Immediate.invalid] as const),
]);

/** The instructions under 0xFE: threads. */
export const atomicOpcodes: Uint8Array = table(0x50, [
  [0, 2, memarg], // memory.atomic.notify, wait32, wait64
  [3, 3, byte], // atomic.fence
  [0x10, 0x4e, memarg],
]);

/** The instructions under 0xFC and 0xFB that work on whole ranges, for a time that grows with an operand. */
export const miscRangeOpcodes: ReadonlySet<number> = new Set([8, 10, 11, 12, 14, 15, 17]);
/** The instructions memory.init and memory.discard. */
export const miscComparedOpcodes: ReadonlySet<number> = new Set([8, 18]);
export const gcRangeOpcodes: ReadonlySet<number> = new Set([6, 7, 9, 10, 16, 17, 18, 19]);

/** The instructions struct.new, array.new and their variants. */
export const gcAllocationOpcodes: ReadonlySet<number> = new Set([0, 1, 6, 7, 8, 9, 10]);

/** The instructions ref.test and ref.cast, with and without null: each names a heap type. */
export const gcTestOpcodes: ReadonlySet<number> = new Set([20, 21, 22, 23]);

/** The instructions that name a data segment: memory.init, data.drop, array.new_data, array.init_data. */
export const miscDataOpcodes: ReadonlySet<number> = new Set([8, 9]);
export const gcDataOpcodes: ReadonlySet<number> = new Set([9, 18]);

/** The names, in the text format, of the instructions under 0xFC and 0xFB that change state for good. */
export const miscStateOpcodes: ReadonlyMap<number, UnresettableInstruction> = new Map([
  [9, 'data.drop'],
  [12, 'table.init'],
  [13, 'elem.drop'],
  [14, 'table.copy'],
  [15, 'table.grow'],
  [17, 'table.fill'],
  [18, 'memory.discard'],
]);
export const gcStateOpcodes: ReadonlyMap<number, UnresettableInstruction> = new Map([
  [5, 'struct.set'],
  [14, 'array.set'],
  [16, 'array.fill'],
  [17, 'array.copy'],
  [18, 'array.init'],
  [19, 'array.init'],
]);
