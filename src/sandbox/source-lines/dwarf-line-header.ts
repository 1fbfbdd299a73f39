// The header of a unit of `.debug_line`, and the names of files in it. The names are read only when one is asked for.
// https://dwarfstd.org/doc/DWARF5.pdf, 6.2.4
import { ByteReader, BytesFault } from './byte-reader.ts';

export interface LineHeader {
  readonly version: number;
  /** Where the tables of names, the program and the unit's end are. */
  readonly names: number;
  readonly program: number;
  readonly end: number;
  /** Bytes of the shortest instruction. */
  readonly unit: number;
  readonly lineBase: number;
  readonly lineRange: number;
  readonly opcodeBase: number;
  /** The number of operands of each standard opcode, from 1 on. */
  readonly operands: readonly number[];
}

/** The sections in which names are. */
export interface NameSections {
  readonly lines: Uint8Array;
  /** `.debug_line_str` and `.debug_str`. */
  readonly lineTexts: Uint8Array | undefined;
  readonly texts: Uint8Array | undefined;
}

/** Reads the header of the next unit, and moves behind that unit. Undefined for one of an unknown form. */
export function readLineHeader(reader: ByteReader): LineHeader | undefined {
  const length = reader.u32();
  const start = reader.at;
  if (length >= 0xffff_fff0) throw new BytesFault('DWARF of 64 bits');
  reader.skip(length);
  const end = reader.at;
  reader.at = start;
  const header = readFields(reader, end);
  reader.at = end;
  return header;
}

function readFields(reader: ByteReader, end: number): LineHeader | undefined {
  const version = reader.u16();
  if (version < 2 || version > 5) return undefined;
  if (version === 5) reader.skip(2);
  const toProgram = reader.u32();
  const program = reader.at + toProgram;
  const unit = reader.u8();
  if (version >= 4) reader.skip(1);
  reader.skip(1);
  const lineBase = reader.i8();
  const lineRange = reader.u8();
  const opcodeBase = reader.u8();
  if (lineRange === 0 || opcodeBase === 0 || program > end) return undefined;
  const operands = Array.from({ length: opcodeBase - 1 }, () => reader.u8());
  return { version, names: reader.at, program, end, unit, lineBase, lineRange, opcodeBase, operands };
}

/**
 * The path of a file, from the folder in which the compiler ran, or as far as it is known from `/` with `isWhole`;
 * undefined when there is none of that number.
 */
export function nameOfFile(
  sections: NameSections,
  header: LineHeader,
  file: number,
  isWhole = false,
): string | undefined {
  const reader = new ByteReader(sections.lines, header.names, header.program);
  if (header.version < 5) return nameIn4(reader, file);
  const { base, path } = nameIn5(sections, reader, file) ?? {};
  if (path === undefined || !base) return path;
  if (isWhole) return joined(base, path);
  return path.startsWith(`${base}/`) ? path.slice(base.length + 1) : path;
}

function nameIn4(reader: ByteReader, file: number): string | undefined {
  const folders = [''];
  for (let folder = reader.text(); folder !== ''; folder = reader.text()) folders.push(folder);
  for (let number = 1; ; number++) {
    const name = reader.text();
    if (name === '') return undefined;
    const folder = reader.uleb();
    reader.uleb();
    reader.uleb();
    if (number === file) return joined(folders[folder] ?? '', name);
  }
}

const PATH = 1;
const DIRECTORY = 2;

interface Entry {
  readonly path: string;
  readonly folder: number;
}

function nameIn5(
  sections: NameSections,
  reader: ByteReader,
  file: number,
): { readonly base: string | undefined; readonly path: string } | undefined {
  const folders = entriesOf(sections, reader, Number.POSITIVE_INFINITY);
  const entry = entriesOf(sections, reader, file).at(file);
  if (entry === undefined) return undefined;
  return { base: folders[0]?.path, path: joined(folders[entry.folder]?.path ?? '', entry.path) };
}

/** Reads a table of names, up to the entry `last` at most. */
function entriesOf(sections: NameSections, reader: ByteReader, last: number): Entry[] {
  const formats = Array.from({ length: reader.u8() }, () => [reader.uleb(), reader.uleb()] as const);
  const count = reader.uleb();
  const entries: Entry[] = [];
  for (let index = 0; index < count && index <= last; index++) {
    let [path, folder] = ['', 0];
    if (formats.length === 0) throw new BytesFault('entries without a form');
    for (const [content, form] of formats) {
      const value = readForm(sections, reader, form);
      if (content === PATH && typeof value === 'string') path = value;
      if (content === DIRECTORY && typeof value === 'number') folder = value;
    }
    entries.push({ path, folder });
  }
  return entries;
}

/** Reads a value of one of the forms that a table of names may have; undefined for one of no interest. */
function readForm({ lineTexts, texts }: NameSections, reader: ByteReader, form: number): string | number | undefined {
  switch (form) {
    case 0x08: // DW_FORM_string
      return reader.text();
    case 0x1f: // DW_FORM_line_strp
      return textAt(lineTexts, reader.u32());
    case 0x0e: // DW_FORM_strp
      return textAt(texts, reader.u32());
    case 0x0b: // DW_FORM_data1
      return reader.u8();
    case 0x05: // DW_FORM_data2
      return reader.u16();
    case 0x06: // DW_FORM_data4
      return reader.u32();
    case 0x0f: // DW_FORM_udata
      return reader.uleb();
    case 0x07: // DW_FORM_data8
      reader.skip(8);
      return undefined;
    case 0x1e: // DW_FORM_data16
      reader.skip(16);
      return undefined;
    case 0x09: // DW_FORM_block
      reader.skip(reader.uleb());
      return undefined;
    default:
      throw new BytesFault(`a form ${form} in a table of names`);
  }
}

function textAt(section: Uint8Array | undefined, offset: number): string {
  return section === undefined ? '' : new ByteReader(section, offset).text();
}

function joined(folder: string, name: string): string {
  return folder === '' || name.startsWith('/') ? name : `${folder}/${name}`;
}
