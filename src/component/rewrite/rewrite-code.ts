// Copies the code section with interrupt checks inserted: everything between two checks is one run of bytes.
import type { ByteSink } from './byte-sink.ts';
import { type CodeLayout, type CoreModuleInfo, PlaceKind, SectionId, type SectionRange } from './core-module.ts';
import { functionsToCheck } from './entry-checks.ts';
import { type GrowthPlaces, growthGlobals, writeGrowthFunctions, writeReplacement } from './growth.ts';
import { writeCharge, writeChargeFunction } from './heap-charges.ts';
import { isCovered, LoopChecks, loopChecks } from './loop-checks.ts';
import { readU32, skipLeb } from './skip-immediates.ts';
import { unrollable, writeUnrolled } from './unroll-loop.ts';

interface CheckedCode {
  readonly sink: ByteSink;
  readonly bytes: Uint8Array;
  readonly code: CodeLayout;
  /** The instructions of one check; empty when the guest is not to be stopped. */
  readonly check: Uint8Array;
  /** The module, when what its code makes on the engine's heap is charged for. */
  readonly charged: CoreModuleInfo | undefined;
  /** Where the functions are that do what depends on the memory's size. */
  readonly growth: GrowthPlaces | undefined;
  readonly entryChecks: Uint8Array;
  /** For each place a value of LoopChecks, as loopChecks gives them. */
  readonly loops: Uint8Array;
}

export function writeCheckedCode(
  sink: ByteSink,
  bytes: Uint8Array,
  section: SectionRange,
  info: CoreModuleInfo,
  added: {
    readonly check: Uint8Array | undefined;
    readonly charges: boolean;
    readonly growth: GrowthPlaces | undefined;
  },
): void {
  const { code } = info.layout;
  const { check = noCheck, charges, growth } = added;
  const entryChecks = check === noCheck ? new Uint8Array(code.entries.length) : functionsToCheck(code, section.end);
  const loops = check === noCheck ? noCheck : loopChecks(bytes, code, entryChecks);
  const rewrite = { sink, bytes, code, check, charged: charges ? info : undefined, growth, entryChecks, loops };
  const start = sink.beginSection(SectionId.code);
  const more = Number(charges) + (growth ? growthGlobals.length : 0);
  let copied = more > 0 ? skipLeb(bytes, section.start) : section.start;
  if (more > 0) sink.u32(code.entries.length + more);
  let place = 0;
  for (let i = 0; i < code.entries.length; i++) {
    const placeEnd = code.placeEnds[i]!;
    if (placeEnd === place && entryChecks[i] === 0) continue;
    sink.copy(bytes, copied, code.entries[i]!);
    const body = sink.beginSized();
    copied = code.entries[i + 1] ?? section.end;
    sink.copy(bytes, writeChecks(rewrite, i, place, placeEnd), copied);
    sink.endSized(body);
    place = placeEnd;
  }
  sink.copy(bytes, copied, section.end);
  if (charges) writeChargeFunction(sink, info);
  if (growth) writeGrowthFunctions(sink, growth);
  sink.endSized(start);
}

const noCheck: Uint8Array = new Uint8Array(0);

/** Writes the body of function `i` up to its last check, inclusive; returns the offset up to which it was copied. */
function writeChecks(rewrite: CheckedCode, i: number, firstPlace: number, placeEnd: number): number {
  const { sink, bytes, code, check } = rewrite;
  let copied = code.bodies[i]!;
  if (rewrite.entryChecks[i] === 1) {
    sink.copy(bytes, copied, code.instructions[i]!);
    sink.copy(check);
    copied = code.instructions[i]!;
  }
  for (let place = firstPlace; place < placeEnd; place++) {
    // A place before `copied` lies in a loop that was unrolled, and has its checks already.
    if (code.places.offsets[place]! >= copied && needsCheck(rewrite, place))
      copied = writePlace(rewrite, place, copied);
  }
  return copied;
}

function needsCheck({ code, check, charged, growth, loops, entryChecks }: CheckedCode, place: number): boolean {
  const kind = code.places.kinds[place]!;
  if (kind === PlaceKind.allocation) return charged !== undefined;
  if (kind === PlaceKind.size) return growth !== undefined;
  if (kind === PlaceKind.range && growth) return true;
  if (check === noCheck) return false;
  if (kind === PlaceKind.range) return true;
  if ((kind & PlaceKind.loop) !== 0) return loops[place] === LoopChecks.atHead;
  return loops[code.places.links[place]!] === LoopChecks.atBranches && !isCovered(code, place, entryChecks);
}

/** Copies from `copied` to the place, writes its check, and returns the offset up to which the code was copied then. */
function writePlace(rewrite: CheckedCode, place: number, copied: number): number {
  const { sink, bytes, code, check, charged, growth } = rewrite;
  const at = code.places.offsets[place]!;
  const kind = code.places.kinds[place]!;
  if (kind === PlaceKind.allocation && charged) {
    sink.copy(bytes, copied, at);
    writeCharge(sink, bytes, at, charged);
    return at;
  }
  if (growth && (kind === PlaceKind.size || kind === PlaceKind.range)) {
    sink.copy(bytes, copied, at);
    if (kind === PlaceKind.range) sink.copy(check);
    return writeReplacement(sink, bytes, at, growth) ?? at;
  }
  if (kind === PlaceKind.brIf) {
    sink.copy(bytes, copied, at);
    return writeBranchIf(sink, bytes, at, check);
  }
  const loop = kind === PlaceKind.loop ? unrollable(bytes, code.places, place) : undefined;
  sink.copy(bytes, copied, loop?.start ?? at);
  if (loop !== undefined) {
    writeUnrolled(sink, bytes, loop, check);
    return loop.end + 1;
  }
  sink.copy(check);
  return at;
}

const IF = 0x04;
const EMPTY = 0x40;
const BR = 0x0c;
const END = 0x0b;

/** Writes `br_if $loop` as `if check br $loop end`, for a loop without parameters. */
function writeBranchIf(sink: ByteSink, bytes: Uint8Array, at: number, check: Uint8Array): number {
  sink.bytesOf(IF, EMPTY);
  sink.copy(check);
  sink.byte(BR);
  sink.u32(readU32(bytes, at + 1) + 1);
  sink.byte(END);
  return skipLeb(bytes, at + 1);
}
