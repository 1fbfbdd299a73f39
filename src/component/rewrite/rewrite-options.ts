// What a caller may ask of the rewriter.

export interface RewriteOptions {
  /**
   * Imports each defined memory from this module name instead of defining it; memory `i` has the name `memory<i>`. No
   * index changes: imported memories come first, and those that were defined follow in their order.
   */
  readonly importMemories?: string;
  /** Caps the maximum of each defined memory, in pages of the memory: the guest sees `memory.grow` fail. */
  readonly maximumPages?: number;
  /** Caps the maximum of each defined table: the guest sees `table.grow` fail. */
  readonly maximumTableElements?: number;
  /**
   * Exports what a host needs to take and put back an image: each defined mutable global as `<prefix>global<i>`, each
   * defined table as `<prefix>table<i>`, each memory that stays defined as `<prefix>memory<i>`. Imported ones are known
   * to whoever defined them.
   */
  readonly exportInternals?: string;
  /**
   * Adds checks at loop heads, at the entry of functions that call, and before instructions that work on ranges, so
   * that the host can stop the guest. They trap while the word at address 0 of one more memory is not 0 (imported after
   * all others; shared, one page). Needs `importMemories` when the module defines a memory.
   */
  readonly interrupt?: InterruptOptions;
  /**
   * Limits what a module that makes objects or throws (`allocates`) takes of the engine's heap: it stops at that limit.
   * The module has to be valid.
   */
  readonly heap?: HeapOptions | undefined;
  /**
   * Lets the host take back by how much the module's memory has grown, where `canTakeBackGrowth` says that it can. The globals
   * of `growthGlobals` are exported with this prefix. The module has to be valid.
   */
  readonly growth?: string | undefined;
  /**
   * Makes the module for an instance that starts from an image: it has no active data segment, and no start function
   * runs. Data segments keep their indices, the active ones as empty passive ones, which is what instantiation leaves
   * of them; all are left out when no instruction names one. Element segments stay.
   */
  readonly image?: boolean;
}

export interface InterruptOptions {
  readonly module: string;
  readonly name: string;
  /**
   * The address in bytes at which every memory of the guest has a readable page, beyond all that it may grow to. In
   * modules that have a memory, a check is then a load from there and nothing else: it traps when the host takes the
   * page away.
   */
  readonly pollAddress?: number | undefined;
}

export interface HeapOptions {
  /**
   * The name of the export under which the host finds the global: an i32 that is negative once the module met its end.
   */
  readonly exportName: string;
  /** Bytes that one instance may take before the host gives it more, its constants not counted. */
  readonly bytes: number;
}
