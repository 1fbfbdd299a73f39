// Memories and tables with capped maxima.
import { MayflyError } from '../../errors.ts';
import type { CoreLimits } from '../binary/ast.ts';
import type { ByteSink } from './byte-sink.ts';
import { SectionId, type SectionRange } from './core-module.ts';
import { Cursor } from './cursor.ts';
import { readTable } from './read-sections.ts';

/**
 * Caps the maximum. Throws `component-over-limit` when even the minimum is above the cap. `what` names the object in
 * the message: `memory 0`.
 */
export function capLimits(limits: CoreLimits, cap: number | undefined, what: string): CoreLimits {
  if (cap === undefined) return limits;
  const most = BigInt(cap);
  if (limits.min > most) {
    const unit = what.startsWith('memory') ? 'pages' : 'elements';
    throw new MayflyError('component-over-limit', `Start with ${what} of ${limits.min} ${unit}: the limit is ${cap}`);
  }
  return limits.max !== undefined && limits.max <= most ? limits : { ...limits, max: most };
}

export function writeLimits(sink: ByteSink, { min, max, shared, is64, pageSizeLog2 }: CoreLimits): void {
  const flags = [max !== undefined, shared, is64, pageSizeLog2 !== undefined];
  sink.byte(flags.reduce((bits, set, i) => bits | (Number(set) << i), 0));
  sink.u64(min);
  if (max !== undefined) sink.u64(max);
  if (pageSizeLog2 !== undefined) sink.u32(pageSizeLog2);
}

export function writeMemories(sink: ByteSink, memories: readonly CoreLimits[]): void {
  const start = sink.beginSection(SectionId.memory);
  sink.u32(memories.length);
  for (const memory of memories) writeLimits(sink, memory);
  sink.endSized(start);
}

export function writeTables(sink: ByteSink, bytes: Uint8Array, section: SectionRange, cap: number): void {
  const cursor = new Cursor(bytes, section.start, section.end);
  const start = sink.beginSection(SectionId.table);
  const count = cursor.count(2);
  sink.u32(count);
  for (let i = 0; i < count; i++) {
    const from = cursor.position;
    const table = readTable(cursor);
    sink.copy(bytes, from, table.limitsStart);
    writeLimits(sink, capLimits(table.limits, cap, `table ${i}`));
    sink.copy(bytes, table.limitsEnd, cursor.position);
  }
  sink.endSized(start);
}
