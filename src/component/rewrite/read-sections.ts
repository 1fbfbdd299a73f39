// Reads the sections that fill the index spaces of a core module, and finds where every section lies.
// https://webassembly.github.io/spec/core/binary/modules.html; code is read by read-code.ts.
import type { CoreFuncType, CoreLimits, CoreValType } from '../binary/ast.ts';
import {
  type CoreExport,
  type CoreGlobal,
  type CoreImport,
  type CoreKind,
  type CoreMemory,
  type CoreTable,
  SectionId,
  type SectionRange,
  sectionOrder,
} from './core-module.ts';
import { Cursor, corrupt } from './cursor.ts';
import { type CoreTypeEntry, isFuncType, readLimits, readMutability, readValType } from './read-types.ts';
import { walkExpression } from './walk-code.ts';

/** The index spaces while they fill. */
export interface IndexSpaces {
  types: readonly CoreTypeEntry[];
  readonly imports: CoreImport[];
  readonly exports: CoreExport[];
  readonly funcTypes: CoreFuncType[];
  readonly tables: CoreTable[];
  readonly memories: CoreMemory[];
  readonly globals: CoreGlobal[];
  readonly tags: CoreFuncType[];
}

const PREAMBLE = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];

/** Finds where each section lies; checks the preamble, the order, and that no section stands twice. */
export function readSectionRanges(bytes: Uint8Array): readonly SectionRange[] {
  if (PREAMBLE.some((byte, at) => bytes[at] !== byte)) throw corrupt(0, 'this is no core module of version 1');
  const cursor = new Cursor(bytes, PREAMBLE.length);
  const sections: SectionRange[] = [];
  let last = -1;
  while (!cursor.done) {
    const header = cursor.position;
    const id = cursor.byte();
    const size = cursor.u32();
    const start = cursor.skip(size);
    const end = start + size;
    const name = id === SectionId.custom ? new Cursor(bytes, start, end).name() : undefined;
    if (id !== SectionId.custom) {
      const rank = sectionOrder.indexOf(id);
      if (rank < 0) throw corrupt(header, `unknown section ${id}`);
      if (rank <= last) throw corrupt(header, `section ${id} stands twice or out of order`);
      last = rank;
    }
    sections.push({ id, header, start, end, name });
  }
  return sections;
}

function funcType(cursor: Cursor, types: IndexSpaces['types']): CoreFuncType {
  const start = cursor.position;
  const index = cursor.u32();
  const type = types[index];
  if (!isFuncType(type)) throw corrupt(start, `type ${index} is no function type`);
  return type;
}

const kinds: readonly CoreKind[] = ['func', 'table', 'memory', 'global', 'tag'];

function readKind(cursor: Cursor): CoreKind {
  const start = cursor.position;
  const code = cursor.byte();
  const kind = kinds[code];
  if (kind === undefined) throw corrupt(start, `unknown kind 0x${code.toString(16)} of import or export`);
  return kind;
}

export function readImports(cursor: Cursor, spaces: IndexSpaces): void {
  for (let left = cursor.count(4); left > 0; left--) {
    const entry = readImport(cursor, spaces);
    spaces.imports.push(entry);
    addImport(entry, spaces);
  }
}

function readImport(cursor: Cursor, spaces: IndexSpaces): CoreImport {
  const names = { module: cursor.name(), name: cursor.name() };
  const kind = readKind(cursor);
  switch (kind) {
    case 'func':
      return { ...names, kind, type: funcType(cursor, spaces.types) };
    case 'table':
      return { ...names, kind, element: readValType(cursor), limits: readLimits(cursor) };
    case 'memory':
      return { ...names, kind, limits: readLimits(cursor) };
    case 'global':
      return { ...names, kind, type: readValType(cursor), mutable: readMutability(cursor) };
    case 'tag':
      return { ...names, kind, type: readTag(cursor, spaces) };
  }
}

