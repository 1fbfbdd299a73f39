// A body whose bytes are all there: of static responses, well-known endpoints, guests that answer with one value,
// tests.
import type { ByteSource } from './http-message.ts';

export function bytesBody(bytes: Uint8Array): ByteSource | undefined {
  if (bytes.length === 0) return undefined;
  let rest: Uint8Array | undefined = bytes;
  return {
    length: bytes.length,
    read() {
      const chunk = rest;
      rest = undefined;
      return chunk;
    },
    cancel() {
      rest = undefined;
    },
  };
}

/** Bytes of the first buffer. */
const FIRST = 4096;

/**
 * Reads a body to its end. `count` is called with each piece before it is kept, and may throw to end the reading.
 * Pieces are copied together as they come, since many small ones would each cost more than what is in it.
 */
export async function readAll(body: ByteSource | undefined, count: (bytes: number) => void): Promise<Uint8Array> {
  let whole = new Uint8Array(0);
  let size = 0;
  try {
    for (let piece = await body?.read(); piece !== undefined; piece = await body?.read()) {
      count(piece.length);
      if (size + piece.length > whole.length) {
        const larger = new Uint8Array(Math.max(FIRST, 2 * whole.length, size + piece.length));
        larger.set(whole.subarray(0, size));
        whole = larger;
      }
      whole.set(piece, size);
      size += piece.length;
      body?.release?.(piece);
    }
    return whole.subarray(0, size);
  } catch (error) {
    body?.cancel(error);
    throw error;
  }
}
