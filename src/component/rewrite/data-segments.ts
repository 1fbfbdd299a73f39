// The data section: its reading, and what is left of it for an instance that starts from an image.
// https://webassembly.github.io/spec/core/binary/modules.html#data-section
import type { ByteSink } from './byte-sink.ts';
import { SectionId, type SectionRange } from './core-module.ts';
import { Cursor, corrupt } from './cursor.ts';
import { skipConstant } from './read-sections.ts';

const PASSIVE = 1;
const ACTIVE_WITH_MEMORY = 2;

/** Checks structure, and that segments go to memories that the module has. */
export function readDataSegments(cursor: Cursor, memories: number): void {
  for (let left = cursor.count(2); left > 0; left--) {
    const start = cursor.position;
    const memory = passSegment(cursor);
    if (memory !== undefined && memory >= memories) throw corrupt(start, `no memory ${memory}`);
  }
}

/** Passes over a segment; returns the memory of an active one. */
function passSegment(cursor: Cursor): number | undefined {
  const start = cursor.position;
  const kind = cursor.u32();
  if (kind > ACTIVE_WITH_MEMORY) throw corrupt(start, `unknown kind ${kind} of data segment`);
  const memory = kind === ACTIVE_WITH_MEMORY ? cursor.u32() : 0;
  if (kind !== PASSIVE) skipConstant(cursor);
  cursor.skip(cursor.u32());
  return kind === PASSIVE ? undefined : memory;
}

/** Active segments become empty passive ones, which is what instantiation leaves of them. */
export function writeImageData(sink: ByteSink, bytes: Uint8Array, section: SectionRange): void {
  const cursor = new Cursor(bytes, section.start, section.end);
  const start = sink.beginSection(SectionId.data);
  const count = cursor.count(2);
  sink.u32(count);
  for (let left = count; left > 0; left--) {
    const from = cursor.position;
    if (passSegment(cursor) === undefined) sink.copy(bytes, from, cursor.position);
    else sink.bytesOf(PASSIVE, 0);
  }
  sink.endSized(start);
}
