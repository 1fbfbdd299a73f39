// What a core module says about itself: its index spaces, its layout in bytes, and what its code does to state.
// Plain readonly data, made once by read-core-module.ts. https://webassembly.github.io/spec/core/binary/modules.html
import type { CoreExternDesc, CoreFuncType, CoreLimits, CoreValType } from '../binary/ast.ts';

export type CoreKind = 'func' | 'table' | 'memory' | 'global' | 'tag';

export type CoreImport = CoreExternDesc & { readonly module: string; readonly name: string };

export interface CoreExport {
  readonly name: string;
  readonly kind: CoreKind;
  readonly index: number;
}

export interface CoreMemory extends CoreLimits {
  readonly imported: boolean;
}

export interface CoreTable extends CoreLimits {
  readonly imported: boolean;
  readonly element: CoreValType;
}

export interface CoreGlobal {
  readonly imported: boolean;
  readonly type: CoreValType;
  readonly mutable: boolean;
}

/** Instructions whose effect the host cannot put back by writing memories and globals of number type. */
export type UnresettableInstruction =
  | 'table.set'
  | 'table.grow'
  | 'table.fill'
  | 'table.copy'
  | 'table.init'
  | 'elem.drop'
  | 'data.drop'
  | 'memory.discard'
  | 'struct.set'
  | 'array.set'
  | 'array.fill'
  | 'array.copy'
  | 'array.init'
  | 'global.set of a reference'
  | 'global.set of a vector';

export interface InstructionUse<Instruction extends string> {
  readonly instruction: Instruction;
  /** How often it stands in the code. */
  readonly count: number;
  /** The first functions that contain it, at most `maximumFunctionsListed`. */
  readonly functions: readonly number[];
}

export const maximumFunctionsListed = 16;

export interface CoreModuleInfo {
  /** The type of each function, imported ones first. */
  readonly funcTypes: readonly CoreFuncType[];
  readonly imports: readonly CoreImport[];
  readonly exports: readonly CoreExport[];
  readonly tables: readonly CoreTable[];
  readonly memories: readonly CoreMemory[];
  readonly globals: readonly CoreGlobal[];
  readonly importedFunctions: number;
  readonly startFunction: number | undefined;
  readonly usesStateThatCannotBeReset: readonly InstructionUse<UnresettableInstruction>[];
  readonly memoryGrow: InstructionUse<'memory.grow'> | undefined;
  /** `memory.atomic.wait32` and `wait64`: on a shared memory they hold the thread, and no flag check ends them. */
  readonly atomicWait: InstructionUse<'memory.atomic.wait'> | undefined;
  readonly layout: ModuleLayout;
}

/** A section's contents are bytes `start` to `end`; `header` is where its id stands. */
export interface SectionRange {
  readonly id: number;
  readonly header: number;
  readonly start: number;
  readonly end: number;
  /** Of custom sections. */
  readonly name: string | undefined;
}

export interface ModuleLayout {
  readonly sections: readonly SectionRange[];
  readonly code: CodeLayout;
}

/** Where the flag checks of interrupts belong; all arrays but `sites` have an element per defined function. */
export interface CodeLayout {
  /** Where the entry of the function starts, with its size. */
  readonly entries: Uint32Array;
  /** Where its body starts, after the size. */
  readonly bodies: Uint32Array;
  /** Where its first instruction stands if the function must check when entered, else 0. */
  readonly entryChecks: Uint32Array;
  /** How many of `sites` belong to this function and those before it. */
  readonly siteEnds: Uint32Array;
  /** Ascending offsets: the heads of loops, and the instructions that work on whole ranges. */
  readonly sites: Uint32Array;
}

export const SectionId = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order in which sections must stand, custom sections aside. */
export const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