function addImport(entry: CoreImport, spaces: IndexSpaces): void {
  const imported = true;
  if (entry.kind === 'func') spaces.funcTypes.push(entry.type);
  if (entry.kind === 'table') spaces.tables.push({ imported, element: entry.element, ...entry.limits });
  if (entry.kind === 'memory') spaces.memories.push({ imported, ...entry.limits });
  if (entry.kind === 'global') spaces.globals.push({ imported, type: entry.type, mutable: entry.mutable });
  if (entry.kind === 'tag') spaces.tags.push(entry.type);
}

function readTag(cursor: Cursor, spaces: IndexSpaces): CoreFuncType {
  const start = cursor.position;
  if (cursor.byte() !== 0) throw corrupt(start, 'unknown attribute of a tag');
  return funcType(cursor, spaces.types);
}

/**
 * Reads the functions. One loop reads what is common, a type index of one byte: there are thousands, and this runs
 * before it is optimised.
 */
export function readFunctions(cursor: Cursor, { funcTypes, types }: IndexSpaces): void {
  const { bytes, end } = cursor;
  for (let left = cursor.count(1); left > 0; left--) {
    const type = cursor.position < end && bytes[cursor.position]! < 0x80 ? types[bytes[cursor.position]!] : undefined;
    if (!isFuncType(type)) {
      funcTypes.push(funcType(cursor, types));
    } else {
      funcTypes.push(type);
      cursor.position++;
    }
  }
}

/** A defined table as it stands in its section: what comes before its limits, the limits, and what comes after. */
export interface TableEntry {
  readonly element: CoreValType;
  readonly limits: CoreLimits;
  readonly limitsStart: number;
  readonly limitsEnd: number;
}

const TABLE_WITH_INITIALISER = 0x40;

export function readTable(cursor: Cursor): TableEntry {
  const initialised = cursor.bytes[cursor.position] === TABLE_WITH_INITIALISER;
  if (initialised) cursor.skip(2);
  const element = readValType(cursor);
  const limitsStart = cursor.position;
  const limits = readLimits(cursor);
  const limitsEnd = cursor.position;
  if (initialised) skipConstant(cursor);
  return { element, limits, limitsStart, limitsEnd };
}

export function readTables(cursor: Cursor, spaces: IndexSpaces): void {
  for (let left = cursor.count(2); left > 0; left--) {
    const { element, limits } = readTable(cursor);
    spaces.tables.push({ imported: false, element, ...limits });
  }
}

export function readMemories(cursor: Cursor, spaces: IndexSpaces): void {
  for (let left = cursor.count(2); left > 0; left--) spaces.memories.push({ imported: false, ...readLimits(cursor) });
}

export function readTags(cursor: Cursor, spaces: IndexSpaces): void {
  for (let left = cursor.count(2); left > 0; left--) spaces.tags.push(readTag(cursor, spaces));
}

export function readGlobals(cursor: Cursor, spaces: IndexSpaces): void {
  for (let left = cursor.count(3); left > 0; left--) {
    spaces.globals.push({ imported: false, type: readValType(cursor), mutable: readMutability(cursor) });
    skipConstant(cursor);
  }
}

/** Passes over a constant expression. */
export function skipConstant(cursor: Cursor): void {
  cursor.position = walkExpression(cursor.bytes, cursor.position, cursor.end, undefined);
}

export function readExports(cursor: Cursor, spaces: IndexSpaces): void {
  const sizes: Record<CoreKind, number> = {
    func: spaces.funcTypes.length,
    table: spaces.tables.length,
    memory: spaces.memories.length,
    global: spaces.globals.length,
    tag: spaces.tags.length,
  };
  for (let left = cursor.count(3); left > 0; left--) {
    const entry: CoreExport = { name: cursor.name(), kind: readKind(cursor), index: cursor.u32() };
    if (entry.index >= sizes[entry.kind]) throw corrupt(cursor.position, `no ${entry.kind} ${entry.index} to export`);
    spaces.exports.push(entry);
  }
}
