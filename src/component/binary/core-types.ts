// Core types as components define and import them: functions, modules, and (uninterpreted) types of the GC proposal.
// design/mvp/Binary.md#type-definitions; https://webassembly.github.io/spec/core/binary/types.html

import type { CoreExternDesc, CoreFuncType, CoreLimits, CoreModuleType, CoreType, CoreValType } from './ast.ts';
import type { Reader } from './reader.ts';
import { coreTypeAt, enterScope, outerCoreType, type Scope } from './scope.ts';

const simple: Readonly<Record<number, CoreValType>> = {
  127: 'i32',
  126: 'i64',
  125: 'f32',
  124: 'f64',
  123: 'v128',
  112: 'funcref',
  111: 'externref',
};
const REF_NULL = 0x63;
const REF = 0x64;
/** The first abstract heap type as a shorthand for its nullable reference; they go from exn (0x69) to noexn (0x74). */
const FIRST_HEAP_TYPE = 0x69;
const LAST_HEAP_TYPE = 0x74;
/** Bytes of a heap type, a signed LEB128 of 33 bits. */
const HEAP_TYPE_BYTES = 5;

export function readCoreValType(reader: Reader): CoreValType {
  const start = reader.position;
  const byte = reader.byte();
  const known = simple[byte];
  if (known) return known;
  if (byte === REF_NULL) return readNullableRef(reader, start);
  if (byte === REF) reader.skipLeb(HEAP_TYPE_BYTES);
  else if (byte < FIRST_HEAP_TYPE || byte > LAST_HEAP_TYPE) reader.unknown(byte, 'a core value type');
  return { ref: reader.since(start) };
}

/** Reads a nullable reference; `(ref null func)` is the long form of `funcref`. */
function readNullableRef(reader: Reader, start: number): CoreValType {
  const shorthand = simple[reader.peek() ?? 0];
  reader.skipLeb(HEAP_TYPE_BYTES);
  return shorthand === 'funcref' || shorthand === 'externref' ? shorthand : { ref: reader.since(start) };
}

function readCoreFuncType(reader: Reader): CoreFuncType {
  return { params: reader.vector(readCoreValType), results: reader.vector(readCoreValType) };
}

const HAS_MAX = 1;
const SHARED = 2;
const IS_64 = 4;
const HAS_PAGE_SIZE = 8;

export function readCoreLimits(reader: Reader): CoreLimits {
  const flags = reader.byte();
  if (flags > 0x0f) reader.unknown(flags, 'limits');
  const is64 = (flags & IS_64) !== 0;
  const bound = (): bigint => (is64 ? reader.u64() : BigInt(reader.u32()));
  const min = bound();
  const max = flags & HAS_MAX ? bound() : undefined;
  const pageSizeLog2 = flags & HAS_PAGE_SIZE ? reader.u32() : undefined;
  return { min, max, shared: (flags & SHARED) !== 0, is64, pageSizeLog2 };
}

export function readCoreTable(reader: Reader): CoreExternDesc {
  return { kind: 'table', element: readCoreValType(reader), limits: readCoreLimits(reader) };
}

export function readCoreGlobal(reader: Reader): CoreExternDesc & { kind: 'global' } {
  return { kind: 'global', type: readCoreValType(reader), mutable: reader.flag('the mutability of a global') };
}

/** Reads the type of an import or export. `funcType` looks an index up in the types of the module or module type. */
export function readCoreExternDesc(reader: Reader, funcType: (index: number) => CoreFuncType): CoreExternDesc {
  const byte = reader.byte();
  switch (byte) {
    case 0x00:
      return { kind: 'func', type: funcType(reader.u32()) };
    case 0x01:
      return readCoreTable(reader);
    case 0x02:
      return { kind: 'memory', limits: readCoreLimits(reader) };
    case 0x03:
      return readCoreGlobal(reader);
    case 0x04:
      reader.expect(0x00, 'the attribute of a tag');
      return { kind: 'tag', type: funcType(reader.u32()) };
    default:
      return reader.unknown(byte, 'a core import or export');
  }
}

const FUNC = 0x60;
const MODULE = 0x50;
const REC = 0x4e;

/** Reads one `core:deftype` and adds what it defines to `scope`: one type, or all of a recursion group. */
export function readCoreTypes(reader: Reader, scope: Scope): CoreType[] {
  const types = readDefinition(reader, scope);
  scope.coreTypes.push(...types);
  return types;
}

function readDefinition(reader: Reader, scope: Scope): CoreType[] {
  const byte = reader.peek();
  if (byte === MODULE) {
    reader.byte();
    return [{ kind: 'module', type: readModuleType(reader, scope) }];
  }
  if (byte === 0x00) reader.byte(); // sets `sub` apart from `module`, which share an opcode here
  return readCoreRecType(reader);
}

/** Reads a recursion group, or a single type; the type section of a core module consists of these, too. */
export function readCoreRecType(reader: Reader): CoreType[] {
  if (reader.peek() !== REC) return [readSubType(reader)];
  reader.byte();
  return reader.vector(readSubType);
}

function readSubType(reader: Reader): CoreType {
  const start = reader.position;
  const byte = reader.byte();
  if (byte === FUNC) return { kind: 'func', type: readCoreFuncType(reader) };
  if (byte === 0x50 || byte === 0x4f) {
    reader.vector((item) => item.u32());
    const inner = readSubType(reader);
    if (inner.kind === 'func') return inner;
  } else if (byte === 0x5f) reader.vector(skipField);
  else if (byte === 0x5e) skipField(reader);
  else if (byte === 0x5d) reader.skipLeb(HEAP_TYPE_BYTES);
  else reader.unknown(byte, 'a core type');
  return { kind: 'other', bytes: reader.since(start) };
}

/** Passes over a storage type (a value type, i8 or i16) and its mutability. */
function skipField(reader: Reader): void {
  const byte = reader.peek();
  if (byte === 0x78 || byte === 0x77) reader.byte();
  else readCoreValType(reader);
  reader.flag('the mutability of a field');
}

function readModuleType(reader: Reader, outer: Scope): CoreModuleType {
  const scope = enterScope(outer);
  const imports: CoreModuleType['imports'][number][] = [];
  const exports: CoreModuleType['exports'][number][] = [];
  const funcType = (index: number): CoreFuncType => {
    const type = coreTypeAt(reader, scope, index);
    return type.kind === 'func' ? type.type : reader.fail(`Core type ${index} is not a function type`);
  };
  reader.vector(() => {
    const byte = reader.byte();
    if (byte === 0x00) {
      imports.push({ module: reader.name(), name: reader.name(), desc: readCoreExternDesc(reader, funcType) });
    } else if (byte === 0x01) readInnerTypes(reader, scope);
    else if (byte === 0x02) readCoreAlias(reader, scope);
    else if (byte === 0x03) exports.push({ name: reader.name(), desc: readCoreExternDesc(reader, funcType) });
    else reader.unknown(byte, 'a declaration of a module type');
  });
  return { imports, exports };
}

function readInnerTypes(reader: Reader, scope: Scope): void {
  if (reader.peek() === MODULE) reader.fail('A module type cannot contain a module type');
  readCoreTypes(reader, scope);
}

function readCoreAlias(reader: Reader, scope: Scope): void {
  reader.expect(0x10, 'a core alias, which must be of a type');
  reader.expect(0x01, 'a core alias, which must be outer');
  const type = outerCoreType(reader, scope, reader.u32(), reader.u32());
  if (type.kind === 'module') reader.fail('A module type cannot contain a module type');
  scope.coreTypes.push(type);
}
