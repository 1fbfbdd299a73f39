// What a core module says about itself: its index spaces, its layout in bytes, and what its code does to state.
// Plain readonly data, made once by read-core-module.ts. https://webassembly.github.io/spec/core/binary/modules.html
import type { CoreExternDesc, CoreFuncType, CoreLimits, CoreValType } from '../binary/ast.ts';
import type { CoreTypeEntry } from './read-types.ts';

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
  /** `memory.atomic.wait32` and `wait64`: on a shared memory they hold the thread, and no interrupt check ends them. */
  readonly atomicWait: InstructionUse<'memory.atomic.wait'> | undefined;
  /** It makes objects or exceptions on the engine's heap, in its code or when it is instantiated. */
  readonly allocates: boolean;
  /** By type index. */
  readonly types: readonly CoreTypeEntry[];
  /** The types of its tags, imported ones first. */
  readonly tags: readonly CoreFuncType[];
  readonly layout: ModuleLayout;
}

/** What reading the code says of a module beside the layout of its code: plain data that can be kept in a file. */
export type CodeFacts = Pick<CoreModuleInfo, 'usesStateThatCannotBeReset' | 'memoryGrow' | 'atomicWait' | 'allocates'> &
  Pick<CodeLayout, 'usesDataSegments'>;

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

/** Where functions lie, whom they call, and where they loop. What is not a place has an element per defined function. */
export interface CodeLayout {
  /** Where the entry of the function starts, with its size. */
  readonly entries: Uint32Array;
  /** Where its body starts, after the size. */
  readonly bodies: Uint32Array;
  /** Where its first instruction stands, after the locals. */
  readonly instructions: Uint32Array;
  /** 1 when it calls an imported function, or through a table or a reference. */
  readonly callsOut: Uint8Array;
  /** Defined functions that are called, counted from the first defined one; and how many are of this function or before. */
  readonly callees: Uint32Array;
  readonly calleeEnds: Uint32Array;
  readonly places: Places;
  /** How many of `places` belong to this function and those before it. */
  readonly placeEnds: Uint32Array;
  /** Some instruction names a data segment. */
  readonly usesDataSegments: boolean;
}

/** Places where an interrupt check may belong, in the order of their offsets. */
export interface Places {
  readonly offsets: Uint32Array;
  /** See PlaceKind. */
  readonly kinds: Uint8Array;
  /** Of branches: the place of the loop. Of loops that contain no loop and call nothing: where their `end` stands. */
  readonly links: Uint32Array;
  /** Of branches: a function that was called on every way here, counted from the first defined one, and one; else 0. */
  readonly callees: Uint32Array;
}

export const PlaceKind = {
  /** The first instruction in a loop. */
  loop: 1,
  /** With `loop`: a check belongs at the head, because there are ways back to it that are not among the places. */
  headOnly: 0x80,
  /** A `br` or `br_if` to the head of a loop. */
  br: 2,
  brIf: 4,
  /** An instruction that works on a whole range, for a time that grows with an operand. */
  range: 8,
  /** An instruction that makes an object of the engine's heap, or an exception. */
  allocation: 16,
} as const;

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
