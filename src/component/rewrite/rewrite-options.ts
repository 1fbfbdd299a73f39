// What a caller may ask of the rewriter.

export interface RewriteOptions {
  /**
   * Import each defined memory instead of defining it, from this module name; memory `i` under the name `memory<i>`.
   * No index changes: imported memories come first, and those that were defined follow in their order.
   */
  readonly importMemories?: string;
  /** Caps the maximum of each defined memory, in its pages: the guest sees `memory.grow` fail. */
  readonly maximumPages?: number;
  /** Caps the maximum of each defined table: the guest sees `table.grow` fail. */
  readonly maximumTableElements?: number;
  /**
   * Export what a host needs to take and put back an image: each defined mutable global as `<prefix>global<i>`, each
   * defined table as `<prefix>table<i>`, each memory that stays defined as `<prefix>memory<i>`. Imported ones are known
   * to whoever defined them.
   */
  readonly exportInternals?: string;
  /**
   * Import one more memory (shared, one page) after all others, and trap with `unreachable` at loop heads, at the entry
   * of functions that call, and before instructions that work on ranges, while the word at its address 0 is not 0.
   * Needs `importMemories` when the module defines a memory.
   */
  readonly interrupt?: { readonly module: string; readonly name: string };
  /**
   * For an instance that starts from an image: no active data segment and no start function run. Data segments keep
   * their indices, the active ones as empty passive ones, which is what instantiation leaves of them; all are left out
   * when no instruction names one. Element segments stay.
   */
  readonly image?: boolean;
}
