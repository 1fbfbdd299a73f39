// The tables against the validator of V8: what an instruction takes and gives is found by trying types on it.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { atomicDeltas, gcDeltas, miscDeltas, plainDeltas, simdDeltas } from './stack-deltas.ts';

type Bytes = readonly number[];

const I32 = 0x7f;
/** i32, i64, f32, f64, v128, funcref. */
const valueTypes = [I32, 0x7e, 0x7d, 0x7c, 0x7b, 0x70];
const UNREACHABLE = 0x00;
const DROP = 0x1a;
const NOP = 0x01;

const leb = (value: number): number[] => (value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...leb(value >>> 7)]);
const section = (id: number, bytes: Bytes): number[] => [id, ...leb(bytes.length), ...bytes];

/** Types 0 and 1 of the module: a struct of an i32, and an array of them. */
const STRUCT = [0x5f, 1, I32, 1];
const ARRAY = [0x5e, I32, 1];

/** Whether a function with these parameters and this body, which leaves nothing, is valid. */
function isValid(params: readonly (number | Bytes)[], body: Bytes): boolean {
  const code = [1, 1, I32, ...body, 0x0b]; // a local of i32
  return WebAssembly.validate(
    Uint8Array.from([
      ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
      ...section(1, [3, ...STRUCT, ...ARRAY, 0x60, params.length, ...params.flat(), 0]),
      ...section(3, [1, 2]),
      ...section(4, [1, 0x70, 0, 1]), // a table of funcref
      ...section(5, [1, 1, 1, 1]), // a memory
      ...section(6, [1, I32, 1, 0x41, 0, 0x0b]), // a global of i32
      ...section(9, [1, 1, 0, 1, 0]), // a passive element segment
      ...section(12, [1]),
      ...section(10, [1, ...leb(code.length), ...code]),
      ...section(11, [1, 1, 0]), // a passive data segment
    ]),
  );
}

/** The first immediates that some instruction has: indices, alignments, types. Others may be any bytes: `nop` here. */
const immediates: Bytes[] = [[], [0], [0, 0], [2], [3], [4], [1, I32], [0x70]];
/** More than an instruction has for immediates. */
const padding = Array.from({ length: 24 }, () => NOP);

const operandLists: Bytes[][] = [[[]]];
for (let count = 1; count <= 3; count++) {
  operandLists.push(operandLists[count - 1]!.flatMap((list) => valueTypes.map((type) => [...list, type])));
}

/** What V8 says that the instruction does to the height of the stack; undefined for one that it does not know. */
function deltaOf(opcode: Bytes): number | undefined {
  for (const immediate of immediates) {
    const instruction = [...opcode, ...immediate];
    for (const results of [0, 1]) {
      const drops = [...padding, ...Array.from({ length: results }, () => DROP)];
      // Below what is never reached there are operands of all types.
      if (!isValid([], [UNREACHABLE, ...instruction, ...drops])) continue;
      for (const operands of operandLists.flat()) {
        const gets = operands.flatMap((_, index) => [0x20, index]);
        if (isValid(operands, [...gets, ...instruction, ...drops])) return results - operands.length;
      }
    }
  }
  return undefined;
}

const deltasOf = (opcodes: readonly number[], prefix: Bytes): Map<number, number> =>
  new Map(
    opcodes.flatMap((opcode) => {
      const delta = deltaOf([...prefix, ...leb(opcode)]);
      return delta === undefined ? [] : [[opcode, delta] as const];
    }),
  );

const range = (first: number, last: number): number[] => Array.from({ length: last - first + 1 }, (_, i) => first + i);

function same(table: Int8Array, found: ReadonlyMap<number, number>, least: number): void {
  assert.ok(found.size >= least, `V8 knows only ${found.size}`);
  const wrong = [...found].filter(([opcode, delta]) => table[opcode] !== delta);
  assert.deepEqual(wrong, [], wrong.map(([opcode, delta]) => `0x${opcode.toString(16)}: ${delta}`).join());
}

test('plain instructions: loads, stores, constants, comparisons, arithmetic, conversions, globals, tables', () => {
  // `br_if` and `br_table` leave the function here, `select` wants a type of its own for some operands.
  const opcodes = [
    0x0d,
    DROP,
    0x20,
    0x21,
    0x22,
    0x1b,
    0x1c,
    0x23,
    0x24,
    0x25,
    0x26,
    ...range(0x28, 0x44),
    ...range(0x45, 0xc4),
    0xd1,
  ];
  same(plainDeltas, deltasOf(opcodes, []), 160);
});

test('instructions on memories and tables, and saturating conversions', () => {
  same(miscDeltas, deltasOf(range(0, 17), [0xfc]), 18);
});

test('atomic instructions', () => {
  same(atomicDeltas, deltasOf([0, 1, 2, 3, ...range(0x10, 0x4e)], [0xfe]), 60);
});

test('vectors: exact up to 0x5b but for lanes, and never less than the real one', () => {
  const found = deltasOf(range(0, 0xff), [0xfd]);
  const isExact = (opcode: number): boolean => opcode <= 0x5b && !(opcode >= 0x15 && opcode <= 0x22);
  same(simdDeltas, new Map([...found].filter(([opcode]) => isExact(opcode))), 76);
  const others = [...found].filter(([opcode]) => !isExact(opcode));
  assert.ok(others.length > 130);
  assert.deepEqual(
    others.filter(([opcode, delta]) => simdDeltas[opcode]! < delta),
    [],
  );
});

test('structs and arrays, whose operands are said here and checked by V8', () => {
  const [struct, array] = [
    [0x63, 0],
    [0x63, 1],
  ];
  const table: readonly (readonly [
    name: string,
    opcode: number,
    immediates: Bytes,
    operands: readonly (number | Bytes)[],
    results: number,
  ])[] = [
    ['struct.get', 2, [0, 0], [struct!], 1],
    ['struct.set', 5, [0, 0], [struct!, I32], 0],
    ['array.new', 6, [1], [I32, I32], 1],
    ['array.new_default', 7, [1], [I32], 1],
    ['array.new_data', 9, [1, 0], [I32, I32], 1],
    ['array.get', 11, [1], [array!, I32], 1],
    ['array.set', 14, [1], [array!, I32, I32], 0],
    ['array.len', 15, [], [array!], 1],
    ['array.fill', 16, [1], [array!, I32, I32, I32], 0],
    ['array.copy', 17, [1, 1], [array!, I32, array!, I32, I32], 0],
    ['array.init_data', 18, [1, 0], [array!, I32, I32, I32], 0],
    ['ref.i31', 28, [], [I32], 1],
  ];
  for (const [name, opcode, immediate, operands, results] of table) {
    const gets = operands.flatMap((_, index) => [0x20, index]);
    const drops = Array.from({ length: results }, () => DROP);
    assert.ok(isValid(operands, [...gets, 0xfb, opcode, ...immediate, ...drops]), name);
    assert.equal(gcDeltas[opcode], results - operands.length, name);
  }
});

test('what begins or ends a block takes no operand, apart from the condition of `if`', () => {
  const found = [0x02, 0x03, 0x04, 0x05, 0x0b].map((opcode) => plainDeltas[opcode]);
  assert.deepEqual(found, [0, 0, -1, 0, 0]);
});
