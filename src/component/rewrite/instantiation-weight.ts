// Estimates how much work one instance of a core module is for the engine, in units of some ten nanoseconds.
import { type CoreModuleInfo, SectionId } from './core-module.ts';

/** The work for an import, an export, a global, a table or a memory: an object or a look-up each. */
const ENTRY = 16;
const FUNCTION = 4;
/** Bytes of data that are copied in one unit. */
const DATA_BYTES = 64;

export function instantiationWeight(info: CoreModuleInfo): number {
  const { imports, exports, globals, tables, memories, funcTypes, layout } = info;
  const entries = imports.length + exports.length + globals.length + tables.length + memories.length;
  const bytesOf = (id: number): number =>
    layout.sections.reduce((sum, one) => (one.id === id ? sum + one.end - one.start : sum), 0);
  return (
    ENTRY * entries +
    FUNCTION * funcTypes.length +
    bytesOf(SectionId.element) +
    Math.ceil(bytesOf(SectionId.data) / DATA_BYTES)
  );
}
