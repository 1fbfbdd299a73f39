// Makes a component without the code of its core modules: all that decoding, validating and linking read, in some
// kilobytes. It takes components that were decoded before, and checks nothing that the decoder would find.
import { looksLikeCoreModule, PREAMBLE_LENGTH } from '../binary/preamble.ts';
import { ByteSink } from './byte-sink.ts';
import { SectionId } from './core-module.ts';
import { Cursor } from './cursor.ts';

const CORE_MODULE = 1;
const COMPONENT = 4;

export interface OutlineOptions {
  /** Whether data segments stay: they are needed where there is no image. */
  readonly keepData: boolean;
}

/** Makes the outline of `bytes`, which are a component or a core module. */
export function outlineOf(bytes: Uint8Array, options: OutlineOptions): Uint8Array<ArrayBuffer> {
  const sink = new ByteSink(Math.min(bytes.length, 1 << 20));
  writeOutline(sink, new Cursor(bytes), options);
  return sink.result();
}

function writeOutline(sink: ByteSink, cursor: Cursor, options: OutlineOptions): void {
  const { bytes, position: from, end } = cursor;
  const isModule = looksLikeCoreModule(bytes.subarray(from, end));
  sink.copy(bytes, from, from + PREAMBLE_LENGTH);
  cursor.skip(PREAMBLE_LENGTH);
  while (!cursor.done) {
    const header = cursor.position;
    const id = cursor.byte();
    const size = cursor.u32();
    const start = cursor.skip(size);
    if (isModule) {
      if (staysInModule(bytes, id, start, start + size, options)) sink.copy(bytes, header, start + size);
    } else if (id === CORE_MODULE || id === COMPONENT) {
      const section = sink.beginSection(id);
      writeOutline(sink, new Cursor(bytes, start, start + size), options);
      sink.endSized(section);
    } else {
      sink.copy(bytes, header, start + size);
    }
  }
}

function staysInModule(bytes: Uint8Array, id: number, start: number, end: number, options: OutlineOptions): boolean {
  switch (id) {
    case SectionId.custom:
      return new Cursor(bytes, start, end).name().startsWith('component-type');
    case SectionId.code:
    case SectionId.element:
      return false;
    case SectionId.data:
    case SectionId.dataCount:
      return options.keepData;
    default:
      return true;
  }
}
