// Makes the image of a linear memory with the wanted strategy; mapped-image.ts and copied-image.ts implement them.
import { MayflyError } from '../../errors.ts';
import { type MemoryBudget, processMemoryBudget } from './budget.ts';
import { createCopiedImage } from './copied-image.ts';
import { GRANULE, type MemoryImage, type MemoryImageBase, type ResetStrategyName, WASM_PAGE } from './imaged-memory.ts';
import { mappedMemories } from './kernel.ts';
import { createMappedImage } from './mapped-image.ts';
import { type SparseBytes, sparseBytes } from './zero-runs.ts';

export interface MemoryImageOptions extends MemoryImageBase {
  /** The budget in which memories are counted; that of the process by default. */
  readonly budget?: MemoryBudget;
  /**
   * Whether to compare every byte after each reset, and to throw when one differs. This is slow: it is for tests and
   * for the suspicious.
   */
  readonly verify?: boolean;
}

/**
 * Makes an image of a copy of `bytes`, which must be a whole memory: a multiple of 64 KiB. Throws 'reset-unavailable'
 * when this process cannot use the strategy; `detectResetStrategies` says so beforehand.
 */
export function createMemoryImage(
  bytes: Uint8Array | SparseBytes,
  strategy: ResetStrategyName,
  options: MemoryImageOptions = {},
): MemoryImage {
  if (bytes.byteLength % WASM_PAGE !== 0) {
    throw new MayflyError('internal', `A memory image of ${bytes.byteLength} bytes is not a multiple of ${WASM_PAGE}`);
  }
  const budget = options.budget ?? processMemoryBudget();
  // A memory of no pages is copied, since nothing can be mapped over it and there is nothing to put back.
  const image =
    strategy === 'copy' || bytes.byteLength === 0
      ? createCopiedImage(sparseBytes(bytes, GRANULE), strategy, budget)
      : createMappedImage(bytes, mappedMemories(strategy), budget, options);
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
