// A linear memory as it was at one moment, and memories made from it that can be put back to that moment: what all
// strategies have in common.

import type { ImageFile } from './image-file.ts';
import type { Run } from './zero-runs.ts';

/** Bytes in a page of a linear memory. */
export const WASM_PAGE = 65_536;
/**
 * Bytes in the smallest run of zeros that is left out of an image; shorter runs, of less than a page of most systems,
 * are kept like the rest.
 */
export const GRANULE = 4096;

/**
 * How a memory is put back. `scan`: the kernel lists the written pages, they are copied back. `madvise`: the kernel
 * drops them. `copy`: plain JavaScript, on any platform.
 */
export type ResetStrategyName = 'scan' | 'madvise' | 'copy';

export interface MemoryImage {
  readonly strategy: ResetStrategyName;
  /** The image's size in pages of 64 KiB. */
  readonly pages: number;
  readonly byteLength: number;
  /** What the kernel maps, where it does: other images may be put on it. */
  readonly file?: ImageFile;
  /**
   * A new memory that holds the image. The guest may grow it up to `maximumPages` (without it, as far as the engine
   * lets it). Throws 'sandbox-exhausted' when the process has no room for one more, and after `close`.
   */
  create(maximumPages?: number, options?: MemoryOptions): ImagedMemory;
  /**
   * Makes `create` throw from now on. Memories that exist work on, and what the image holds is freed with the last of
   * them.
   */
  close(): void;
}

/** What an image may lie on. */
export interface MemoryImageBase {
  /** An image of the same strategy that holds most of the bytes; where they are mapped, only what differs is kept. */
  readonly base?: MemoryImage | undefined;
  /** Where the bytes may differ from those of `base`, where that is known. */
  readonly changes?: readonly Run[] | undefined;
}

export interface MemoryOptions {
  /**
   * Whether the memory serves one request and is not put back: `reset` may then return false. Where the kernel has to
   * watch for writes, that cost is saved.
   */
  readonly servesOnce?: boolean;
  /**
   * Whether by how much the memory grows can be taken back: for a module that leaves growing to the host. Only where the
   * kernel maps images.
   */
  readonly takesBackGrowth?: boolean;
}

export interface ImagedMemory {
  readonly memory: WebAssembly.Memory;
  readonly image: MemoryImage;
  /** How the memory grows, where that can be taken back. */
  readonly growth?: Growth | undefined;
  /** Puts every byte back. False when it cannot (the memory grew, or was discarded): discard it and make another. */
  reset(): boolean;
  /**
   * Gives the memory's pages back at once; where the strategy can, its bytes are gone even for those who still hold
   * the memory. The addresses stay taken until the garbage collector has it. A second call does nothing.
   */
  discard(): void;
  /**
   * The offset of the first byte that differs from the image, the end of the image when the size differs. Used by
   * tests.
   */
  firstDifference(): number | undefined;
  /** The runs of pages that may differ from the image; beyond its end all does. Undefined where nobody watches for writes. */
  changes(): readonly Run[] | undefined;
  readonly statistics: MemoryStatistics;
}

/** How a memory grows of which the engine does not know the size; growth.ts makes it. */
export interface Growth {
  /** What the globals of the module get, by the names that component/rewrite/growth.ts gives them: functions of WebAssembly. */
  readonly functions: WebAssembly.Exports;
  /** Bytes of the memory that the guest knows of. */
  readonly byteLength: number;
  /** Gives the memory the size again that it had at first. False when the kernel refuses: the memory is of no use then. */
  takeBack(): boolean;
  /** Says that another instance has the memory from now on: whoever looked at it for the last one sees nothing any more. */
  handOver(): void;
  /** From now on the memory does not grow any more. */
  end(): void;
}

export interface MemoryStatistics {
  resets: number;
  /** Bytes that the last reset copied back; `madvise` does not know them and leaves this 0. */
  copiedBytes: number;
  /** The number of resets that dropped the private pages instead of copying them back. */
  trims: number;
}

/** Bytes of a memory, as its guest knows them. */
export function sizeOf({ memory, growth }: ImagedMemory): number {
  return growth?.byteLength ?? memory.buffer.byteLength;
}
