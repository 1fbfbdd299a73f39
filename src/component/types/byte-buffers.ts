// Buffers for bytes that leave a guest, used again once their user gives them back: a fresh one for each piece of a
// stream is garbage outside of V8's heap, which starts collections of the whole heap (two thirds of an echo's CPU
// time). It is not known here who uses the bytes. A buffer that is never given back is left to the garbage collector.

/** Bytes of the smallest buffer that is used again. Smaller copies cost less than the bookkeeping. */
const SMALLEST = 4096;
const LARGEST = 65_536;
/** The most buffers of each size that are kept for later: 8 MiB at most, over all sizes. */
const MOST_KEPT = 64;

/** The kept buffers by size: 4, 8, 16, 32, 64 KiB. */
const kept: ArrayBuffer[][] = [[], [], [], [], []];
/** What is lent, by the very view that was given out: a view of a part cannot give back the whole. */
const lent = new WeakSet<Uint8Array>();

/** The slice of Uint8Array: a Buffer's own `slice` copies nothing. */
const { slice } = Uint8Array.prototype;

function sizeClass(length: number): number {
  return Math.max(0, 32 - Math.clz32((length - 1) >>> 12));
}

/**
 * Copies `bytes[start, end)` for the caller, to whom the copy belongs. Its `buffer` may be larger and hold what others
 * left there, so only the view may be used.
 */
export function copyBytes(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const length = end - start;
  if (length <= SMALLEST / 2 || length > LARGEST) return slice.call(bytes, start, end);
  const size = sizeClass(length);
  const copy = new Uint8Array(kept[size]?.pop() ?? new ArrayBuffer(SMALLEST << size), 0, length);
  copy.set(bytes.subarray(start, end));
  lent.add(copy);
  return copy;
}

/**
 * Takes back bytes that the caller owns and never looks at again: if they are a copy from `copyBytes`, their buffer
 * serves the next one. Anything else, a part of a copy too, is left alone.
 */
export function giveBack(bytes: Uint8Array): void {
  if (!lent.delete(bytes)) return;
  const buffer = bytes.buffer as ArrayBuffer;
  const list = kept[sizeClass(buffer.byteLength)];
  if (list && list.length < MOST_KEPT && buffer.byteLength >= SMALLEST) list.push(buffer);
}

/**
 * Frees a buffer of which the caller knows that nobody else uses it: its memory is free at once, not after the next
 * collection. Views of it are empty from then on. Bytes that share their buffer with others are left alone.
 */
export function freeBytes(bytes: Uint8Array): void {
  const { buffer, byteLength } = bytes;
  if (byteLength >= SMALLEST && byteLength === buffer.byteLength) (buffer as ArrayBuffer).transfer(0);
}
