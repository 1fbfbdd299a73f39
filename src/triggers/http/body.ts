// A body that is all there: of static responses, well-known endpoints, tests.
import type { ByteSource } from '../../host/http-message.ts';

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
