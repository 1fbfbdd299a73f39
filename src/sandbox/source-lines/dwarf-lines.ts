// Finds lines of source in the line programs of DWARF 2 to 5 (`.debug_line`). Nothing is kept: the programs run each time,
// with a budget, since their bytes are the guest's. https://dwarfstd.org/doc/DWARF5.pdf, 6.2
import { ByteReader } from './byte-reader.ts';
import { type LineHeader, type NameSections, nameOfFile, readLineHeader } from './dwarf-line-header.ts';

export interface LineSections extends NameSections {
  /** `.debug_line`. */
  readonly lines: Uint8Array;
}

export interface SourceLine {
  readonly file: string;
  readonly line: number;
}

/** The most instructions that are run for one question: some 0.3 s of a slow machine. */
const MOST_STEPS = 20_000_000;

/** Addresses at which linkers put the code that they left out. */
const isDead = (address: number): boolean => address === 0 || address >= 0xffff_fffe;

interface Row {
  address: number;
  file: number;
  line: number;
}

/**
 * Finds the lines of addresses, which count from the start of what is in the code section. Throws BytesFault for what is
 * no DWARF; a unit of an unknown version is passed over.
 */
export function findDwarfLines(sections: LineSections, addresses: readonly number[]): Map<number, SourceLine> {
  const search = new Search(addresses);
  const reader = new ByteReader(sections.lines);
  while (reader.at < reader.end && !search.isOver) {
    const header = readLineHeader(reader);
    if (header === undefined) continue;
    const hits = runProgram(sections.lines, header, search);
    for (const [address, { file, line }] of hits) {
      const name = nameOfFile(sections, header, file);
      if (name !== undefined && line > 0) search.found.set(address, { file: name, line });
    }
  }
  return search.found;
}

class Search {
  readonly found = new Map<number, SourceLine>();
  readonly wanted: readonly number[];
  readonly least: number;
  readonly most: number;
  steps = 0;

  constructor(addresses: readonly number[]) {
    this.wanted = [...new Set(addresses)];
    this.least = Math.min(...this.wanted);
    this.most = Math.max(...this.wanted);
  }

  get isOver(): boolean {
    return this.steps > MOST_STEPS || this.found.size === this.wanted.length;
  }
}

const COPY = 1;
const ADVANCE_PC = 2;
const ADVANCE_LINE = 3;
const SET_FILE = 4;
const CONST_ADD_PC = 8;
const FIXED_ADVANCE_PC = 9;
const END_SEQUENCE = 1;
const SET_ADDRESS = 2;

/** Runs the program of one unit. Gives the row of each wanted address that it covers. */
function runProgram(bytes: Uint8Array, header: LineHeader, search: Search): Map<number, Row> {
  const { opcodeBase, lineBase, lineRange, operands } = header;
  const hits = new Map<number, Row>();
  const reader = new ByteReader(bytes, header.program, header.end);
  const row: Row = { address: 0, file: 1, line: 1 };
  const last: Row = { address: 0, file: 0, line: 0 };
  let isFirst = true;
  let isSkipped = false;

  const emit = (): void => {
    if (!isFirst && !isSkipped && last.address <= search.most && row.address > search.least) {
      for (const address of search.wanted) {
        if (address >= last.address && address < row.address && !hits.has(address)) hits.set(address, { ...last });
      }
    }
    isFirst = false;
    Object.assign(last, row);
  };
  const advance = (by: number): void => {
    row.address += by * header.unit;
  };
  const restart = (): void => {
    Object.assign(row, { address: 0, file: 1, line: 1 });
    isFirst = true;
    isSkipped = false;
  };
  const extended = (): void => {
    const length = reader.uleb();
    const after = reader.at + length;
    if (length === 0) return;
    const code = reader.u8();
    if (code === END_SEQUENCE) {
      emit();
      restart();
    } else if (code === SET_ADDRESS && length === 5) {
      row.address = reader.u32();
      isSkipped = isDead(row.address);
    }
    reader.skip(after - reader.at);
  };

  while (reader.at < reader.end && search.steps++ <= MOST_STEPS) {
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
  return hits;
}
