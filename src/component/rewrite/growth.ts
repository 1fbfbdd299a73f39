// What is added to a module whose memory a host may make larger and smaller again behind the engine's back: the engine then
// knows a size that is too small, which only matters to the instructions that look at it. Those are replaced by calls of
// functions that stand at the end of the index space; these call what the host put into globals at the end of theirs, or do as
// the instruction does while the host has put nothing there. Loads and stores stay as they are: they trap where pages are
// missing. As with heap-charges.ts, the original module has to be valid by itself.
import type { ByteSink } from './byte-sink.ts';
import { type CoreModuleInfo, SectionId } from './core-module.ts';
import type { Addition } from './rewrite-additions.ts';
import { readU32, skipLeb } from './skip-immediates.ts';

/** The globals that the host sets, in their order, under these names after the prefix of the options. */
export const growthGlobals = ['grow', 'copy', 'fill'] as const;

const I32 = 0x7f;
const MEMORY_SIZE = 0x3f;
const MEMORY_GROW = 0x40;
const MISC_PREFIX = 0xfc;
const MEMORY_COPY = 10;
const MEMORY_FILL = 11;

/** `(func (param i32) (result i32))`, `(func (param i32 i32 i32) (result i32))`, `(func (param i32 i32 i32))`. */
const types = [
  [0x60, 1, I32, 1, I32],
  [0x60, 3, I32, I32, I32, 1, I32],
  [0x60, 3, I32, I32, I32, 0],
] as const;
const [GROW_TYPE, RANGE_TYPE, DONE_TYPE] = [0, 1, 2];
const functionTypes = [GROW_TYPE, DONE_TYPE, DONE_TYPE] as const;
const globalTypes = [GROW_TYPE, RANGE_TYPE, RANGE_TYPE] as const;

/** Where the additions stand: the first index of each index space that is theirs. */
export interface GrowthPlaces {
  readonly type: number;
  readonly function: number;
  readonly global: number;
}

/**
 * Whether the growth of the module's memory can be taken back: it has one memory, of the ordinary kind, which it may grow, and
 * no instruction whose addresses the engine compares with the size that it knows.
 */
export function canTakeBackGrowth({ memories, memoryGrow, layout }: CoreModuleInfo): boolean {
  const [memory, ...others] = memories;
  if (!memory || others.length > 0 || memory.imported || !memoryGrow || layout.code.comparesAddresses) return false;
  return !memory.is64 && !memory.shared && memory.pageSizeLog2 === undefined;
}

export function growthAdditions(places: GrowthPlaces, prefix: string): readonly Addition[] {
  return [
    { id: SectionId.type, entries: types.map((type) => (sink) => sink.bytesOf(...type)) },
    { id: SectionId.function, entries: functionTypes.map((type) => (sink) => sink.u32(places.type + type)) },
    {
      id: SectionId.global,
      entries: globalTypes.map((type) => (sink) => {
        // (mut (ref null $type)), which starts as ref.null $type
        sink.byte(0x63);
        sink.i32(places.type + type);
        sink.bytesOf(1, 0xd0);
        sink.i32(places.type + type);
        sink.byte(0x0b);
      }),
    },
    {
      id: SectionId.export,
      entries: growthGlobals.map((name, index) => (sink) => {
        sink.name(`${prefix}${name}`);
        sink.byte(3);
        sink.u32(places.global + index);
      }),
    },
  ];
}

/** Writes the bodies of the functions, in the order of `growthGlobals`. */
export function writeGrowthFunctions(sink: ByteSink, places: GrowthPlaces): void {
  writeBody(sink, () => writeGrow(sink, places));
  writeBody(sink, () =>
    writeRange(sink, places, 1, [0x20, 0, 0x20, 1, 0x20, 0, 0x20, 1, 0x4b, 0x1b], [MEMORY_COPY, 0, 0]),
  );
  writeBody(sink, () => writeRange(sink, places, 2, [0x20, 0], [MEMORY_FILL, 0]));
}

function writeBody(sink: ByteSink, write: () => void): void {
  const start = sink.beginSized();
  sink.byte(0);
  write();
  sink.byte(0x0b);
  sink.endSized(start);
}

function writeGrow(sink: ByteSink, places: GrowthPlaces): void {
  writeGlobal(sink, places, 0);
  sink.bytesOf(0xd1, 0x04, I32, 0x20, 0, 0x40, 0); // ref.is_null, if: memory.grow
  sink.bytesOf(0x05, 0x20, 0); // else
  writeGlobal(sink, places, 0);
  writeCallRef(sink, places, GROW_TYPE);
  sink.byte(0x0b);
}

/**
 * Writes a function of three parameters, the last of which is a length; `start` leaves the highest address at which the range
 * or ranges start. A range that ends within what the engine knows of the memory is left to the instruction, and so is one for
 * which the host returns 0: it lies outside of the memory, and traps.
 */
function writeRange(
  sink: ByteSink,
  places: GrowthPlaces,
  global: number,
  start: readonly number[],
  instruction: readonly number[],
): void {
  sink.bytesOf(...start, 0xad, 0x20, 2, 0xad, 0x7c); // i64.extend_i32_u of both, i64.add
  sink.bytesOf(MEMORY_SIZE, 0, 0xad, 0x42, 16, 0x86, 0x56, 0x04, 0x40); // of the size, i64.shl by 16, i64.gt_u, if
  writeGlobal(sink, places, global);
  sink.bytesOf(0xd1, 0x45, 0x04, 0x40, 0x20, 0, 0x20, 1, 0x20, 2); // ref.is_null, i32.eqz, if
  writeGlobal(sink, places, global);
  writeCallRef(sink, places, RANGE_TYPE);
  sink.bytesOf(0x04, 0x40, 0x0f, 0x0b, 0x0b, 0x0b); // if return end, end, end
  sink.bytesOf(0x20, 0, 0x20, 1, 0x20, 2, MISC_PREFIX, ...instruction);
}

function writeGlobal(sink: ByteSink, places: GrowthPlaces, index: number): void {
  sink.byte(0x23);
  sink.u32(places.global + index);
}

function writeCallRef(sink: ByteSink, places: GrowthPlaces, type: number): void {
  sink.byte(0x14);
  sink.u32(places.type + type);
}

/**
 * Writes what replaces the instruction at `at`, whose operands lie on the stack, and returns the offset after it. Undefined for
 * an instruction that stays.
 */
export function writeReplacement(
  sink: ByteSink,
  bytes: Uint8Array,
  at: number,
  places: GrowthPlaces,
): number | undefined {
  const opcode = bytes[at];
  if (opcode === MEMORY_SIZE || opcode === MEMORY_GROW) {
    // The size is what growing by nothing gives.
    if (opcode === MEMORY_SIZE) sink.bytesOf(0x41, 0);
    writeCall(sink, places.function);
    return skipLeb(bytes, at + 1);
  }
  if (opcode !== MISC_PREFIX) return undefined;
  const operation = readU32(bytes, at + 1);
  const immediates = skipLeb(bytes, at + 1);
  if (operation !== MEMORY_COPY && operation !== MEMORY_FILL) return undefined;
  writeCall(sink, places.function + (operation === MEMORY_COPY ? 1 : 2));
  return operation === MEMORY_COPY ? skipLeb(bytes, skipLeb(bytes, immediates)) : skipLeb(bytes, immediates);
}

function writeCall(sink: ByteSink, index: number): void {
  sink.byte(0x10);
  sink.u32(index);
}
