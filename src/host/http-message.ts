// HTTP messages as they travel between a trigger, the WASI bindings and outbound HTTP. Bodies are pulled by their
// consumer.
import type { EventIdentity } from '../telemetry/event-identity.ts';
import type { Propagation } from '../telemetry/trace-context.ts';
import type { Refusals } from './network/refusals.ts';

/**
 * A body that its consumer pulls: the producer is asked for the next chunk only when the last one was taken, which is
 * all the backpressure that there is. `read` answers at once when it can.
 */
export interface ByteSource {
  /** Gives the next chunk, never an empty one; undefined at the end. Rejects or throws when the producer failed. */
  read(): Uint8Array | undefined | Promise<Uint8Array | undefined>;
  /** Says that the consumer wants no more. Idempotent, must not throw. */
  cancel(reason?: unknown): void;
  /**
   * Says that the consumer is done with a chunk that `read` gave, and so is everybody to whom it was passed on: its
   * memory may serve others at once. It must be the very chunk, not a part of it; this need never be called.
   */
  release?(chunk: Uint8Array): void;
  /** Gives the trailers that came with the body, after its end. */
  trailers?(): HeaderList | undefined | Promise<HeaderList | undefined>;
  /** The number of bytes, when it is known before reading. */
  readonly length?: number | undefined;
}

/**
 * Header fields in the order received, with names in lower case and repeated names allowed. Values are bytes in latin1.
 */
export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface HttpRequest {
  readonly method: string;
  readonly scheme: 'http' | 'https';
  /** The host and port, as in the Host header. */
  readonly authority: string;
  /** The path with the query, starting with `/`. */
  readonly target: string;
  readonly headers: HeaderList;
  readonly body: ByteSource | undefined;
  /**
   * The number of components of this process that have passed the request on, counted from the request that came from
   * outside.
   */
  readonly hops?: number | undefined;
  /** What the log calls the request, and the trace that it belongs to. */
  readonly identity?: (EventIdentity & { readonly fields: IdentityFields }) | undefined;
  /** The trace that a request of a guest belongs to: its fields are added where it goes out. */
  readonly propagation?: Propagation | undefined;
}

export interface IdentityFields {
  readonly requestId: string;
  readonly traceId?: string;
  /** The span of the request's guest, where traces are recorded. */
  readonly spanId?: string;
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
  /**
   * The refusals of the request that the guest serves: they limit what the log tells of requests that it may not send.
   */
  readonly refusals?: Refusals | undefined;
}

/**
 * An error of HTTP. `code` is a case of wasi:http/types `error-code`; `detail` is that case's payload in its JavaScript
 * form.
 */
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
 * The reason for cancelling a body whose reader has answered already and takes no more of it. Nothing failed, and
 * whoever writes the body may be told that it went out, if it could not go on to the answer otherwise.
 */
export class AnsweredEarly extends HttpError {
  constructor() {
    super('connection-terminated', 'the answer came before the end of the request, the rest of which nobody reads');
  }
}
