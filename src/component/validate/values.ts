// The bytes of value definitions. design/mvp/Binary.md#value-definitions

import { Reader } from '../binary/reader.ts';
import type { Val } from './model.ts';

const QUIET_NAN_32 = 0x7fc00000;
const QUIET_NAN_64 = 0x7ff8000000000000n;

/** Checks the bytes of a value. Errors: component-corrupt. `offset` is where the definition starts in `file`. */
export function checkValue(type: Val, bytes: Uint8Array, file: string, offset: number): void {
  const reader = Reader.over(bytes, file, 'a value', offset);
  readValue(reader, type);
  reader.finish();
}

function readValue(reader: Reader, type: Val): unknown {
  const { shape } = type;
  const optional = (payload: Val | undefined): unknown => payload && readValue(reader, payload);
  switch (shape.kind) {
    case 'primitive':
      return readPrimitive(reader, shape.primitive);
    case 'record':
      return shape.fields.forEach((field) => void readValue(reader, field.type));
    case 'tuple':
      return shape.types.forEach((one) => void readValue(reader, one));
    case 'list':
      return readList(reader, shape.length, () => readValue(reader, shape.element));
    case 'map':
      return readList(reader, undefined, () => [shape.key, shape.value].forEach((one) => void readValue(reader, one)));
    case 'flags':
      reader.take(Math.ceil(shape.names.length / 8));
      return;
    case 'enum':
      readCase(reader, shape.names.length);
      return;
    case 'variant':
      return optional(shape.cases[readCase(reader, shape.cases.length)]!.type);
    case 'option':
      return reader.flag('an option') ? readValue(reader, shape.type) : undefined;
    case 'result':
      return optional(reader.flag('a result') ? shape.err : shape.ok);
    default:
      reader.fail(`There are no values of type ${shape.kind}`);
  }
}

function readList(reader: Reader, length: number | undefined, element: () => void): void {
  if (length === undefined) reader.vector(element);
  else for (let index = 0; index < length; index++) element(); // each reads a byte at least, so the bytes end this
}

function readCase(reader: Reader, cases: number): number {
  const start = reader.position;
  const index = reader.u32();
  return index < cases ? index : reader.fail(`There is no case ${index}`, start);
}

function readPrimitive(reader: Reader, primitive: string): unknown {
  const start = reader.position;
  switch (primitive) {
    case 'bool':
      reader.flag('a bool');
      return;
    case 'u8':
    case 's8':
      reader.byte();
      return;
    case 'u16':
      if (reader.u32() > 0xffff) reader.fail('Integer too large', start);
      return;
    case 'u32':
      reader.u32();
      return;
    case 'u64':
      reader.u64();
      return;
    case 's16':
      return reader.skipLeb(3);
    case 's32':
      return reader.skipLeb(5);
    case 's64':
      return reader.skipLeb(10);
    case 'f32':
      return checkFloat32(reader, view(reader.take(4)).getUint32(0, true), start);
    case 'f64':
      return checkFloat64(reader, view(reader.take(8)).getBigUint64(0, true), start);
    case 'char':
      return readChar(reader);
    case 'string':
      reader.name();
      return;
    default:
      reader.fail(`There are no values of type ${primitive}`);
  }
}

function view(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function checkFloat32(reader: Reader, bits: number, start: number): void {
  const nan = (bits & 0x7fffffff) > 0x7f800000;
  if (nan && bits !== QUIET_NAN_32) reader.fail('NaN that is not canonical', start);
}

function checkFloat64(reader: Reader, bits: bigint, start: number): void {
  const nan = (bits & 0x7fffffffffffffffn) > 0x7ff0000000000000n;
  if (nan && bits !== QUIET_NAN_64) reader.fail('NaN that is not canonical', start);
}

/** Reads one UTF-8 sequence; its first byte says how long it is. */
function readChar(reader: Reader): void {
  const start = reader.position;
  const first = reader.byte();
  const more = first < 0x80 ? 0 : first < 0xe0 ? 1 : first < 0xf0 ? 2 : 3;
  reader.take(more);
  try {
    new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(reader.since(start));
  } catch {
    reader.fail('Malformed UTF-8 encoding', start);
  }
}
