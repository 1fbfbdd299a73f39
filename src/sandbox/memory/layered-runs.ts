// Finds out what of an image is not in the image below it, in few runs of whole pages: each run is a mapping in every sandbox.
import { type Run, type SparseBytes, sparseBytes } from './zero-runs.ts';

/** The most runs that differ. */
const MOST_RUNS = 16;
/** An image of which more than this part differs gets a file of its own. */
const MOST_DIFFERENT = 0.5;

export interface Layered {
  /** All of the image in order: what stands at `offset` of the upper file, or, without one, in the image below. */
  readonly runs: readonly (Run & { readonly offset?: number })[];
  /** What the upper file holds. */
  readonly content: SparseBytes;
}

/**
 * Undefined where too much differs, or the image below is longer. `changes` are runs of whole pages outside of which nothing
 * differs; without them all is compared.
 */
export function layeredRuns(
  image: Uint8Array,
  below: Uint8Array,
  pageSize: number,
  changes: readonly Run[] = [{ start: 0, end: below.byteLength }],
): Layered | undefined {
  if (image.byteLength < below.byteLength) return undefined;
  const changed = fewer(differentRuns(image, below, pageSize, changes), MOST_RUNS);
  const sum = changed.reduce((bytes, { start, end }) => bytes + end - start, 0);
  if (sum > image.byteLength * MOST_DIFFERENT) return undefined;
  const runs: (Run & { readonly offset?: number })[] = [];
  const parts: { at: number; bytes: Uint8Array }[] = [];
  let at = 0;
  let offset = 0;
  for (const { start, end } of changed) {
    if (start > at) runs.push({ start: at, end: start });
    runs.push({ start, end, offset });
    for (const part of sparseBytes(image.subarray(start, end), pageSize).parts) {
      parts.push({ at: offset + part.at, bytes: part.bytes });
    }
    offset += end - start;
    at = end;
  }
  if (at < image.byteLength) runs.push({ start: at, end: image.byteLength });
  return { runs, content: { byteLength: offset, parts } };
}

/** The pages that differ, joined to runs. What lies beyond the image below is one run of its own. */
function differentRuns(image: Uint8Array, below: Uint8Array, pageSize: number, changes: readonly Run[]): Run[] {
  const old = Buffer.from(below.buffer, below.byteOffset, below.byteLength);
  const whole = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const runs: Run[] = [];
  for (const change of changes) {
    for (let { start } = change; start < change.end; start += pageSize) {
      const end = Math.min(start + pageSize, old.byteLength);
      if (whole.compare(old, start, end, start, end) === 0) continue;
      const last = runs.at(-1);
      if (last?.end === start) runs[runs.length - 1] = { start: last.start, end };
      else runs.push({ start, end });
    }
  }
  if (image.byteLength > old.byteLength) runs.push({ start: old.byteLength, end: image.byteLength });
  return runs;
}

/** Joins those with the smallest gaps between them until there are at most so many. */
function fewer(runs: readonly Run[], most: number): readonly Run[] {
  if (runs.length <= most) return runs;
  const gaps = runs.slice(1).map(({ start }, index) => start - (runs[index] as Run).end);
  const kept = new Set(
    gaps
      .map((gap, index) => ({ gap, index }))
      .sort((a, b) => b.gap - a.gap)
      .slice(0, most - 1)
      .map(({ index }) => index),
  );
  const joined: Run[] = [];
  let start = (runs[0] as Run).start;
  runs.forEach(({ end }, index) => {
    if (index < runs.length - 1 && !kept.has(index)) return;
    joined.push({ start, end });
    start = runs[index + 1]?.start ?? end;
  });
  return joined;
}
