// Compares a memory with its image, byte by byte. Slow on purpose: it shares nothing with what it checks.
const CHUNK = 65_536;

/** The offset of the first byte that differs; where the lengths differ, at most the shorter length. */
export function firstDifference(bytes: Uint8Array, image: Uint8Array): number | undefined {
  const length = Math.min(bytes.byteLength, image.byteLength);
  for (let start = 0; start < length; start += CHUNK) {
    const end = Math.min(start + CHUNK, length);
    if (Buffer.compare(bytes.subarray(start, end), image.subarray(start, end)) === 0) continue;
    for (let at = start; at < end; at++) if (bytes[at] !== image[at]) return at;
  }
  return bytes.byteLength === image.byteLength ? undefined : length;
}
