// Every instruction of the tables is put between two `unreachable`, with immediates as its table says, and V8 is asked:
// it must take what the tables know, with the same length, and know nothing that they do not.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomicOpcodes, gcOpcodes, Immediate, miscOpcodes, plainOpcodes, simdOpcodes } from './opcodes.ts';
import { readCoreModule } from './read-core-module.ts';

const size = (bytes: readonly number[]): number[] => [(bytes.length & 0x7f) | 0x80, bytes.length >> 7];
const section = (id: number, ...bytes: number[]): number[] => [id, ...size(bytes), ...bytes];

/** Type 0: a function, 1: a struct, 2: an array of i32, 3: an array of references, 4 and 5: with i8; one of all else. */
function moduleOf(code: readonly number[], type: number, memory: number): Uint8Array {
  const body = [1, 1, 0x7f, 0x00, ...code, 0x00, 0x0b];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 6, 0x60, 0, 0, 0x5f, 1, 0x7f, 1, 0x5e, 0x7f, 1, 0x5e, 0x70, 1, 0x5f, 1, 0x78, 1, 0x5e, 0x78, 1),
    ...section(3, 1, 0),
    ...section(4, 1, 0x70, 0, 1),
    ...section(5, 1, memory, 1, 1),
    ...section(13, 1, 0, 0),
    ...section(6, 1, type === 0 ? 0x7f : 0x70, 1, ...(type === 0 ? [0x41, 0] : [0xd0, 0x70]), 0x0b),
    ...section(9, 2, 1, 0, 1, 0, 5, 0x70, 0),
    ...section(12, 1),
    ...section(10, 1, ...size(body), ...body),
    ...section(11, 1, 1, 1, 0),
  ]);
}

/** Immediates of a kind: `index` for those that are types, `align` in memargs, all LEB128 in two bytes when `padded`. */
function immediates(kind: number, index: number, align: number, padded: boolean): number[] | undefined {
  const leb = (value: number): number[] => (padded ? [value | 0x80, 0] : [value]);
  switch (kind) {
    case Immediate.leb:
    case Immediate.throw:
    case Immediate.refNull:
    case Immediate.call:
    case Immediate.callRef:
    case Immediate.br:
    case Immediate.brIf:
    case Immediate.brOn:
    case Immediate.globalSet:
    case Immediate.tableSet:
    case Immediate.memory:
    case Immediate.memoryGrow:
      return leb(index);
    case Immediate.leb2:
    case Immediate.callTwo:
    case Immediate.memory2:
    case Immediate.dataMemory:
      return [...leb(index), ...leb(align === 0 ? 0 : index)];
    case Immediate.memarg:
      return [...leb(align), ...leb(0)];
    case Immediate.memargLane:
      return [...leb(align), ...leb(0), 0];
    case Immediate.bytes4:
      return [0, 0, 0, 0];
    case Immediate.bytes8:
      return [0, 0, 0, 0, 0, 0, 0, 0];
    case Immediate.bytes16:
      return new Array(16).fill(0);
    case Immediate.byte:
      return [0];
    case Immediate.cast:
      return [3, ...leb(0), 0x6e, 0x71]; // (ref null any) to (ref null none)
    case Immediate.brTable:
      return [...leb(1), ...leb(0), ...leb(0)];
    case Immediate.selectTypes:
      return [...leb(1), 0x7f];
    case Immediate.none:
    case Immediate.throwRef:
      return [];
    default:
      return undefined;
  }
}

function isTaken(opcode: readonly number[], kind: number, padded = false): boolean {
  for (const index of [0, 1, 2, 3, 4, 5, 0x70, 0x6e]) {
    for (const align of [0, 1, 2, 3, 4]) {
      const after = immediates(kind, index, align, padded);
      for (const type of after === undefined ? [] : [0, 1]) {
        for (const memory of [1, 3]) {
          const bytes = moduleOf([...opcode, ...(after ?? [])], type, memory);
          if (!WebAssembly.validate(bytes)) continue;
          readCoreModule(bytes);
          return true;
        }
      }
    }
  }
  return false;
}

const structured = new Set<number>([
  Immediate.block,
  Immediate.loop,
  Immediate.end,
  Immediate.join,
  Immediate.joinTag,
  Immediate.delegate,
  Immediate.tryTable,
]);
/** br_on_* take a label that expects a reference, and are tested with blocks below; so are the legacy exceptions. */
const special = new Set([0x06, 0x09, 0xd5, 0xd6, 0xfb, 0xfc, 0xfd, 0xfe]);

