// The request's body as a CGI program reads it. CONTENT_LENGTH has to be known before the program starts.
import { type HostMemory, processHostMemory } from '../../../component/types/host-memory.ts';
import type { ByteSource } from '../../../host/http-message.ts';
import type { HeldBodies } from '../held-bodies.ts';

export interface CgiBody {
  readonly source: ByteSource | undefined;
  /** The number of bytes; undefined for a body of unknown length that is too long to be held. */
  readonly length: number | undefined;
}

/**
 * Makes the body. One that does not say its length is read beforehand, `maxBytes` of it at most. Rejects when reading
 * fails.
 */
export async function cgiBody(
  body: ByteSource | undefined,
  maxBytes: number,
  bodies: HeldBodies,
  memory: HostMemory = processHostMemory(),
): Promise<CgiBody> {
  if (body === undefined) return { source: undefined, length: 0 };
  if (body.length !== undefined) return { source: body, length: body.length };
  const held = new HeldChunks(bodies, memory);
  let size = 0;
  try {
    while (size <= maxBytes && held.count < MOST_CHUNKS) {
      const chunk = await body.read();
      if (chunk === undefined) return { source: before(held, undefined), length: size };
      held.push(chunk);
      size += chunk.length;
    }
  } catch (error) {
    held.clear();
    body.cancel(error);
    throw error;
  }
  return { source: before(held, body), length: undefined };
}

/**
 * A body may come byte by byte: the bytes that a chunk takes apart from its own, and the most chunks that are read
 * beforehand.
 */
const BYTES_PER_CHUNK = 256;
const MOST_CHUNKS = 4096;

/**
 * The chunks that were read before there is a sandbox. They count among the bodies that the component holds for all its
 * clients, and among what the process keeps for all guests.
 */
class HeldChunks {
  readonly #bodies: HeldBodies;
  readonly #memory: HostMemory;
  #chunks: Uint8Array[] = [];

  constructor(bodies: HeldBodies, memory: HostMemory) {
    this.#bodies = bodies;
    this.#memory = memory;
  }

  get count(): number {
    return this.#chunks.length;
  }

  /** Adds a chunk. Throws 'overloaded' or 'sandbox-exhausted' when there is no room. */
  push(chunk: Uint8Array): void {
    const bytes = chunk.length + BYTES_PER_CHUNK;
    this.#memory.take(bytes);
    try {
      this.#bodies.add(bytes);
    } catch (error) {
      this.#memory.giveBack(bytes);
      throw error;
    }
    this.#chunks.push(chunk);
  }

  shift(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#bodies.remove(chunk.length + BYTES_PER_CHUNK);
    this.#memory.giveBack(chunk.length + BYTES_PER_CHUNK);
    return chunk;
  }

  clear(): void {
    while (this.shift());
  }
}

/** Gives the held chunks in their order, then `rest`. */
function before(held: HeldChunks, rest: ByteSource | undefined): ByteSource {
  return {
    read: () => held.shift() ?? rest?.read(),
    cancel(reason) {
      held.clear();
      rest?.cancel(reason);
    },
  };
}
