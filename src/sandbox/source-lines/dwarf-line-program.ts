// Runs the line program of one unit of `.debug_line`: a machine that writes rows of addresses, files and lines.
// https://dwarfstd.org/doc/DWARF5.pdf, 6.2.5
import { ByteReader } from './byte-reader.ts';
import type { LineHeader } from './dwarf-line-header.ts';

export interface Row {
  address: number;
  file: number;
  line: number;
}

/** Whether linkers put code that they left out at this address. */
const isDead = (address: number): boolean => address === 0 || address >= 0xffff_fffe;

const COPY = 1;
const ADVANCE_PC = 2;
const ADVANCE_LINE = 3;
const SET_FILE = 4;
const CONST_ADD_PC = 8;
const FIXED_ADVANCE_PC = 9;
const END_SEQUENCE = 1;
const SET_ADDRESS = 2;

/**
 * Runs the program for `steps` instructions at most, and returns how many it took. Calls `covers` with each row and the
 * address at which it ends; the row is only lent. Throws BytesFault.
 */
export function runLineProgram(
  bytes: Uint8Array,
  header: LineHeader,
  steps: number,
  covers: (row: Readonly<Row>, end: number) => void,
): number {
  const { opcodeBase, lineBase, lineRange, operands } = header;
  const reader = new ByteReader(bytes, header.program, header.end);
  const row: Row = { address: 0, file: 1, line: 1 };
  const last: Row = { address: 0, file: 0, line: 0 };
  let isFirst = true;
  let isSkipped = false;

  const emit = (): void => {
    if (!isFirst && !isSkipped) covers(last, row.address);
    isFirst = false;
    Object.assign(last, row);
  };
  const advance = (by: number): void => {
    row.address += by * header.unit;
  };
  const endSequence = (): void => {
    emit();
    Object.assign(row, { address: 0, file: 1, line: 1 });
    isFirst = true;
    isSkipped = false;
  };
  const extended = (): void => {
    const length = reader.uleb();
    const after = reader.at + length;
    if (length === 0) return;
    const code = reader.u8();
    if (code === END_SEQUENCE) endSequence();
    else if (code === SET_ADDRESS && length === 5) {
      row.address = reader.u32();
      isSkipped = isDead(row.address);
    }
    reader.skip(after - reader.at);
  };

  let taken = 0;
  for (; reader.at < reader.end && taken < steps; taken++) {
    const opcode = reader.u8();
    if (opcode >= opcodeBase) {
      const adjusted = opcode - opcodeBase;
      advance(Math.floor(adjusted / lineRange));
      row.line += lineBase + (adjusted % lineRange);
      emit();
    } else if (opcode === 0) extended();
    else if (opcode === COPY) emit();
    else if (opcode === ADVANCE_PC) advance(reader.uleb());
    else if (opcode === ADVANCE_LINE) row.line += reader.sleb();
    else if (opcode === SET_FILE) row.file = reader.uleb();
    else if (opcode === CONST_ADD_PC) advance(Math.floor((255 - opcodeBase) / lineRange));
    else if (opcode === FIXED_ADVANCE_PC) row.address += reader.u16();
    else for (let left = operands[opcode - 1] ?? 0; left > 0; left--) reader.uleb();
  }
  return taken;
}
