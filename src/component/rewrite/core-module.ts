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
  /** The number of times that the instruction stands in the code. */
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
  /**
   * The uses of `memory.atomic.wait32` and `wait64`: on a shared memory they hold the thread, and no interrupt check
   * ends them.
   */
  readonly atomicWait: InstructionUse<'memory.atomic.wait'> | undefined;
  /** Whether the module makes objects or exceptions on the engine's heap, in its code or when it is instantiated. */
  readonly allocates: boolean;
  /** The types by type index. */
  readonly types: readonly CoreTypeEntry[];
  /** The types of its tags, imported ones first. */
  readonly tags: readonly CoreFuncType[];
  readonly layout: ModuleLayout;
}

/**
 * What reading the code tells of a module, apart from the layout of its code: plain data that can be kept in a file.
 */
export type CodeFacts = Pick<CoreModuleInfo, 'usesStateThatCannotBeReset' | 'memoryGrow' | 'atomicWait' | 'allocates'> &
  Pick<CodeLayout, 'usesDataSegments'>;

/** A section of the module. Its contents are bytes `start` to `end`; `header` is where its id stands. */
export interface SectionRange {
  readonly id: number;
  readonly header: number;
  readonly start: number;
  readonly end: number;
  /** The name of a custom section; undefined for all others. */
  readonly name: string | undefined;
}

export interface ModuleLayout {
  readonly sections: readonly SectionRange[];
  readonly code: CodeLayout;
}

/**
 * Where functions lie, which functions they call, and where they loop. All arrays but `places` have an element for each
 * defined function, unless they say otherwise.
 */
export interface CodeLayout {
  /** Offsets of the functions' entries, which start with their size. */
  readonly entries: Uint32Array;
  /** Offsets of the functions' bodies, after the size. */
  readonly bodies: Uint32Array;
  /** Offsets of the functions' first instructions, after the locals. */
  readonly instructions: Uint32Array;
  /** 1 for a function that calls an imported function, or through a table or a reference. */
  readonly callsOut: Uint8Array;
  /**
   * The defined functions that are called, counted from the first defined one, function after function; and for each
   * function the number of them up to its end.
   */
  readonly callees: Uint32Array;
  readonly calleeEnds: Uint32Array;
  readonly places: Places;
  /** For each function the number of `places` in it and in those before it. */
  readonly placeEnds: Uint32Array;
  /** Whether some instruction names a data segment. */
  readonly usesDataSegments: boolean;
  /**
   * Whether the engine compares the addresses of some instruction with the size of the memory, though the rewriter does not
   * take it for a range: an atomic one, or one that reads a segment.
   */
  readonly comparesAddresses: boolean;
}

/** Places where an interrupt check may belong, or where the size of a memory matters, in the order of their offsets. */
export interface Places {
  readonly offsets: Uint32Array;
  /** A PlaceKind for each place. */
  readonly kinds: Uint8Array;
  /**
   * For a branch the place of its loop; for a loop that contains no loop and calls nothing, the offset of its `end`.
   */
  readonly links: Uint32Array;
  /**
   * For a branch one more than the number of a function that was called on every way to it, counted from the first
   * defined one; else 0.
   */
  readonly callees: Uint32Array;
}

export const PlaceKind = {
  /** The first instruction in a loop. */
  loop: 1,
  /**
   * A bit of `loop` that says that a check belongs at the head, since some branches back to it are not among the
   * places.
   */
  headOnly: 0x80,
  /** A `br` or `br_if` to the head of a loop. */
  br: 2,
  brIf: 4,
  /** An instruction that works on a whole range, for a time that grows with an operand. */
  range: 8,
  /** An instruction that makes an object of the engine's heap, or an exception. */
  allocation: 16,
  /** `memory.size` or `memory.grow`. */
  size: 32,
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

/** The ids of sections in the order in which they must stand, without custom sections. */
export const sectionOrder: readonly number[] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];
