// A linear memory as it was at one moment, and memories made from it that can be put back to that moment.
// How that is done is in mapped-image.ts and copied-image.ts; this file holds what both have in common.
import { MayflyError } from '../../errors.ts';
import { type MemoryBudget, processMemoryBudget } from './budget.ts';
import { createCopiedImage } from './copied-image.ts';
import { mappedMemories } from './kernel.ts';
import { createMappedImage } from './mapped-image.ts';
import { type SparseBytes, sparseBytes } from './zero-runs.ts';

/** Bytes in a page of a linear memory. */
export const WASM_PAGE = 65_536;
/** Runs of zeros shorter than a page of most systems are kept like the rest. */
export const GRANULE = 4096;

/**
 * How a memory is put back. `scan`: the kernel lists the written pages, they are copied back. `madvise`: the kernel
 * drops them. `copy`: plain JavaScript, on any platform.
 */
export type ResetStrategyName = 'scan' | 'madvise' | 'copy';

export interface MemoryImage {
  readonly strategy: ResetStrategyName;
  /** Of 64 KiB. */
  readonly pages: number;
  readonly byteLength: number;
  /**
   * A new memory that holds the image. The guest may grow it up to `maximumPages` (without it, as far as the engine
   * lets it). Throws 'sandbox-exhausted' when the process has no room for one more, and after `close`.
   */
  create(maximumPages?: number, options?: MemoryOptions): ImagedMemory;
  /** No more memories are made. Those that exist work on, and what the image holds is freed with the last of them. */
  close(): void;
}

export interface MemoryOptions {
  /** It is not meant to be put back: `reset` may give false. Where the kernel has to watch for writes, that is saved. */
  readonly servesOnce?: boolean;
}

export interface ImagedMemory {
  readonly memory: WebAssembly.Memory;
  readonly image: MemoryImage;
  /** Puts every byte back. False when it cannot (the memory grew, or was discarded): discard it and make another. */
  reset(): boolean;
  /**
   * Gives the memory's pages back at once; where the strategy can, its bytes are gone even for those who still hold
   * the memory. The addresses stay taken until the garbage collector has it. A second call does nothing.
   */
  discard(): void;
  /** Offset of the first byte that differs from the image, the end of the image when the size differs. For tests. */
  firstDifference(): number | undefined;
  readonly statistics: MemoryStatistics;
}

export interface MemoryStatistics {
  resets: number;
  /** Bytes that the last reset copied back; `madvise` does not know them and leaves this 0. */
  copiedBytes: number;
  /** Resets that dropped the private pages instead of copying them back. */
  trims: number;
}

export interface MemoryImageOptions {
  /** Who counts the memories; the process's own budget by default. */
  readonly budget?: MemoryBudget;
  /** Compare every byte after each reset, and throw when one differs. Slow: for tests and for the suspicious. */
  readonly verify?: boolean;
}

/**
 * Keeps a copy of `bytes`, which must be a whole memory: a multiple of 64 KiB. Throws 'reset-unavailable' when this
 * process cannot use the strategy; `detectResetStrategies` says so beforehand.
 */
export function createMemoryImage(
  bytes: Uint8Array | SparseBytes,
  strategy: ResetStrategyName,
  options: MemoryImageOptions = {},
): MemoryImage {
  const content = bytes instanceof Uint8Array ? sparseBytes(bytes, GRANULE) : bytes;
  if (bytes.byteLength % WASM_PAGE !== 0) {
    throw new MayflyError('internal', `A memory image of ${bytes.byteLength} bytes is not a multiple of ${WASM_PAGE}`);
  }
  const budget = options.budget ?? processMemoryBudget();
  // Nothing can be mapped over no pages, and there is nothing to put back.
  const image =
    strategy === 'copy' || bytes.byteLength === 0
      ? createCopiedImage(content, strategy, budget)
      : createMappedImage(content, mappedMemories(strategy), budget);
  return options.verify ? verified(image) : image;
}

function verified(image: MemoryImage): MemoryImage {
  return {
    ...image,
    create(maximumPages, options) {
      const imaged = image.create(maximumPages, options);
      const reset = imaged.reset;
      return Object.assign(imaged, {
        reset() {
          const isBack = reset();
          const difference = isBack ? imaged.firstDifference() : undefined;
          if (difference === undefined) return isBack;
          throw new MayflyError('internal', `Byte ${difference} of a memory differs from its image after a reset`);
        },
      });
    },
  };
}
