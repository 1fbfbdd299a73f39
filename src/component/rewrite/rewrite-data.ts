// The data section of an instance that starts from an image: active segments become what instantiation leaves of them.
// https://webassembly.github.io/spec/core/binary/modules.html#data-section
import type { ByteSink } from './byte-sink.ts';
import { SectionId, type SectionRange } from './core-module.ts';
import { Cursor, corrupt } from './cursor.ts';
import { skipConstant } from './read-sections.ts';

const PASSIVE = 1;
const ACTIVE_WITH_MEMORY = 2;

export function writeImageData(sink: ByteSink, bytes: Uint8Array, section: SectionRange): void {
  const cursor = new Cursor(bytes, section.start, section.end);
  const start = sink.beginSection(SectionId.data);
  const count = cursor.count(2);
  sink.u32(count);
  for (let left = count; left > 0; left--) writeSegment(sink, cursor);
  sink.endSized(start);
}

function writeSegment(sink: ByteSink, cursor: Cursor): void {
  const start = cursor.position;
  const kind = cursor.u32();
  if (kind > ACTIVE_WITH_MEMORY) throw corrupt(start, `unknown kind ${kind} of data segment`);
  if (kind === ACTIVE_WITH_MEMORY) cursor.u32();
  if (kind !== PASSIVE) skipConstant(cursor);
  cursor.skip(cursor.u32());
  if (kind === PASSIVE) {
    sink.copy(cursor.bytes, start, cursor.position);
  } else {
    sink.byte(PASSIVE);
    sink.u32(0);
  }
}
