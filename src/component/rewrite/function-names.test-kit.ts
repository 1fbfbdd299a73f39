// Reads the function names of the name section, so that tests can say which function they mean. A damaged name section is no error:
// it is custom, and names are then missing. https://webassembly.github.io/spec/core/appendix/custom.html#name-section
import type { CoreModuleInfo } from './core-module.ts';
import { Cursor } from './cursor.ts';

const FUNCTION_NAMES = 1;

/**
 * Maps function indices to names; empty when the module has none. It costs about 10 ms for 10,000 names, so call it
 * only on use.
 */
export function readFunctionNames(bytes: Uint8Array, info: CoreModuleInfo): ReadonlyMap<number, string> {
  const section = info.layout.sections.find(({ name }) => name === 'name');
  const names = new Map<number, string>();
  if (section === undefined) return names;
  try {
    const cursor = new Cursor(bytes, section.start, section.end);
    cursor.name();
    while (!cursor.done) readSubsection(cursor, names);
  } catch {
    // The section is damaged from here on; the names read so far are kept.
  }
  return names;
}

function readSubsection(cursor: Cursor, names: Map<number, string>): void {
  const id = cursor.byte();
  const size = cursor.u32();
  const start = cursor.skip(size);
  if (id !== FUNCTION_NAMES) return;
  const map = new Cursor(cursor.bytes, start, start + size);
  for (let left = map.count(2); left > 0; left--) names.set(map.u32(), map.name());
}