test('V8 takes every plain instruction of the table, at the length that it says', () => {
  for (let opcode = 0; opcode < 256; opcode++) {
    const kind = plainOpcodes[opcode] ?? 0;
    if (kind === Immediate.invalid || structured.has(kind) || special.has(opcode)) continue;
    assert.ok(isTaken([opcode], kind), `0x${opcode.toString(16)}`);
    assert.ok(isTaken([opcode], kind, true), `0x${opcode.toString(16)} with long integers`);
  }
});

const prefixes: readonly (readonly [prefix: number, table: Uint8Array, last: number])[] = [
  [0xfb, gcOpcodes, 0x1f],
  [0xfc, miscOpcodes, 0x1f],
  [0xfd, simdOpcodes, 0x11f],
  [0xfe, atomicOpcodes, 0x4f],
];
/** Under 0xFB: br_on_cast and br_on_cast_fail, tested with blocks. Under 0xFC: V8 has these behind a flag. */
const flagged = new Map([
  [0xfb, new Set([24, 25])],
  [0xfc, new Set([18, 19, 20, 21, 22])],
]);
const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, value >> 7]);

test('V8 takes every prefixed instruction of the tables, at the length that they say', () => {
  for (const [prefix, table] of prefixes) {
    table.forEach((kind, opcode) => {
      if (kind === Immediate.invalid || flagged.get(prefix)?.has(opcode)) return;
      assert.ok(isTaken([prefix, ...leb(opcode)], kind), `${prefix.toString(16)} ${opcode}`);
    });
  }
});

test('V8 has no instruction that the tables do not know', () => {
  const kinds = [Immediate.none, Immediate.leb, Immediate.leb2, Immediate.memarg, Immediate.byte];
  const known = (table: Uint8Array, opcode: number): boolean => (table[opcode] ?? 0) !== Immediate.invalid;
  const unknown = [...Array(256).keys()].filter((opcode) => !known(plainOpcodes, opcode)).map((opcode) => [opcode]);
  for (const [prefix, table, last] of prefixes) {
    for (let opcode = 0; opcode <= last; opcode++) if (!known(table, opcode)) unknown.push([prefix, ...leb(opcode)]);
  }
  for (const opcode of unknown) {
    for (const kind of kinds) {
      const bytes = moduleOf([...opcode, ...(immediates(kind, 0, 0, false) ?? [])], 0, 1);
      assert.equal(WebAssembly.validate(bytes), false, opcode.map((byte) => byte.toString(16)).join(' '));
    }
  }
});

const sequences: readonly (readonly [what: string, code: readonly number[]])[] = [
  [
    'block, loop and if with types',
    [0x02, 0x40, 0x03, 0x7f, 0x00, 0x0b, 0x04, 0x40, 0x05, 0x0b, 0x02, 0x00, 0x0b, 0x0b],
  ],
  ['block of a typed reference', [0x02, 0x63, 0x01, 0x00, 0x0b, 0x02, 0x64, 0x6e, 0x00, 0x0b]],
  ['select of a typed reference', [0x1c, 0x01, 0x63, 0x01]],
  ['try, catch, catch_all, rethrow', [0x06, 0x40, 0x07, 0x00, 0x09, 0x00, 0x19, 0x0b]],
  ['try, delegate', [0x06, 0x40, 0x06, 0x40, 0x18, 0x00, 0x0b]],
  ['try_table', [0x02, 0x40, 0x1f, 0x40, 0x02, 0x00, 0x00, 0x00, 0x02, 0x00, 0x0b, 0x0b]],
  ['try_table with references', [0x02, 0x69, 0x1f, 0x40, 0x02, 0x01, 0x00, 0x00, 0x03, 0x00, 0x0b, 0x00, 0x0b]],
  [
    'br_on_null, br_on_non_null',
    [0x02, 0x40, 0x00, 0xd5, 0x00, 0x00, 0x0b, 0x02, 0x63, 0x01, 0x00, 0xd6, 0x00, 0x00, 0x0b],
  ],
  ['br_on_cast', [0x02, 0x63, 0x01, 0x00, 0xfb, 0x18, 0x03, 0x00, 0x6e, 0x01, 0x00, 0x0b]],
  ['br_on_cast_fail', [0x02, 0x6e, 0x00, 0xfb, 0x19, 0x03, 0x00, 0x6e, 0x01, 0x00, 0x0b]],
];
for (const [what, code] of sequences) {
  test(`blocks: ${what}`, () => {
    const bytes = moduleOf(code, 0, 1);
    new WebAssembly.Module(bytes as Uint8Array<ArrayBuffer>); // throws when V8 does not take it
    readCoreModule(bytes);
  });
}
