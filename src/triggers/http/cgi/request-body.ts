// The request's body as a CGI program reads it: CONTENT_LENGTH has to be known before the program starts.
import type { ByteSource } from '../../../host/http-message.ts';

export interface CgiBody {
  readonly source: ByteSource | undefined;
  /** In bytes; undefined for a body of unknown length that is too long to be held. */
  readonly length: number | undefined;
}

/** A body that does not say its length is read beforehand, `maxBytes` of it at most. Rejects as reading it does. */
export async function cgiBody(body: ByteSource | undefined, maxBytes: number): Promise<CgiBody> {
  if (body === undefined) return { source: undefined, length: 0 };
  if (body.length !== undefined) return { source: body, length: body.length };
  const held: Uint8Array[] = [];
  let size = 0;
  while (size <= maxBytes) {
    const chunk = await body.read();
    if (chunk === undefined) return { source: before(held, undefined), length: size };
    held.push(chunk);
    size += chunk.length;
  }
  return { source: before(held, body), length: undefined };
}

/** Nothing is taken out of what was held but in order; `rest` comes after. */
function before(held: Uint8Array[], rest: ByteSource | undefined): ByteSource {
  return {
    read: () => held.shift() ?? rest?.read(),
    cancel(reason) {
      held.length = 0;
      rest?.cancel(reason);
    },
  };
}
