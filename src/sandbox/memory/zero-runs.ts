// Finds out which parts of some bytes hold only zeros, in whole pages.

export interface Run {
  /** Offsets in bytes; `end` is exclusive. */
  readonly start: number;
  readonly end: number;
}

/** The runs of pages with at least one byte that is not zero, in order and as long as possible. */
export function nonZeroRuns(bytes: Uint8Array, pageSize: number): Run[] {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const zeros = Buffer.alloc(pageSize);
  const runs: Run[] = [];
  let start = -1;
  for (let page = 0; page < buffer.byteLength; page += pageSize) {
    const end = Math.min(page + pageSize, buffer.byteLength);
    const isZero = buffer.compare(zeros, 0, end - page, page, end) === 0;
    if (isZero && start >= 0) runs.push({ start, end: page });
    if (isZero) start = -1;
    else if (start < 0) start = page;
  }
  if (start >= 0) runs.push({ start, end: buffer.byteLength });
  return runs;
}

/** What lies between the runs, up to `byteLength`. */
export function gapsBetween(runs: readonly Run[], byteLength: number): Run[] {
  const gaps: Run[] = [];
  let at = 0;
  for (const { start, end } of [...runs, { start: byteLength, end: byteLength }]) {
    if (start > at) gaps.push({ start: at, end: start });
    at = end;
  }
  return gaps;
}

/** Bytes that are zero outside of these parts, which are in order and do not overlap. */
export interface SparseBytes {
  readonly byteLength: number;
  readonly parts: readonly { readonly at: number; readonly bytes: Uint8Array }[];
}

/** Finds the parts, which are views of `bytes`; what is sparse already stays as it is. */
export function sparseBytes(bytes: Uint8Array | SparseBytes, pageSize: number): SparseBytes {
  if (!(bytes instanceof Uint8Array)) return bytes;
  const parts = nonZeroRuns(bytes, pageSize).map(({ start, end }) => ({
    at: start,
    bytes: bytes.subarray(start, end),
  }));
  return { byteLength: bytes.byteLength, parts };
}

/** All bytes, those that are zero with them. */
export function expanded(content: SparseBytes | Uint8Array): Uint8Array {
  if (content instanceof Uint8Array) return content;
  const { byteLength, parts } = content;
  const whole = Buffer.alloc(byteLength);
  for (const { at, bytes } of parts) whole.set(bytes, at);
  return whole;
}
