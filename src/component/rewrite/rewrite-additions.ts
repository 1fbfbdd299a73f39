// Entries that the rewriter adds to the import and export sections, behind the existing ones.
import { MayflyError } from '../../errors.ts';
import type { CoreLimits } from '../binary/ast.ts';
import type { ByteSink } from './byte-sink.ts';
import { type CoreKind, type CoreModuleInfo, SectionId, type SectionRange } from './core-module.ts';
import { Cursor } from './cursor.ts';
import { polledAddress, polledLimits } from './interrupt-check.ts';
import { capLimits, writeLimits } from './rewrite-limits.ts';
import type { RewriteOptions } from './rewrite-options.ts';

const kindCodes: Record<CoreKind, number> = { func: 0, table: 1, memory: 2, global: 3, tag: 4 };

export interface Addition {
  readonly id: number;
  readonly entries: readonly ((sink: ByteSink) => void)[];
}

/** Writes the section with the entries appended, or a new section when the module has none. */
export function writeAddition(
  sink: ByteSink,
  bytes: Uint8Array,
  section: SectionRange | undefined,
  { id, entries }: Addition,
): void {
  const start = sink.beginSection(id);
  if (section === undefined) {
    sink.u32(entries.length);
  } else {
    const cursor = new Cursor(bytes, section.start, section.end);
    sink.u32(cursor.u32() + entries.length);
    sink.copy(bytes, cursor.position, section.end);
  }
  for (const write of entries) write(sink);
  sink.endSized(start);
}

/** The limits of the memory that holds the flag; the memory that is given must have them, too. */
const flagLimits = { min: 1n, max: 1n, shared: true, is64: false, pageSizeLog2: undefined };

/** The imports of the memories that were defined, then of the flag memory when the checks look at it. */
export function addedImports(info: CoreModuleInfo, options: RewriteOptions): Addition {
  const entries: Addition['entries'][number][] = [];
  const add = (module: string, name: string, limits: CoreLimits): void => {
    entries.push((sink) => {
      sink.name(module);
      sink.name(name);
      sink.byte(kindCodes.memory);
      writeLimits(sink, limits);
    });
  };
  const { importMemories, interrupt, maximumPages } = options;
  const polls = polledAddress(info, options) !== undefined;
  refuseNames(info, [importMemories, interrupt?.module]);
  if (importMemories !== undefined) {
    info.memories.forEach((memory, i) => {
      if (memory.imported) return;
      const limits = capLimits(memory, maximumPages, `memory ${i}`);
      add(importMemories, `memory${i}`, polls && i === 0 ? polledLimits(limits) : limits);
    });
  }
  if (interrupt !== undefined && !polls) add(interrupt.module, interrupt.name, flagLimits);
  return { id: SectionId.import, entries };
}

/** Refuses imports of names that are added here: a guest that had one could write the flag. */
function refuseNames({ imports }: CoreModuleInfo, names: readonly (string | undefined)[]): void {
  const taken = imports.find(({ module }) => names.includes(module));
  if (taken === undefined) return;
  throw new MayflyError('component-unsupported', `Cannot load a core module that imports from "${taken.module}"`);
}

/** The exports of the internals that an image consists of. */
export function addedExports(info: CoreModuleInfo, options: RewriteOptions): Addition {
  const entries: Addition['entries'][number][] = [];
  const prefix = options.exportInternals;
  if (prefix === undefined) return { id: SectionId.export, entries };
  const taken = new Set(info.exports.map(({ name }) => name));
  const add = (kind: CoreKind, index: number): void => {
    const name = `${prefix}${kind}${index}`;
    if (taken.has(name))
      throw new MayflyError('component-unsupported', `Cannot load a core module that exports "${name}"`);
    entries.push((sink) => {
      sink.name(name);
      sink.byte(kindCodes[kind]);
      sink.u32(index);
    });
  };
  info.globals.forEach(({ imported, mutable }, i) => {
    if (mutable && !imported) add('global', i);
  });
  info.tables.forEach(({ imported }, i) => {
    if (!imported) add('table', i);
  });
  info.memories.forEach(({ imported }, i) => {
    if (!imported && options.importMemories === undefined) add('memory', i);
  });
  if (options.image && info.startFunction !== undefined) add('func', info.startFunction);
  return { id: SectionId.export, entries };
}
