// A body that is all there: of static responses, well-known endpoints, guests that answer with one value, tests.
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

/** What a body holds, all of it. `count` is told of each piece before it is kept, and may throw to end it. */
export async function readAll(body: ByteSource | undefined, count: (bytes: number) => void): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  try {
    for (let chunk = await body?.read(); chunk !== undefined; chunk = await body?.read()) {
      count(chunk.length);
      pieces.push(chunk);
    }
    return Buffer.concat(pieces);
  } catch (error) {
    body?.cancel(error);
    throw error;
  } finally {
    for (const piece of pieces) body?.release?.(piece);
  }
}
