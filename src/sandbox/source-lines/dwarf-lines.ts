// Finds lines of source in the line programs of DWARF 2 to 5 (`.debug_line`). For a few addresses nothing is kept: the
// programs run each time, with a budget, since their bytes are the guest's. https://dwarfstd.org/doc/DWARF5.pdf, 6.2
import { ByteReader } from './byte-reader.ts';
import { type NameSections, nameOfFile, readLineHeader } from './dwarf-line-header.ts';
import { type Row, runLineProgram } from './dwarf-line-program.ts';

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

/**
 * Finds the lines of addresses, which count from the start of what is in the code section. Throws BytesFault for what is
 * no DWARF; a unit of an unknown version is passed over.
 */
export function findDwarfLines(sections: LineSections, addresses: readonly number[]): Map<number, SourceLine> {
  const found = new Map<number, SourceLine>();
  const wanted = [...new Set(addresses)];
  const [least, most] = [Math.min(...wanted), Math.max(...wanted)];
  const reader = new ByteReader(sections.lines);
  let steps = MOST_STEPS;
  while (reader.at < reader.end && steps > 0 && found.size < wanted.length) {
    const header = readLineHeader(reader);
    if (header === undefined) continue;
    const hits = new Map<number, Row>();
    steps -= runLineProgram(sections.lines, header, steps, (row, next) => {
      if (row.address > most || next <= least) return;
      for (const address of wanted) if (address >= row.address && address < next) hits.set(address, { ...row });
    });
    for (const [address, { file, line }] of hits) {
      const name = nameOfFile(sections, header, file);
      if (name !== undefined && line > 0 && !found.has(address)) found.set(address, { file: name, line });
    }
  }
  return found;
}

/** A line with the addresses from which on and up to which it is. */
export interface LineRange extends SourceLine {
  readonly from: number;
  readonly to: number;
}

/** The most lines that are listed. */
const MOST_LINES = 2_000_000;

/** Lists the lines of all code in the order of addresses, for debuggers. Throws BytesFault. */
export function allDwarfLines(sections: LineSections): LineRange[] {
  const all: LineRange[] = [];
  const reader = new ByteReader(sections.lines);
  let steps = MOST_STEPS;
  while (reader.at < reader.end && steps > 0) {
    const header = readLineHeader(reader);
    if (header === undefined) continue;
    const names = new Map<number, string | undefined>();
    const nameOf = (file: number): string | undefined => {
      if (!names.has(file)) names.set(file, nameOfFile(sections, header, file, true));
      return names.get(file);
    };
    steps -= runLineProgram(sections.lines, header, steps, (row, to) => {
      const file = row.line > 0 && row.address < to && all.length < MOST_LINES ? nameOf(row.file) : undefined;
      if (file !== undefined) all.push({ file, line: row.line, from: row.address, to });
    });
  }
  return all.sort((a, b) => a.from - b.from);
}
