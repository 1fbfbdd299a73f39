// Imports, exports, their names and their types. design/mvp/Binary.md#import-and-export-definitions

import type { AnySort, ExternDesc, ExternName } from './ast.ts';
import type { Reader } from './reader.ts';
import { readSort } from './sorts.ts';
import { readValTypeRef } from './val-types.ts';

const CORE_MODULE = 0x11;

export function readImport(reader: Reader): { readonly name: ExternName; readonly desc: ExternDesc } {
  return { name: readExternName(reader), desc: readExternDesc(reader) };
}

export function readExport(reader: Reader): {
  readonly name: ExternName;
  readonly sort: AnySort;
  readonly index: number;
  readonly desc: ExternDesc | undefined;
} {
  const name = readExternName(reader);
  const sort = readSort(reader);
  return { name, sort, index: reader.u32(), desc: reader.optional(readExternDesc) };
}

type Attributes = { -readonly [key in 'versionSuffix' | 'implements' | 'externalId']?: string };

/** Reads a name with its attributes (`nameattributes`); 0x00 and 0x01 mean the same. */
export function readExternName(reader: Reader): ExternName {
  const byte = reader.byte();
  if (byte > 2) reader.unknown(byte, 'the name of an import or export');
  const name = reader.name();
  const attributes: Attributes = {};
  if (byte === 2) reader.vector(() => readAttribute(reader, attributes));
  return { versionSuffix: undefined, ...attributes, name };
}

const attributeKeys = ['implements', 'versionSuffix', 'externalId'] as const;

function readAttribute(reader: Reader, into: Attributes): void {
  const start = reader.position;
  const byte = reader.byte();
  const key = attributeKeys[byte] ?? reader.unknown(byte, 'a name attribute');
  if (into[key] !== undefined) reader.fail(`Duplicate attribute "${key.toLowerCase()}"`, start);
  into[key] = reader.name();
}

function readExternDesc(reader: Reader): ExternDesc {
  const byte = reader.byte();
  switch (byte) {
    case 0x00:
      reader.expect(CORE_MODULE, 'a core import or export, which must be a module');
      return { kind: 'core-module', type: reader.u32() };
    case 0x01:
      return { kind: 'func', type: reader.u32() };
    case 0x02:
      return { kind: 'value', bound: readValueBound(reader) };
    case 0x03:
      return { kind: 'type', bound: readTypeBound(reader) };
    case 0x04:
      return { kind: 'component', type: reader.u32() };
    case 0x05:
      return { kind: 'instance', type: reader.u32() };
    default:
      return reader.unknown(byte, 'the type of an import or export');
  }
}

function readValueBound(reader: Reader): (ExternDesc & { kind: 'value' })['bound'] {
  if (reader.flag('a value bound')) return { kind: 'type', type: readValTypeRef(reader) };
  return { kind: 'eq', value: reader.u32() };
}

function readTypeBound(reader: Reader): (ExternDesc & { kind: 'type' })['bound'] {
  if (reader.flag('a type bound')) return { kind: 'sub-resource' };
  return { kind: 'eq', type: reader.u32() };
}
