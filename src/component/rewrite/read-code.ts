// Reads the code section: where each function lies, where flag checks belong, which instructions it uses.
// https://webassembly.github.io/spec/core/binary/modules.html#code-section
import type { CodeNotes } from './code-notes.ts';
import type { CodeLayout } from './core-module.ts';
import { type Cursor, corrupt } from './cursor.ts';
import { readValType } from './read-types.ts';
import { walkExpression } from './walk-code.ts';

export const noCode: CodeLayout = {
  entries: new Uint32Array(0),
  bodies: new Uint32Array(0),
  entryChecks: new Uint32Array(0),
  siteEnds: new Uint32Array(0),
  sites: new Uint32Array(0),
};

/** `importedFunctions` is the index of the first function of the section. */
export function readCode(cursor: Cursor, importedFunctions: number, notes: CodeNotes): CodeLayout {
  const count = cursor.count(2);
  const layout = {
    entries: new Uint32Array(count),
    bodies: new Uint32Array(count),
    entryChecks: new Uint32Array(count),
    siteEnds: new Uint32Array(count),
  };
  for (let i = 0; i < count; i++) {
    layout.entries[i] = cursor.position;
    const size = cursor.u32();
    const body = cursor.skip(size);
    layout.bodies[i] = body;
    notes.functionIndex = importedFunctions + i;
    layout.entryChecks[i] = readBody(cursor, body, body + size, notes);
    layout.siteEnds[i] = notes.siteCount;
  }
  return { ...layout, sites: notes.sites.subarray(0, notes.siteCount) };
}

/**
 * Returns where the check at the entry of the function belongs, or 0 when none is needed: a function that calls nothing
 * takes part in no recursion, and its loops are checked on their own.
 */
function readBody(cursor: Cursor, start: number, end: number, notes: CodeNotes): number {
  cursor.position = start;
  for (let left = cursor.u32(); left > 0; left--) {
    if (cursor.position >= end) throw corrupt(end, 'locals run past the end of their function');
    cursor.u32();
    readLocalType(cursor);
  }
  const code = cursor.position;
  notes.calls = false;
  cursor.position = walkExpression(cursor.bytes, code, end, notes);
  if (cursor.position !== end) throw corrupt(cursor.position, 'code goes on after the end of its function');
  return notes.calls ? code : 0;
}

/** Number types are one byte from 0x7b on, and nearly all that locals have. */
function readLocalType(cursor: Cursor): void {
  if (cursor.bytes[cursor.position]! >= 0x7b) cursor.position++;
  else readValType(cursor);
}
