// Memories whose pages are mapped copy-on-write from a sealed file: `scan` and `madvise`. Linux only.
// The engine knows nothing of the mapping: it reserved the addresses, and frees them with the memory.
import { MayflyError } from '../../errors.ts';
import type { MemoryBudget } from './budget.ts';
import { firstDifference } from './compare.ts';
import { growthOf } from './growth.ts';
import { createImageFile, createLayeredFile, type ImageFile, mapSegments } from './image-file.ts';
import {
  GRANULE,
  type ImagedMemory,
  type MemoryImage,
  type MemoryImageBase,
  type MemoryOptions,
  type MemoryStatistics,
  WASM_PAGE,
} from './imaged-memory.ts';
import type { MappedMemories } from './kernel.ts';
import { type Libc, MAP_ANONYMOUS, MAP_NORESERVE, MAP_PRIVATE, PROT_READ_WRITE } from './libc.ts';
import { createTrimState, shouldTrim } from './trim.ts';
import type { WrittenPages } from './written-pages.ts';
import { expanded, type Run, type SparseBytes, sparseBytes } from './zero-runs.ts';

/**
 * Makes an image that the kernel maps. With a `base`, a mapped image too, it keeps only what differs from that one, where
 * this saves anything; `changes` are the runs in which it may differ.
 */
export function createMappedImage(
  content: SparseBytes | Uint8Array,
  kernel: MappedMemories,
  budget: MemoryBudget,
  { base, changes }: MemoryImageBase = {},
): MemoryImage {
  const { libc } = kernel;
  const layered = base?.file && createLayeredFile(libc, expanded(content), base.file, changes);
  const file = layered ?? createImageFile(libc, sparseBytes(content, GRANULE));
  // Of one piece it takes one mapping, which is then there for whatever memory comes; of layers it takes many.
  const { release } = layered ? { release: file.retain() } : openFile(file);
  const { byteLength } = content;
  let isClosed = false;
  const image: MemoryImage = {
    strategy: kernel.strategy,
    pages: byteLength / WASM_PAGE,
    byteLength,
    file,
    create(maximum, { servesOnce = false, takesBackGrowth = false } = {}) {
      if (isClosed) throw new MayflyError('sandbox-exhausted', 'The memory image is closed');
      const how = { maximum, servesOnce, takesBackGrowth };
      return createMemory(image, file, servesOnce ? { libc } : kernel, budget, how);
    },
    close() {
      isClosed = true;
      release();
    },
  };
  return image;
}

interface HowToCreate extends Required<MemoryOptions> {
  readonly maximum: number | undefined;
}

function createMemory(
  image: MemoryImage,
  file: ImageFile,
  kernel: Pick<MappedMemories, 'libc' | 'written'>,
  budget: MemoryBudget,
  { maximum, servesOnce, takesBackGrowth }: HowToCreate,
): ImagedMemory {
  const { libc, written } = kernel;
  const { byteLength } = image;
  // The budget keeps this function until the memory is collected: it must come from where no memory is in scope.
  const { release, image: content } = openFile(file);
  const memory = takeMemory(image, file, budget, maximum, release);
  const address = libc.addressOf(memory.buffer as ArrayBuffer);
  if (!mapOver(libc, address, file) || written?.watch(address, byteLength) === false) {
    const reason = libc.errno();
    release();
    throw new MayflyError('sandbox-exhausted', `Cannot map an image over a linear memory: ${reason}`);
  }
  const statistics: MemoryStatistics = { resets: 0, copiedBytes: 0, trims: 0 };
  const dropAll = dropper(libc, address, byteLength);
  const putBack = written ? scanAndCopy(libc, written, address, content, dropAll, statistics) : dropAll;
  let bytes = new Uint8Array(memory.buffer);
  const growth = takesBackGrowth && maximum !== undefined ? growthOf(kernel, memory, address, maximum) : undefined;
  let isDiscarded = false;
  return {
    memory,
    image,
    growth,
    statistics,
    reset() {
      // A guest that grows its memory, even by nothing, empties the old buffer and gives the memory a new one.
      if (bytes.byteLength !== byteLength) {
        bytes = new Uint8Array(memory.buffer);
        if (bytes.byteLength !== byteLength) return false;
      }
      if (isDiscarded || servesOnce || growth?.takeBack() === false) return false;
      statistics.resets++;
      return putBack(bytes);
    },
    discard() {
      if (isDiscarded) return;
      isDiscarded = true;
      growth?.end();
      blank(libc, address, byteLength, growth?.byteLength ?? memory.buffer.byteLength);
      release();
      budget.released(1);
    },
    changes: () => (written && !isDiscarded ? writtenRuns(written, address, byteLength) : undefined),
    firstDifference: () => (isDiscarded ? 0 : firstDifference(new Uint8Array(memory.buffer), content)),
  };
}

/** Keeps the files and a view of them until `release` is called. */
function openFile(file: ImageFile): { readonly image: Buffer; release(): void } {
  const release = file.retain();
  let view: ReturnType<ImageFile['openView']>;
  try {
    view = file.openView();
  } catch (error) {
    release();
    throw error;
  }
  return {
    image: view.bytes,
    release() {
      view.close();
      release();
    },
  };
}

function takeMemory(
  image: MemoryImage,
  file: ImageFile,
  budget: MemoryBudget,
  maximum: number | undefined,
  release: () => void,
): WebAssembly.Memory {
  try {
    // Each further segment is a mapping of the memory, and one of the view.
    const mappings = 2 * (file.segments.length - 1);
    return budget.take({ initial: image.pages, mappings, ...(maximum !== undefined && { maximum }) }, release);
  } catch (error) {
    release();
    throw error;
  }
}

function mapOver(libc: Libc, address: bigint, { segments }: ImageFile): boolean {
  return mapSegments(libc, address, segments, PROT_READ_WRITE, MAP_PRIVATE | MAP_NORESERVE);
}

/**
 * Puts zeros in place of the image and of what was written over it, and gives the memory and the file back to the
 * system.
 */
function blank(libc: Libc, address: bigint, byteLength: number, currentLength: number): void {
  const flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
  if (!libc.mapFixed(address, byteLength, PROT_READ_WRITE, flags, -1)) libc.dropPages(address, BigInt(byteLength));
  const grown = currentLength - byteLength;
  if (grown > 0) libc.dropPages(address + BigInt(byteLength), BigInt(grown));
}

/** Undefined when the kernel does not say. */
function writtenRuns(written: WrittenPages, address: bigint, byteLength: number): readonly Run[] | undefined {
  const runs: Run[] = [];
  return written.scan(address, byteLength, (start, end) => runs.push({ start, end })) < 0 ? undefined : runs;
}

function dropper(libc: Libc, address: bigint, byteLength: number): () => boolean {
  const length = BigInt(byteLength);
  return () => libc.dropPages(address, length);
}

function scanAndCopy(
  libc: Libc,
  written: WrittenPages,
  address: bigint,
  image: Buffer,
  dropAll: () => boolean,
  statistics: MemoryStatistics,
): (bytes: Uint8Array) => boolean {
  const { byteLength } = image;
  const trim = createTrimState();
  let target: Uint8Array;
  const copyBack = (start: number, end: number): void => target.set(image.subarray(start, end), start);
  const drop = (): boolean => dropAll() && written.rewatch(address, byteLength);
  return (bytes) => {
    target = bytes;
    const copied = written.scan(address, byteLength, copyBack);
    statistics.copiedBytes = Math.max(0, copied);
    if (copied >= 0 && !shouldTrim(trim, copied / libc.pageSize)) return true;
    statistics.trims++;
    return drop();
  };
}
