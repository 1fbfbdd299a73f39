// Memories that plain JavaScript fills and puts back, byte for byte: the strategy `copy`, which works everywhere.
import { MayflyError } from '../../errors.ts';
import type { MemoryBudget } from './budget.ts';
import { firstDifference } from './compare.ts';
import {
  type ImagedMemory,
  type MemoryImage,
  type MemoryStatistics,
  type ResetStrategyName,
  WASM_PAGE,
} from './imaged-memory.ts';
import { expanded, gapsBetween, type Run, type SparseBytes } from './zero-runs.ts';

/**
 * A block of zeros. Bytes are compared with it before zeros are written: that is twice as fast, and leaves untouched
 * memory untouched.
 */
const zeros = Buffer.alloc(16_384);

interface Content extends SparseBytes {
  readonly gaps: readonly Run[];
}

/** `strategy` is only the name that the image shows. */
export function createCopiedImage(given: SparseBytes, strategy: ResetStrategyName, budget: MemoryBudget): MemoryImage {
  const { byteLength } = given;
  const parts = given.parts.map(({ at, bytes }) => ({ at, bytes: bytes.slice() }));
  const runs = parts.map(({ at, bytes }) => ({ start: at, end: at + bytes.length }));
  const content: Content = { parts, gaps: gapsBetween(runs, byteLength), byteLength };
  let isClosed = false;
  const image: MemoryImage = {
    strategy,
    pages: byteLength / WASM_PAGE,
    byteLength,
    create(maximum) {
      if (isClosed) throw new MayflyError('sandbox-exhausted', 'The memory image is closed');
      const memory = budget.take({ initial: image.pages, ...(maximum !== undefined && { maximum }) });
      return createMemory(image, memory, content, budget);
    },
    close() {
      isClosed = true;
    },
  };
  return image;
}

function createMemory(
  image: MemoryImage,
  memory: WebAssembly.Memory,
  content: Content,
  budget: MemoryBudget,
): ImagedMemory {
  const { byteLength } = content;
  const statistics: MemoryStatistics = { resets: 0, copiedBytes: 0, trims: 0 };
  let bytes = Buffer.from(memory.buffer);
  let isDiscarded = false;
  copyParts(bytes, content);
  return {
    memory,
    image,
    statistics,
    reset() {
      // A guest that grows its memory, even by nothing, empties the old buffer and gives the memory a new one. A memory
      // of no pages is empty as well.
      if (bytes.byteLength !== byteLength || byteLength === 0) {
        bytes = Buffer.from(memory.buffer);
        if (bytes.byteLength !== byteLength) return false;
      }
      if (isDiscarded) return false;
      statistics.resets++;
      statistics.copiedBytes = copyParts(bytes, content);
      for (const { start, end } of content.gaps) clear(bytes, start, end);
      return true;
    },
    discard() {
      if (!isDiscarded) budget.released(1);
      isDiscarded = true;
    },
    changes: () => undefined,
    firstDifference: () => firstDifference(new Uint8Array(memory.buffer), expanded(content)),
  };
}

function copyParts(target: Uint8Array, { parts }: Content): number {
  let copied = 0;
  for (const { at, bytes } of parts) {
    target.set(bytes, at);
    copied += bytes.byteLength;
  }
  return copied;
}

function clear(target: Buffer, start: number, end: number): void {
  for (let at = start; at < end; at += zeros.byteLength) {
    const stop = Math.min(at + zeros.byteLength, end);
    if (zeros.compare(target, at, stop, 0, stop - at) !== 0) target.fill(0, at, stop);
  }
}
