// Reads the code section: where each function lies, where it loops, what it calls, which instructions it uses.
// https://webassembly.github.io/spec/core/binary/modules.html#code-section
import type { CodeNotes } from './code-notes.ts';
import type { CompileEffort } from './compile-effort.ts';
import type { CodeLayout } from './core-module.ts';
import { type Cursor, corrupt } from './cursor.ts';
import { readValType } from './read-types.ts';
import { isExceptionType } from './skip-immediates.ts';
import { walkExpression } from './walk-code.ts';

const noWords = new Uint32Array(0);
const noBytes = new Uint8Array(0);
export const noCode: CodeLayout = {
  entries: noWords,
  bodies: noWords,
  instructions: noWords,
  callsOut: noBytes,
  callees: noWords,
  calleeEnds: noWords,
  places: { offsets: noWords, kinds: noBytes, links: noWords, callees: noWords },
  placeEnds: noWords,
  usesDataSegments: false,
  comparesAddresses: false,
};

/** `importedFunctions` is the index of the first function of the section. */
export function readCode(
  cursor: Cursor,
  importedFunctions: number,
  notes: CodeNotes,
  effort: CompileEffort,
): CodeLayout {
  const count = cursor.count(2);
  const words = (): Uint32Array => new Uint32Array(count);
  const [entries, bodies, instructions, calleeEnds, placeEnds] = [words(), words(), words(), words(), words()];
  const callsOut = new Uint8Array(count);
  for (let i = 0; i < count; i++) {
    entries[i] = cursor.position;
    const size = cursor.u32();
    const body = cursor.skip(size);
    bodies[i] = body;
    notes.enterFunction(importedFunctions + i);
    const locals = readLocals(cursor, body, body + size, notes);
    const code = cursor.position;
    instructions[i] = code;
    cursor.position = walkExpression(cursor.bytes, code, body + size, notes);
    if (cursor.position !== body + size) throw corrupt(cursor.position, 'code goes on after the end of its function');
    effort.add({ index: importedFunctions + i, start: code, end: body + size, locals }, notes.controlPlaces);
    callsOut[i] = Number(notes.callsOut);
    calleeEnds[i] = notes.callees.length;
    placeEnds[i] = notes.offsets.length;
  }
  return {
    entries,
    bodies,
    instructions,
    callsOut,
    callees: notes.callees.view(),
    calleeEnds,
    places: {
      offsets: notes.offsets.view(),
      kinds: notes.kinds.view(),
      links: notes.links.view(),
      callees: notes.placeCallees.view(),
    },
    placeEnds,
    usesDataSegments: notes.usesDataSegments,
    comparesAddresses: notes.comparesAddresses,
  };
}

/** Reads the declarations of locals and returns the number of locals. */
function readLocals(cursor: Cursor, start: number, end: number, notes: CodeNotes): number {
  cursor.position = start;
  let locals = 0;
  for (let left = cursor.u32(); left > 0; left--) {
    if (cursor.position >= end) throw corrupt(end, 'locals run past the end of their function');
    locals += cursor.u32();
    if (isExceptionType(cursor.bytes, cursor.position)) notes.usesExceptionReferences = true;
    readLocalType(cursor);
  }
  return locals;
}

/** Reads the type of a local. Number types, which nearly all locals have, are one byte from 0x7b on. */
function readLocalType(cursor: Cursor): void {
  if (cursor.bytes[cursor.position]! >= 0x7b) cursor.position++;
  else readValType(cursor);
}
