// Reads the data section, and writes what is left of it for an instance that starts from an image.
// https://webassembly.github.io/spec/core/binary/modules.html#data-section
import type { ByteSink } from './byte-sink.ts';
import { SectionId, type SectionRange } from './core-module.ts';
import { Cursor, corrupt } from './cursor.ts';
import { skipConstant } from './read-sections.ts';

const PASSIVE = 1;
const ACTIVE_WITH_MEMORY = 2;

/** Checks the structure of the section, and that segments go to memories that the module has. */
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

export interface ActiveSegment {
  readonly memory: number;
  /** The address in the memory to which the segment goes, or the imported global (by its index) that holds it. */
  readonly offset: number | { readonly global: number };
  /** The offset of the segment's bytes in the module. */
  readonly start: number;
  readonly end: number;
}

const I32_CONST = 0x41;
const GLOBAL_GET = 0x23;
const END = 0x0b;

/** The active segments in their order. Undefined when an offset is more than a constant or a global. */
export function activeSegments(bytes: Uint8Array, section: SectionRange): readonly ActiveSegment[] | undefined {
  const cursor = new Cursor(bytes, section.start, section.end);
  const segments: ActiveSegment[] = [];
  for (let left = cursor.count(2); left > 0; left--) {
    const kind = cursor.u32();
    const memory = kind === ACTIVE_WITH_MEMORY ? cursor.u32() : 0;
    const offset = kind === PASSIVE ? undefined : readOffset(cursor);
    if (kind !== PASSIVE && offset === undefined) return undefined;
    const length = cursor.u32();
    const start = cursor.skip(length);
    if (offset !== undefined) segments.push({ memory, offset, start, end: start + length });
  }
  return segments;
}

function readOffset(cursor: Cursor): ActiveSegment['offset'] | undefined {
  const opcode = cursor.byte();
  const offset = opcode === I32_CONST ? readI32(cursor) : opcode === GLOBAL_GET ? { global: cursor.u32() } : undefined;
  return offset !== undefined && cursor.byte() === END ? offset : undefined;
}

/** Reads a signed LEB128 of 32 bits as the unsigned number that an address is. */
function readI32(cursor: Cursor): number {
  let value = 0;
  for (let shift = 0; ; shift += 7) {
    const byte = cursor.byte();
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) !== 0) continue;
    const filled = shift + 7;
    return ((byte & 0x40) !== 0 && filled < 32 ? value | (-1 << filled) : value) >>> 0;
  }
}

/** Writes the section with active segments as empty passive ones, which is what instantiation leaves of them. */
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
