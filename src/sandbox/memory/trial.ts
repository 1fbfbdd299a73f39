// Tries a mapped reset strategy on a small memory, with the writes that a kernel could get wrong, before it is trusted.

import { closeSync, openSync, readSync } from 'node:fs';
import { createMemoryBudget } from './budget.ts';
import type { ImagedMemory } from './imaged-memory.ts';
import { type MappedMemories, mappedMemories, processLibc, processWrittenPages } from './kernel.ts';
import { createMappedImage } from './mapped-image.ts';
import type { WriteTracking } from './written-pages.ts';
import { sparseBytes } from './zero-runs.ts';

const WASM_PAGE = 65_536;
const IMAGE_PAGES = 2;
const BYTE = 0x5a;
/** Of so many memories one can be given back without a call of the collector, which would take 16 ms of each start. */
const MEMORIES = 8;

/** The reason why the strategy does not work here, or undefined when it does. Other failures throw. */
export function tryScan(tracking: WriteTracking): string | undefined {
  const missing = missingLibc() ?? missingPages(tracking);
  return missing ?? withMemory(mappedMemories('scan', tracking), (kernel, imaged) => scanFinds(kernel, imaged));
}

export function tryMadvise(): string | undefined {
  return missingLibc() ?? withMemory(mappedMemories('madvise'), (_, imaged) => madviseDrops(imaged));
}

function missingLibc(): string | undefined {
  const libc = processLibc();
  if (typeof libc === 'string') return libc;
  const fits = Number.isInteger(WASM_PAGE / libc.pageSize);
  return fits ? undefined : `memory pages of ${libc.pageSize} bytes do not divide those of WebAssembly`;
}

function missingPages(tracking: WriteTracking): string | undefined {
  const pages = processWrittenPages(tracking);
  return typeof pages === 'string' ? pages : undefined;
}

function withMemory(
  kernel: MappedMemories,
  test: (kernel: MappedMemories, imaged: ImagedMemory) => string | undefined,
): string | undefined {
  const bytes = new Uint8Array(IMAGE_PAGES * WASM_PAGE).fill(BYTE, 0, WASM_PAGE + kernel.libc.pageSize);
  const image = createMappedImage(sparseBytes(bytes, kernel.libc.pageSize), kernel, createMemoryBudget(MEMORIES));
  try {
    const imaged = image.create();
    try {
      return test(kernel, imaged);
    } finally {
      imaged.discard();
    }
  } finally {
    image.close();
  }
}

function madviseDrops(imaged: ImagedMemory): string | undefined {
  write(imaged, WASM_PAGE / 16);
  return resets(imaged);
}

function scanFinds(kernel: MappedMemories, imaged: ImagedMemory): string | undefined {
  const { pageSize } = kernel.libc;
  const address = kernel.libc.addressOf(imaged.memory.buffer as ArrayBuffer);
  const found = (): string => {
    const runs: string[] = [];
    const bytes = kernel.written!.scan(address, imaged.image.byteLength, (start, end) =>
      runs.push(`${start / pageSize}-${end / pageSize}`),
    );
    return bytes < 0 ? `PAGEMAP_SCAN fails (${kernel.libc.errno()})` : runs.join(' ');
  };
  const last = imaged.image.byteLength / pageSize;
  const written = `0-1 2-4 ${last - 1}-${last}`;
  // The memory is tried once fresh, once with pages that are private already, and once after the pages were dropped.
  for (let round = 0; round < 3; round++) {
    readAll(imaged);
    const before = found();
    if (before !== (round === 1 ? written : '')) return `PAGEMAP_SCAN finds '${before}' before a write`;
    write(imaged, pageSize);
    const after = found();
    if (after !== written) return `PAGEMAP_SCAN finds '${after}' instead of '${written}'`;
    const failure = resets(imaged);
    if (failure !== undefined) return failure;
    if (round === 1 && !dropAll(kernel, address, imaged.image.byteLength)) return 'the kernel does not drop pages';
  }
  return undefined;
}

function dropAll({ libc, written }: MappedMemories, address: bigint, byteLength: number): boolean {
  return libc.dropPages(address, BigInt(byteLength)) && written!.rewatch(address, byteLength);
}

/** Writes to pages 0, 2, 3 and the last: by the engine, and by the kernel on behalf of a system call. */
function write({ memory, image }: ImagedMemory, pageSize: number): void {
  const bytes = new Uint8Array(memory.buffer);
  bytes[0] = 1;
  bytes[3 * pageSize] = 2;
  bytes[image.byteLength - 1] = 3;
  const file = openSync('/proc/self/stat', 'r');
  readSync(file, bytes, 2 * pageSize, 8, null);
  closeSync(file);
}

function readAll({ memory }: ImagedMemory): void {
  new Uint8Array(memory.buffer).indexOf(0xff);
}

function resets(imaged: ImagedMemory): string | undefined {
  if (!imaged.reset()) return 'the kernel refuses to put a memory back';
  const difference = imaged.firstDifference();
  return difference === undefined ? undefined : `byte ${difference} was not put back`;
}
