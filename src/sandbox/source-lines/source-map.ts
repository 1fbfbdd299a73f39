// Finds lines of source in a source map, version 3, of a WebAssembly module: its one line has the bytes of the module as
// columns. Nothing is kept. https://tc39.es/ecma426/
import type { SourceLine } from './dwarf-lines.ts';

const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const values = new Int8Array(128).fill(-1);
for (const [value, digit] of [...digits].entries()) values[digit.charCodeAt(0)] = value;

/** Finds the lines of offsets in the module. Gives none for what is no such map. */
export function findMappedLines(json: string, offsets: readonly number[]): Map<number, SourceLine> {
  const found = new Map<number, SourceLine>();
  const map = parsed(json);
  if (map === undefined) return found;
  const { mappings, sources, root } = map;
  const hit = (from: number, to: number, source: number, line: number): void => {
    for (const offset of offsets) {
      const file = sources[source];
      if (offset >= from && offset < to && typeof file === 'string') found.set(offset, { file: root + file, line });
    }
  };
  let [column, source, line] = [0, 0, 0];
  let previous: readonly [from: number, source: number, line: number] | undefined;
  const fields: number[] = [];
  let [value, shift] = [0, 1];
  const endSegment = (): void => {
    const [toColumn = 0, toSource = 0, toLine = 0] = fields;
    if (fields.length === 0) return;
    column += toColumn;
    if (previous) hit(previous[0], column, previous[1], previous[2]);
    source += toSource;
    line += toLine;
    previous = fields.length >= 4 ? [column, source, line + 1] : undefined;
    fields.length = 0;
  };
  for (let at = 0; at < mappings.length; at++) {
    const code = mappings.charCodeAt(at);
    const digit = code < 128 ? values[code]! : -1;
    if (digit < 0) {
      endSegment();
      if (mappings[at] === ';') break;
      continue;
    }
    value += (digit & 31) * shift;
    shift *= 32;
    if ((digit & 32) !== 0) continue;
    if (fields.length < 5) fields.push((value % 2 === 0 ? 1 : -1) * Math.floor(value / 2));
    [value, shift] = [0, 1];
  }
  endSegment();
  if (previous) hit(previous[0], Number.POSITIVE_INFINITY, previous[1], previous[2]);
  return found;
}

function parsed(json: string): { mappings: string; sources: readonly unknown[]; root: string } | undefined {
  try {
    const { version, mappings, sources, sourceRoot } = Object(JSON.parse(json)) as Record<string, unknown>;
    if (version !== 3 || typeof mappings !== 'string' || !Array.isArray(sources)) return undefined;
    const root = typeof sourceRoot === 'string' && sourceRoot !== '' ? sourceRoot.replace(/\/?$/, '/') : '';
    return { mappings, sources, root };
  } catch {
    return undefined;
  }
}
