// The streams underneath every WASI version: what a source or sink of bytes looks like to the bindings.
// The 0.2 functions over them stand in bindings-0.2.ts; 0.3 and preview1 come to the same objects.

/** Ends a stream with a failure; the guest sees `last-operation-failed(error)` with this message. */
export class StreamFailure extends Error {
  override readonly name = 'StreamFailure';
  /** The HTTP error code behind it, if there is one: { tag, val } in the form of wasi:http/types error-code. */
  readonly httpError: unknown;
  constructor(message: string, options?: ErrorOptions & { httpError?: unknown }) {
    super(message, options);
    this.httpError = options?.httpError;
  }
}

/** wasi:io/poll pollable: level-triggered readiness. */
export interface Pollable {
  ready(): boolean;
  /** Resolves when `ready()` has become true; never rejects. Called only when it is false. */
  wait(): Promise<void>;
  /** The guest dropped it. */
  close?(): void;
}

export interface InputStream {
  /** Up to `max` bytes that are there now; empty when none are yet; undefined at the end. Throws StreamFailure. */
  read(max: number): Uint8Array | undefined;
  /** undefined when `read` would give bytes, the end or a failure now; else a promise of that. Never rejects. */
  ready(): Promise<void> | undefined;
  /** What `read` gave has been copied, and nobody looks at it any more: its memory may serve others. Optional for both. */
  release?(bytes: Uint8Array): void;
  /** The guest dropped it: release what is behind. Idempotent, must not throw. */
  close(): void;
}

export interface OutputStream {
  /** Number of bytes that `write` takes now; 0 while the consumer is behind; undefined when closed. Throws StreamFailure. */
  checkWrite(): number | undefined;
  /** Takes all of it. The caller has checked the size, and hands over the ownership of the bytes. */
  write(bytes: Uint8Array): void;
  /** Asks that what was written goes out; afterwards `ready()` waits for it. */
  flush(): void;
  /** undefined when `checkWrite` would give more than 0, closed, or a failure, and no flush is under way. */
  ready(): Promise<void> | undefined;
  close(): void;
}
