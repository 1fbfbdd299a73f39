// Core module → core module: memories become imports, internals become exports, code gets interrupt checks, an image's
// module loses what an image holds. No index of the module changes, so names, exports and segments stay right.
import { ByteSink } from './byte-sink.ts';
import { type CoreModuleInfo, SectionId, type SectionRange, sectionOrder } from './core-module.ts';
import { writeImageData } from './data-segments.ts';
import { interruptCheck } from './interrupt-check.ts';
import { addedExports, addedImports, writeAddition } from './rewrite-additions.ts';
import { writeCheckedCode } from './rewrite-code.ts';
import { capLimits, writeMemories, writeTables } from './rewrite-limits.ts';
import type { RewriteOptions } from './rewrite-options.ts';

const PREAMBLE_LENGTH = 8;
/** Room for what is added beyond the checks. */
const SLACK = 4096;
/** Custom sections of this kind hold offsets of instructions. */
const CODE_METADATA = 'metadata.code.';

interface Rewrite {
  readonly sink: ByteSink;
  readonly bytes: Uint8Array;
  readonly info: CoreModuleInfo;
  readonly options: RewriteOptions;
  readonly check: Uint8Array | undefined;
}

/**
 * `info` must be what readCoreModule says of these bytes. Throws `component-over-limit` when the module starts with more
 * than a cap allows, `component-corrupt`, or `component-unsupported` for an export whose name is needed.
 */
export function rewriteCoreModule(
  bytes: Uint8Array,
  info: CoreModuleInfo,
  options: RewriteOptions,
): Uint8Array<ArrayBuffer> {
  const check = interruptCheck(info, options);
  const { places, entries } = info.layout.code;
  const sink = new ByteSink(bytes.length + (check?.length ?? 0) * (places.kinds.length + entries.length) + SLACK);
  const rewrite = { sink, bytes, info, options, check };
  sink.copy(bytes, 0, PREAMBLE_LENGTH);
  const additions = [addedImports(info, options), addedExports(info, options)].filter(
    ({ entries }) => entries.length > 0,
  );
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

const rank = (id: number): number => sectionOrder.indexOf(id);

/** Writes what replaces the section, which may be nothing; false when it stays as it is. */
function replaceSection({ sink, bytes, info, options, check }: Rewrite, section: SectionRange): boolean {
  const { image = false, importMemories, maximumPages, maximumTableElements } = options;
  switch (section.id) {
    case SectionId.custom:
      return check !== undefined && section.name?.startsWith(CODE_METADATA) === true;
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
      if (check !== undefined) writeCheckedCode(sink, bytes, section, info.layout.code, check);
      return check !== undefined;
    default:
      return false;
  }
}

function cappedMemories(info: CoreModuleInfo, cap: number): ReturnType<typeof capLimits>[] {
  const imported = info.memories.filter((memory) => memory.imported).length;
  return info.memories.slice(imported).map((memory, i) => capLimits(memory, cap, `memory ${imported + i}`));
}
