// Core module → core module: memories become imports, internals become exports, code gets interrupt checks, an image's
// module loses what an image holds. No index of the module changes, so names, exports and segments stay right.

import { MayflyError } from '../../errors.ts';
import { ByteSink } from './byte-sink.ts';
import { constantObjectBytes } from './constant-objects.ts';
import type { CopiedRuns } from './copied-runs.ts';
import { type CoreModuleInfo, SectionId, type SectionRange, sectionOrder } from './core-module.ts';
import { writeImageData } from './data-segments.ts';
import { type GrowthPlaces, growthAdditions, growthGlobals } from './growth.ts';
import { hasCharges, heapAdditions } from './heap-charges.ts';
import { interruptCheck } from './interrupt-check.ts';
import { type Addition, addedExports, addedImports, writeAddition } from './rewrite-additions.ts';
import { writeCheckedCode } from './rewrite-code.ts';
import { capLimits, writeMemories, writeTables } from './rewrite-limits.ts';
import type { HeapOptions, RewriteOptions } from './rewrite-options.ts';

const PREAMBLE_LENGTH = 8;
/** Bytes of room for what is added beyond the checks. */
const SLACK = 4096;
/** The start of the names of custom sections that hold offsets of instructions. */
const CODE_METADATA = 'metadata.code.';

interface Rewrite {
  readonly sink: ByteSink;
  readonly bytes: Uint8Array;
  readonly info: CoreModuleInfo;
  readonly options: RewriteOptions;
  readonly check: Uint8Array | undefined;
  /** Whether the code is charged for what it makes on the engine's heap. */
  readonly charges: boolean;
  /** Where what `growth` adds stands. */
  readonly growth: GrowthPlaces | undefined;
}

/**
 * Rewrites a module. `info` must be what readCoreModule says of these bytes. Throws `component-over-limit` when the
 * module starts with more than a cap allows, `component-corrupt`, or `component-unsupported` for an export whose name
 * is needed. `runs` gets where the bytes of the result stood before.
 */
export function rewriteCoreModule(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  options: RewriteOptions,
  runs?: CopiedRuns,
): Uint8Array<ArrayBuffer> {
  const check = interruptCheck(info, options);
  const { places, entries } = info.layout.code;
  const recorder = runs && { source: bytes, add: runs.add.bind(runs) };
  const sink = new ByteSink(
    bytes.length + (check?.length ?? 0) * (places.kinds.length + entries.length) + SLACK,
    recorder,
  );
  const heap = info.allocates ? heapOptions(bytes, info, options) : undefined;
  const charges = heap !== undefined && hasCharges(info);
  const growth = growthPlaces(info, options, charges, heap !== undefined);
  const rewrite = { sink, bytes, info, options, check, charges, growth };
  sink.copy(bytes, 0, PREAMBLE_LENGTH);
  const additions = allAdditions(info, options, heap, growth);
  for (const section of info.layout.sections) {
    while (section.id !== SectionId.custom && additions[0] !== undefined && rank(additions[0].id) < rank(section.id)) {
      writeAddition(sink, bytes, undefined, additions.shift()!);
    }
    if (section.id === additions[0]?.id) writeAddition(sink, bytes, section, additions.shift()!);
    else if (!replaceSection(rewrite, section)) sink.copy(bytes, section.header, section.end);
  }
  for (const addition of additions) writeAddition(sink, bytes, undefined, addition);
  return sink.result();
}

/** All additions in the order of their sections. */
function allAdditions(
  info: CoreModuleInfo,
  options: RewriteOptions,
  heap: HeapOptions | undefined,
  growth: GrowthPlaces | undefined,
): Addition[] {
  const bySection = new Map<number, Addition['entries'][number][]>();
  const all = [
    addedImports(info, options),
    addedExports(info, options),
    ...(heap ? heapAdditions(info, heap) : []),
    ...(growth ? growthAdditions(growth, options.growth ?? '') : []),
  ];
  for (const { id, entries } of all) bySection.set(id, [...(bySection.get(id) ?? []), ...entries]);
  return [...bySection]
    .map(([id, entries]) => ({ id, entries }))
    .filter(({ entries }) => entries.length > 0)
    .sort((a, b) => rank(a.id) - rank(b.id));
}

/**
 * The heap options with what is left of the budget when the constants of one instance are made. Throws
 * `component-over-limit`.
 */
function heapOptions(bytes: Uint8Array, info: CoreModuleInfo, { heap }: RewriteOptions): HeapOptions | undefined {
  if (heap === undefined) return undefined;
  if (info.exports.some(({ name }) => name === heap.exportName)) {
    throw new MayflyError('component-unsupported', `Cannot load a core module that exports "${heap.exportName}"`);
  }
  const left = heap.bytes - constantObjectBytes(bytes, info.layout.sections, info.types);
  if (left >= 0) return { ...heap, bytes: left };
  const message = `The constants of a core module take ${heap.bytes - left} bytes. Limit reached: memory (${heap.bytes} bytes of objects for it)`;
  throw new MayflyError('component-over-limit', message);
}

/** Behind what a heap adds. Throws `component-unsupported` for an export whose name is needed. */
function growthPlaces(
  info: CoreModuleInfo,
  { growth }: RewriteOptions,
  charges: boolean,
  hasHeap: boolean,
): GrowthPlaces | undefined {
  if (growth === undefined) return undefined;
  const taken = info.exports.find(({ name }) => growthGlobals.some((own) => name === `${growth}${own}`));
  if (taken) throw new MayflyError('component-unsupported', `Cannot load a core module that exports "${taken.name}"`);
  return {
    type: info.types.length + Number(charges),
    function: info.funcTypes.length + Number(charges),
    global: info.globals.length + Number(hasHeap),
  };
}

const rank = (id: number): number => sectionOrder.indexOf(id);

/** Writes what replaces the section, which may be nothing; false when the section stays as it is. */
function replaceSection(rewrite: Rewrite, section: SectionRange): boolean {
  const { sink, bytes, info, options, check, charges, growth } = rewrite;
  const changesCode = check !== undefined || charges || growth !== undefined;
  const { image = false, importMemories, maximumPages, maximumTableElements } = options;
  switch (section.id) {
    case SectionId.custom:
      return changesCode && section.name?.startsWith(CODE_METADATA) === true;
    case SectionId.memory:
      if (importMemories !== undefined) return true;
      if (maximumPages !== undefined) writeMemories(sink, cappedMemories(info, maximumPages));
      return maximumPages !== undefined;
    case SectionId.table:
      if (maximumTableElements !== undefined) writeTables(sink, bytes, section, maximumTableElements);
      return maximumTableElements !== undefined;
    case SectionId.start:
      return image;
    case SectionId.dataCount:
      return image && !info.layout.code.usesDataSegments;
    case SectionId.data:
      if (image && info.layout.code.usesDataSegments) writeImageData(sink, bytes, section);
      return image;
    case SectionId.code:
      if (!changesCode) return false;
      writeCheckedCode(sink, bytes, section, info, { check, charges, growth });
      return true;
    default:
      return false;
  }
}

function cappedMemories(info: CoreModuleInfo, cap: number): ReturnType<typeof capLimits>[] {
  const imported = info.memories.filter((memory) => memory.imported).length;
  return info.memories.slice(imported).map((memory, i) => capLimits(memory, cap, `memory ${imported + i}`));
}
