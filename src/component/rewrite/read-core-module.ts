// Reads a core module once, into plain data that the linker, the sandbox and the rewriter work from. Its structure is
// checked here; WebAssembly.Module checks that the code is well-typed.
import { MayflyError } from '../../errors.ts';
import type { CoreValType } from '../binary/ast.ts';
import { CodeNotes } from './code-notes.ts';
import { CompileEffort } from './compile-effort.ts';
import { constantObjectBytes } from './constant-objects.ts';
import {
  type CodeFacts,
  type CodeLayout,
  type CoreGlobal,
  type CoreModuleInfo,
  type InstructionUse,
  SectionId,
  type SectionRange,
  type UnresettableInstruction,
} from './core-module.ts';
import { Cursor, corrupt } from './cursor.ts';
import { readDataSegments } from './data-segments.ts';
import { noCode, readCode } from './read-code.ts';
import * as read from './read-sections.ts';
import { readTypeSection } from './read-types.ts';

const readers: ReadonlyMap<number, (cursor: Cursor, spaces: read.IndexSpaces) => void> = new Map([
  [SectionId.import, read.readImports],
  [SectionId.function, read.readFunctions],
  [SectionId.table, read.readTables],
  [SectionId.memory, read.readMemories],
  [SectionId.tag, read.readTags],
  [SectionId.global, read.readGlobals],
  [SectionId.export, read.readExports],
]);

/** Reads a module. Throws `component-corrupt`, with the offset in the module, when the bytes break the format. */
export function readCoreModule(bytes: Uint8Array): CoreModuleInfo {
  const { sections, spaces, importedFunctions } = readStructure(bytes);
  const notes = new CodeNotes(Uint8Array.from(spaces.globals, globalKind), importedFunctions, spaces.memories.length);
  const code = sectionCursor(bytes, sections, SectionId.code);
  const layout =
    code === undefined
      ? noCode
      : finish(code, readCode(code, importedFunctions, notes, new CompileEffort(bytes, spaces)));
  refuseMixedExceptions(notes);
  const data = sectionCursor(bytes, sections, SectionId.data);
  if (data !== undefined) finish(data, readDataSegments(data, spaces.memories.length));
  const defined = spaces.funcTypes.length - importedFunctions;
  if (layout.entries.length !== defined) throw corrupt(bytes.length, `${defined} functions have no or other code`);
  const facts = {
    usesStateThatCannotBeReset: unresettableUses(notes),
    memoryGrow: notes.useOf('memory.grow'),
    atomicWait: notes.useOf('memory.atomic.wait'),
    usesDataSegments: layout.usesDataSegments,
    allocates: notes.allocates || constantObjectBytes(bytes, sections, spaces.types) > 0,
  };
  return infoOf(bytes, { sections, spaces, importedFunctions }, facts, layout);
}

/**
 * Refuses a module with both kinds of exception handling. V8 refuses the mixture as well, but finds it differently each
 * time it looks, and ends the process when the second look finds nothing.
 */
function refuseMixedExceptions({ usesLegacyExceptions, usesExceptionReferences }: CodeNotes): void {
  if (!usesLegacyExceptions || !usesExceptionReferences) return;
  throw new MayflyError('component-unsupported', 'A core module mixes old and new exception handling instructions', {
    hint: "Compile all parts alike, or run 'wasm-opt --translate-to-exnref' on the module",
  });
}

/** Reads a module whose code was read before, and may have been taken out: the result has no layout of code. */
export function readCodelessModule(bytes: Uint8Array, facts: CodeFacts): CoreModuleInfo {
  return infoOf(bytes, readStructure(bytes), facts, { ...noCode, usesDataSegments: facts.usesDataSegments });
}

interface Structure {
  readonly sections: readonly SectionRange[];
  readonly spaces: read.IndexSpaces;
  readonly importedFunctions: number;
}

function readStructure(bytes: Uint8Array): Structure {
  const sections = read.readSectionRanges(bytes);
  const spaces = readIndexSpaces(bytes, sections);
  return { sections, spaces, importedFunctions: spaces.imports.filter((entry) => entry.kind === 'func').length };
}

function infoOf(
  bytes: Uint8Array,
  { sections, spaces, importedFunctions }: Structure,
  facts: CodeFacts,
  code: CodeLayout,
): CoreModuleInfo {
  return {
    funcTypes: spaces.funcTypes,
    imports: spaces.imports,
    exports: spaces.exports,
    tables: spaces.tables,
    memories: spaces.memories,
    globals: spaces.globals,
    importedFunctions,
    startFunction: readStart(bytes, sections, spaces),
    usesStateThatCannotBeReset: facts.usesStateThatCannotBeReset,
    memoryGrow: facts.memoryGrow,
    atomicWait: facts.atomicWait,
    allocates: facts.allocates,
    types: spaces.types,
    tags: spaces.tags,
    layout: { sections, code },
  };
}

/** The facts that `readCodelessModule` needs. */
export function codeFacts(info: CoreModuleInfo): CodeFacts {
  const { usesStateThatCannotBeReset, memoryGrow, atomicWait, allocates, layout } = info;
  const { usesDataSegments } = layout.code;
  return { usesStateThatCannotBeReset, memoryGrow, atomicWait, allocates, usesDataSegments };
}

function readIndexSpaces(bytes: Uint8Array, sections: readonly SectionRange[]): read.IndexSpaces {
  const spaces: read.IndexSpaces = {
    types: [],
    imports: [],
    exports: [],
    funcTypes: [],
    tables: [],
    memories: [],
    globals: [],
    tags: [],
  };
  for (const { id, start, end } of sections) {
    const cursor = new Cursor(bytes, start, end);
    if (id === SectionId.type) spaces.types = finish(cursor, readTypeSection(cursor));
    const reader = readers.get(id);
    if (reader !== undefined) finish(cursor, reader(cursor, spaces));
  }
  return spaces;
}

function sectionCursor(bytes: Uint8Array, sections: readonly SectionRange[], id: number): Cursor | undefined {
  const section = sections.find((candidate) => candidate.id === id);
  return section && new Cursor(bytes, section.start, section.end);
}

function finish<Result>(cursor: Cursor, result: Result): Result {
  if (!cursor.done) throw corrupt(cursor.position, 'bytes are left over at the end of the section');
  return result;
}

function readStart(bytes: Uint8Array, sections: readonly SectionRange[], spaces: read.IndexSpaces): number | undefined {
  const cursor = sectionCursor(bytes, sections, SectionId.start);
  if (cursor === undefined) return undefined;
  const index = finish(cursor, cursor.u32());
  if (index >= spaces.funcTypes.length) throw corrupt(cursor.position, `no function ${index} to start with`);
  return index;
}

const numbers: ReadonlySet<CoreValType> = new Set<CoreValType>(['i32', 'i64', 'f32', 'f64']);

/** The kind of a global, as in CodeNotes.globalKinds. */
function globalKind({ type }: CoreGlobal): number {
  if (numbers.has(type)) return 0;
  return type === 'v128' ? 2 : 1;
}

function unresettableUses(notes: CodeNotes): readonly InstructionUse<UnresettableInstruction>[] {
  const uses: InstructionUse<UnresettableInstruction>[] = [];
  for (const instruction of notes.uses.keys()) {
    if (instruction === 'memory.grow' || instruction === 'memory.atomic.wait') continue;
    const use = notes.useOf(instruction);
    if (use !== undefined) uses.push(use);
  }
  return uses;
}
