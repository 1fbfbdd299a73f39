// The debug information of a core module: its custom sections with DWARF, or the name of its source map.
// https://yurydelendik.github.io/webassembly-dwarf/
import { SectionId } from '../../component/rewrite/core-module.ts';
import { Cursor } from '../../component/rewrite/cursor.ts';
import { readSectionRanges } from '../../component/rewrite/read-sections.ts';
import type { LineSections } from './dwarf-lines.ts';

export interface DebugInformation {
  readonly dwarf: LineSections | undefined;
  readonly mapUrl: string | undefined;
  /** Where the addresses of DWARF begin: the offset of what is in the code section. */
  readonly codeStart: number;
}

const LINES = '.debug_line';
const MAP = 'sourceMappingURL';

/** The most bytes of a file whose lines are looked up: reading it takes about a second for 64 MiB. */
const MOST_BYTES = 64 * 1024 * 1024;

/** Whether a component or a module names a section with debug information, without reading it. */
export function mayHaveDebugInformation(bytes: Uint8Array): boolean {
  if (bytes.length > MOST_BYTES) return false;
  const { buffer, byteOffset, byteLength } = bytes;
  const all = Buffer.from(buffer, byteOffset, byteLength);
  return all.includes(LINES) || all.includes(MAP);
}

export function debugInformationOf(bytes: Uint8Array): DebugInformation | undefined {
  const sections = readSectionRanges(bytes);
  const contentOf = (wanted: string): Uint8Array | undefined => {
    const section = sections.find(({ name }) => name === wanted);
    if (section === undefined) return undefined;
    const cursor = new Cursor(bytes, section.start, section.end);
    cursor.name();
    return bytes.subarray(cursor.position, section.end);
  };
  const codeStart = sections.find(({ id }) => id === SectionId.code)?.start;
  if (codeStart === undefined) return undefined;
  const lines = contentOf(LINES);
  const map = contentOf(MAP);
  if (lines === undefined && map === undefined) return undefined;
  const texts = { lineTexts: contentOf('.debug_line_str'), texts: contentOf('.debug_str') };
  return { dwarf: lines && { lines, ...texts }, mapUrl: map && nameIn(map), codeStart };
}

function nameIn(content: Uint8Array): string | undefined {
  try {
    return new Cursor(content, 0, content.length).name();
  } catch {
    return undefined; // The section is no name, so there is no map.
  }
}
