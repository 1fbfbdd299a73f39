// HTTP messages as they travel between a trigger, the WASI bindings and outbound HTTP. Bodies are pulled.
import type { Refusals } from './refusals.ts';

/**
 * A body that its consumer pulls: the producer is asked for the next chunk only when the last one was taken, which is
 * all the backpressure that there is. `read` answers at once when it can.
 */
export interface ByteSource {
  /** The next chunk, never empty; undefined at the end. Rejects or throws when the producer failed. */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** The consumer wants no more. Idempotent, must not throw. */
  cancel(reason?: unknown): void;
  /**
   * The consumer is done with a chunk that `read` gave, and so is everybody whom it passed it on to: its memory may serve
   * others at once. Only the very chunk, not a part of it; saying nothing is always allowed.
   */
  release?(chunk: Uint8Array): void;
  /** After the end of the body: the trailers that came with it. */
  trailers?(): HeaderList | undefined | Promise<HeaderList | undefined>;
  /** Number of bytes when known before reading. */
  readonly length?: number | undefined;
}

/** Names in lower case, in the order received, repeated names allowed. Values are bytes in latin1. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface HttpRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** Host and port, as in the Host header. */
  readonly authority: string;
  /** Path with query, starting with `/`. */
  readonly target: string;
  readonly headers: HeaderList;
  readonly body: ByteSource | undefined;
  /** How many components of this process have passed it on, counted from the request that came from outside. */
  readonly hops?: number | undefined;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: ByteSource | undefined;
}

/**
 * Sends a request on behalf of a component, after checking that it may. Rejects with an HttpError; the timeouts are in
 * milliseconds.
 */
export type SendRequest = (request: HttpRequest, options: SendOptions) => Promise<HttpResponse>;

export interface SendOptions {
  readonly connectTimeoutMs?: number | undefined;
  readonly firstByteTimeoutMs?: number | undefined;
  readonly betweenBytesTimeoutMs?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Of the request that the guest serves: bounds what the log tells of those that it may not send. */
  readonly refusals?: Refusals | undefined;
}

/** `code` is a case of wasi:http/types `error-code`; `detail` is that case's payload in its JavaScript form. */
export class HttpError extends Error {
  override readonly name = 'HttpError';
  readonly code: string;
  readonly detail: unknown;
  constructor(code: string, message: string, detail?: unknown, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.detail = detail;
  }
}

/**
 * Why a body is cancelled whose reader has answered already and takes no more of it: nothing failed, and whoever writes
 * it may be told that it went out, if it could not go on to the answer otherwise.
 */
export class AnsweredEarly extends HttpError {
  constructor() {
    super('connection-terminated', 'the answer came before the end of the request, the rest of which nobody reads');
  }
}
