// Skips constant expressions of core modules. https://webassembly.github.io/spec/core/binary/instructions.html

import type { Reader } from './reader.ts';

const END = 0x0b;
const I32_BYTES = 5;
const I64_BYTES = 10;
const GC_PREFIX = 0xfb;
const VECTOR_PREFIX = 0xfd;
const V128_CONST = 12;
const V128_BYTES = 16;

/** Reads up to and including `end`. Fails for an instruction that no constant expression may contain. */
export function skipConstExpr(reader: Reader): void {
  for (let opcode = reader.byte(); opcode !== END; opcode = reader.byte()) skipInstruction(reader, opcode);
}

function skipInstruction(reader: Reader, opcode: number): unknown {
  switch (opcode) {
    case 0x23: // global.get
    case 0x41: // i32.const
    case 0xd0: // ref.null
    case 0xd2: // ref.func
      return reader.skipLeb(I32_BYTES);
    case 0x42: // i64.const
      return reader.skipLeb(I64_BYTES);
    case 0x43: // f32.const
      return reader.take(4);
    case 0x44: // f64.const
      return reader.take(8);
    case 0x6a: // i32.add, sub, mul
    case 0x6b:
    case 0x6c:
    case 0x7c: // i64.add, sub, mul
    case 0x7d:
    case 0x7e:
      return undefined;
    case GC_PREFIX:
      return skipGcInstruction(reader, reader.u32());
    case VECTOR_PREFIX:
      if (reader.u32() !== V128_CONST) reader.fail('Constant expression required');
      return reader.take(V128_BYTES);
    default:
      return reader.fail(`Constant expression required, found opcode 0x${opcode.toString(16)}`);
  }
}

function skipGcInstruction(reader: Reader, opcode: number): void {
  // struct.new, struct.new_default, array.new, array.new_default, array.new_fixed
  if (opcode === 0 || opcode === 1 || (opcode >= 6 && opcode <= 8)) reader.skipLeb(I32_BYTES);
  else if (opcode !== 26 && opcode !== 27 && opcode !== 28) reader.fail('Constant expression required');
  if (opcode === 8) reader.skipLeb(I32_BYTES); // array.new_fixed has a length, too
}
