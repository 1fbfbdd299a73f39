// The instructions of one check, by which a guest finds out that it is to stop.
import type { CoreLimits } from '../binary/ast.ts';
import type { CoreModuleInfo } from './core-module.ts';
import type { RewriteOptions } from './rewrite-options.ts';

/** Pages of 64 KiB in the 2 GiB of addresses that one instruction of x86-64 can name. */
const POLLED_PAGES = 32_768n;
const PAGE = 65_536n;

const I32_CONST_0 = [0x41, 0x00];
const I32_LOAD = 0x28;
const DROP = 0x1a;
/** The bytes of `if unreachable end`. */
const IF_TRAP = [0x04, 0x40, 0x00, 0x0b];
const ALIGN_4 = 2;
const HAS_MEMORY_INDEX = 0x40;

/** The check of a module; undefined without `interrupt`. Throws when the index of the flag memory would be wrong. */
export function interruptCheck(info: CoreModuleInfo, options: RewriteOptions): Uint8Array | undefined {
  if (options.interrupt === undefined) return undefined;
  const address = polledAddress(info, options);
  return address === undefined ? flagCheck(flagMemoryIndex(info, options)) : pollCheck(address);
}

/**
 * The address that the module's checks load from, or undefined when they look at the flag: a module without a memory of
 * its own kind has nothing to load from, and beyond the declared maximum of an import the load would always trap.
 */
export function polledAddress(info: CoreModuleInfo, options: RewriteOptions): number | undefined {
  const memory = info.memories[0];
  const address = options.interrupt?.pollAddress;
  if (address === undefined || memory === undefined || !isPolled(memory)) return undefined;
  const isReached = memory.imported
    ? (memory.max ?? POLLED_PAGES) * PAGE > address
    : options.importMemories !== undefined;
  return isReached ? address : undefined;
}

const isPolled = ({ is64, shared, pageSizeLog2 }: CoreLimits): boolean =>
  !is64 && !shared && pageSizeLog2 === undefined;

/** The limits that the import of a polled memory declares, so that V8 takes the address for one that may be valid. */
export function polledLimits(limits: CoreLimits): CoreLimits {
  return { ...limits, max: POLLED_PAGES };
}

/**
 * Writes `(drop (i32.load offset=address (i32.const 0)))`, which becomes one instruction, since a register holds the
 * base of memory 0. V8 keeps the load, because it may trap.
 */
export function pollCheck(address: number): Uint8Array {
  return Uint8Array.from([...I32_CONST_0, I32_LOAD, ALIGN_4, ...u32(address), DROP]);
}

/**
 * Writes `(if (i32.load $flag (i32.const 0)) (then (unreachable)))`. V8 makes two loads for the base of the memory, one
 * for the flag, a compare and a branch to an out-of-line trap of it. A call in the cold branch would cost four times as
 * much: it spills what lives in registers.
 */
function flagCheck(flagMemory: number): Uint8Array {
  const memory = flagMemory === 0 ? [ALIGN_4] : [ALIGN_4 | HAS_MEMORY_INDEX, ...u32(flagMemory)];
  return Uint8Array.from([...I32_CONST_0, I32_LOAD, ...memory, 0x00, ...IF_TRAP]);
}

/** The index of the flag memory. Every memory is imported by then, and the flag memory comes last. */
function flagMemoryIndex({ memories }: CoreModuleInfo, { importMemories }: RewriteOptions): number {
  if (importMemories === undefined && memories.some(({ imported }) => !imported)) {
    throw new Error('The option interrupt needs importMemories, or memory indices would change');
  }
  return memories.length;
}

/** Encodes an unsigned LEB128 of 32 bits. */
function u32(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)];
}
