// Copies the code section with flag checks inserted: everything between two checks is one run of bytes.
// Where checks belong was found by read-code.ts.

import type { ByteSink } from './byte-sink.ts';
import type { CodeLayout } from './core-module.ts';
import { SectionId, type SectionRange } from './core-module.ts';

/** A LEB128 of 32 bits, as in memory indices. */
function u32(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value & 0x7f) | 0x80, ...u32(value >>> 7)];
}

/**
 * `(if (i32.load $flag (i32.const 0)) (then (unreachable)))`. V8 makes one load, one compare and one branch to an
 * out-of-line trap of it. A call in the cold branch would cost four times as much: it spills what lives in registers.
 */
export function flagCheck(flagMemory: number): Uint8Array {
  const zero = [0x41, 0x00];
  const load = flagMemory === 0 ? [0x28, 0x02, 0x00] : [0x28, 0x42, ...u32(flagMemory), 0x00];
  const trap = [0x04, 0x40, 0x00, 0x0b];
  return Uint8Array.from([...zero, ...load, ...trap]);
}

export function writeCheckedCode(
  sink: ByteSink,
  bytes: Uint8Array,
  section: SectionRange,
  code: CodeLayout,
  check: Uint8Array,
): void {
  const start = sink.beginSection(SectionId.code);
  let copied = section.start;
  let site = 0;
  for (let i = 0; i < code.entries.length; i++) {
    const entry = code.entryChecks[i]!;
    const siteEnd = code.siteEnds[i]!;
    const checks = siteEnd - site + (entry === 0 ? 0 : 1);
    if (checks === 0) continue;
    sink.copy(bytes, copied, code.entries[i]!);
    copied = code.bodies[i]!;
    const end = code.entries[i + 1] ?? section.end;
    sink.u32(end - copied + checks * check.length);
    if (entry !== 0) {
      sink.copy(bytes, copied, entry);
      sink.copy(check);
      copied = entry;
    }
    for (; site < siteEnd; site++) {
      const at = code.sites[site]!;
      sink.copy(bytes, copied, at);
      sink.copy(check);
      copied = at;
    }
  }
  sink.copy(bytes, copied, section.end);
  sink.endSection(start);
}
