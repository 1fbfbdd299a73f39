// Follows the bytes that a connection brings before node:http reads them. node:http does not tell what came after the
// end of a response: part of another one would be dropped, and the rest of it taken for the answer to the next request.
import type { IncomingMessage } from 'node:http';

type Framing = { readonly kind: 'length'; readonly bytes: number } | { readonly kind: 'chunked' | 'unknown' };

const LINE_FEED = 0x0a;
const CARRIAGE_RETURN = 0x0d;
/** The offset of the code in `HTTP/1.1 200`. */
const STATUS_AT = 9;
/** The number of bytes that are kept of the end: the last byte of a line, and the empty line after it. */
const TAIL = 5;

/**
 * The watch of one connection. The connection may be used for another request as long as each response ended exactly
 * where its bytes did.
 */
export class WireWatch {
  #broken = false;
  #method: string | undefined;
  #response: IncomingMessage | undefined;
  #inHead = true;
  /** Bytes of the head that were read, and how many bytes of its end came last. */
  #headAt = 0;
  #endMatched = 0;
  #informational = false;
  /** Bytes that came since the head of the final response. */
  #afterHead = 0;
  #tail: Buffer = Buffer.alloc(0);

  /** Says that a request goes out. */
  begin(method: string): void {
    this.#method = method;
    this.#response = undefined;
    this.#afterHead = 0;
    this.#startHead();
  }

  /** Says that the head of the final response was read. */
  answered(response: IncomingMessage): void {
    this.#response = response;
  }

  /** Says that something was left unfinished: nothing that comes can be trusted to be an answer. */
  spoil(): void {
    this.#broken = true;
  }

  /**
   * Must be called before node:http reads the bytes. False when nobody asked for them: the connection must then be
   * closed.
   */
  bytes(chunk: Uint8Array): boolean {
    if (this.#method === undefined || this.#response?.complete) this.#broken = true;
    if (this.#broken) return false;
    const from = this.#inHead ? this.#readHead(chunk) : 0;
    this.#afterHead += chunk.length - from;
    this.#tail = Buffer.concat([this.#tail, chunk.subarray(-TAIL)]).subarray(-TAIL);
    return true;
  }

  /** Says that the response has ended. Returns whether the connection may have another request. */
  end(): boolean {
    const response = this.#response;
    const clean = !this.#broken && !this.#inHead && response?.complete === true && this.#endsWith(response);
    this.#method = undefined;
    this.#response = undefined;
    if (!clean) this.#broken = true;
    return clean;
  }

  #endsWith(response: IncomingMessage): boolean {
    const framing = framingOf(response, this.#method);
    if (framing.kind === 'length') return this.#afterHead === framing.bytes;
    return framing.kind === 'chunked' && this.#endsChunks();
  }

  /**
   * Whether the bytes end with the end of the chunks. If a whole message follows it, node:http finds that; a part of
   * one has no empty line at its end.
   */
  #endsChunks(): boolean {
    return this.#tail[0] !== LINE_FEED && this.#tail.toString('latin1', 1) === '\r\n\r\n';
  }

  #startHead(): void {
    this.#inHead = true;
    this.#headAt = 0;
    this.#endMatched = 0;
    this.#informational = false;
  }

  /** Reads the head, and gives the number of bytes up to its end. */
  #readHead(chunk: Uint8Array): number {
    for (let at = 0; at < chunk.length; at++) {
      this.#readHeadByte(chunk[at]!);
      if (this.#endMatched < 4) continue;
      if (!this.#informational) {
        this.#inHead = false;
        return at + 1;
      }
      this.#startHead();
    }
    return chunk.length;
  }

  #readHeadByte(byte: number): void {
    // Empty lines may come before a head. They would move the status code, so such a connection is not used again.
    if (this.#headAt === 0 && byte !== 0x48) this.#broken = true;
    if (this.#headAt === STATUS_AT) this.#informational = byte === 0x31;
    this.#headAt++;
    const wanted = this.#endMatched % 2 === 0 ? CARRIAGE_RETURN : LINE_FEED;
    if (byte === wanted) this.#endMatched++;
    else this.#endMatched = byte === CARRIAGE_RETURN ? 1 : 0;
  }
}

function framingOf({ statusCode = 0, headers }: IncomingMessage, method: string | undefined): Framing {
  if (method === 'HEAD' || statusCode === 204 || statusCode === 304) return { kind: 'length', bytes: 0 };
  if (headers['transfer-encoding'] !== undefined) return { kind: 'chunked' };
  const length = headers['content-length'];
  return length === undefined ? { kind: 'unknown' } : { kind: 'length', bytes: Number(length) };
}
