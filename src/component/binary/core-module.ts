// Reads the imports and exports of a core module, with their types. The code is not read: V8 validates it when it
// compiles. https://webassembly.github.io/spec/core/binary/modules.html

import type { CoreExternDesc, CoreFuncType, CoreModuleType } from './ast.ts';
import { skipConstExpr } from './const-expr.ts';
import { readCoreExternDesc, readCoreGlobal, readCoreLimits, readCoreRecType, readCoreTable } from './core-types.ts';
import { looksLikeCoreModule, PREAMBLE_LENGTH } from './preamble.ts';
import { Reader } from './reader.ts';

type Kind = CoreExternDesc['kind'];
const kinds: readonly Kind[] = ['func', 'table', 'memory', 'global', 'tag'];

interface Draft {
  readonly types: (CoreFuncType | undefined)[];
  readonly imports: CoreModuleType['imports'][number][];
  readonly exports: CoreModuleType['exports'][number][];
  /** The index spaces, each with imports first, then definitions. */
  readonly spaces: Readonly<Record<Kind, CoreExternDesc[]>>;
}

/** Reads the module; `offset` is where it starts in `file`. Errors: component-corrupt. */
export function readCoreModuleType(bytes: Uint8Array, file: string, offset: number): CoreModuleType {
  const reader = Reader.over(bytes, file, 'the core module', offset);
  if (!looksLikeCoreModule(bytes)) reader.fail('Expected the preamble of a core module');
  reader.take(PREAMBLE_LENGTH);
  const draft: Draft = {
    types: [],
    imports: [],
    exports: [],
    spaces: { func: [], table: [], memory: [], global: [], tag: [] },
  };
  while (!reader.atEnd) readSection(reader, draft);
  return { imports: draft.imports, exports: draft.exports };
}

/** The readers by section id; the other sections say nothing about imports and exports. */
const sections: Readonly<Record<number, readonly [name: string, read: (reader: Reader, draft: Draft) => void]>> = {
  1: ['type', readTypes],
  2: ['import', readImport],
  4: ['table', readTable],
  5: ['memory', (reader, { spaces }) => spaces.memory.push({ kind: 'memory', limits: readCoreLimits(reader) })],
  6: ['global', readGlobal],
  7: ['export', readExport],
  13: ['tag', readTag],
};

const FUNCTION_SECTION = 3;

function readSection(reader: Reader, draft: Draft): void {
  const id = reader.byte();
  const size = reader.u32();
  const [name, read] = sections[id] ?? [id === FUNCTION_SECTION ? 'function' : `number ${id}`, undefined];
  const section = reader.window(size, `core section "${name}"`);
  if (id === FUNCTION_SECTION) readFunctions(section, draft);
  else if (read) section.vector((item) => read(item, draft));
  else return;
  section.finish();
}

function funcType(reader: Reader, types: Draft['types'], index = reader.u32()): CoreFuncType {
  return types[index] ?? reader.fail(`Unknown function type ${index} in a core module`);
}

/** Reads the functions. There are thousands, so all of one type share one description. */
function readFunctions(reader: Reader, { types, spaces }: Draft): void {
  const descs = types.map((type): CoreExternDesc | undefined => type && { kind: 'func', type });
  for (const index of reader.u32Vector()) {
    spaces.func.push(descs[index] ?? reader.fail(`Unknown function type ${index} in a core module`));
  }
}

function readTypes(reader: Reader, { types }: Draft): void {
  for (const type of readCoreRecType(reader)) types.push(type.kind === 'func' ? type.type : undefined);
}

function readImport(reader: Reader, { types, imports, spaces }: Draft): void {
  const module = reader.name();
  const name = reader.name();
  const desc = readCoreExternDesc(reader, (index) => funcType(reader, types, index));
  imports.push({ module, name, desc });
  spaces[desc.kind].push(desc);
}

const TABLE_WITH_INITIALISER = 0x40;

function readTable(reader: Reader, { spaces }: Draft): void {
  const initialised = reader.peek() === TABLE_WITH_INITIALISER;
  if (initialised) {
    reader.byte();
    reader.expect(0x00, 'a table with an initialiser');
  }
  spaces.table.push(readCoreTable(reader));
  if (initialised) skipConstExpr(reader);
}

function readGlobal(reader: Reader, { spaces }: Draft): void {
  spaces.global.push(readCoreGlobal(reader));
  skipConstExpr(reader);
}

function readTag(reader: Reader, { types, spaces }: Draft): void {
  reader.expect(0x00, 'the attribute of a tag');
  spaces.tag.push({ kind: 'tag', type: funcType(reader, types) });
}

function readExport(reader: Reader, { exports, spaces }: Draft): void {
  const name = reader.name();
  const byte = reader.byte();
  const kind = kinds[byte] ?? reader.unknown(byte, 'a core export');
  const index = reader.u32();
  const desc = spaces[kind][index] ?? reader.fail(`Unknown ${kind} ${index} in the exports of a core module`);
  exports.push({ name, desc });
}
