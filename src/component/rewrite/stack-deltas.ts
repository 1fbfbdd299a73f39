// The change in the height of the operand stack by instructions whose operands never vary; it may be more than the real
// one, never less. https://webassembly.github.io/spec/core/appendix/index-instructions.html

type Rows = readonly (readonly [first: number, last: number, delta: number])[];

function table(size: number, rows: Rows): Int8Array {
  const deltas = new Int8Array(size);
  for (const [first, last, delta] of rows) deltas.fill(delta, first, last + 1);
  return deltas;
}

export const plainDeltas: Int8Array = table(256, [
  [0x04, 0x04, -1], // if
  [0x0a, 0x0a, -1], // throw_ref
  [0x0d, 0x0e, -1], // br_if, br_table
  [0x1a, 0x1a, -1], // drop
  [0x1b, 0x1c, -2], // select
  [0x20, 0x20, 1], // local.get
  [0x21, 0x21, -1], // local.set
  [0x23, 0x23, 1], // global.get
  [0x24, 0x24, -1], // global.set
  [0x26, 0x26, -2], // table.set
  [0x36, 0x3e, -2], // stores
  [0x3f, 0x3f, 1], // memory.size
  [0x41, 0x44, 1], // constants
  [0x46, 0x4f, -1], // comparisons, i32 first
  [0x51, 0x66, -1],
  [0x6a, 0x78, -1], // arithmetic, i32 first
  [0x7c, 0x8a, -1],
  [0x92, 0x98, -1],
  [0xa0, 0xa6, -1],
  [0xd0, 0xd0, 1], // ref.null
  [0xd2, 0xd2, 1], // ref.func
  [0xd3, 0xd3, -1], // ref.eq
  [0xd6, 0xd6, -1], // br_on_non_null
]);

/** The instructions under 0xFB, except those that make objects of as many operands as they say. */
export const gcDeltas: Int8Array = table(32, [
  [5, 5, -2], // struct.set
  [6, 6, -1], // array.new
  [9, 13, -1], // array.new_data, array.new_elem, array.get
  [14, 14, -3], // array.set
  [16, 16, -4], // array.fill
  [17, 17, -5], // array.copy
  [18, 19, -4], // array.init_data, array.init_elem
]);

/** The instructions under 0xFC. */
export const miscDeltas: Int8Array = table(32, [
  [8, 8, -3],
  [10, 12, -3],
  [14, 14, -3],
  [15, 15, -1], // table.grow
  [16, 16, 1], // table.size
  [17, 17, -3],
  [18, 20, -2],
]);

/** The instructions under 0xFD; of arithmetic only what is the same over long ranges. */
export const simdDeltas: Int8Array = table(0x120, [
  [11, 11, -2],
  [12, 12, 1],
  [13, 14, -1],
  [35, 76, -1],
  [78, 81, -1],
  [82, 82, -2],
  [84, 87, -1],
  [88, 91, -2],
]);

/** The instructions under 0xFE. */
export const atomicDeltas: Int8Array = table(0x50, [
  [0, 0, -1],
  [1, 2, -2],
  [0x17, 0x1d, -2],
  [0x1e, 0x47, -1],
  [0x48, 0x4e, -2],
]);
