// The streams underneath every WASI version: what a source or sink of bytes looks like to the bindings. bindings-0.2.ts
// has the 0.2 functions over them; 0.3 and preview1 use the same objects.

/** Ends a stream with a failure; the guest sees `last-operation-failed(error)` with this message. */
export class StreamFailure extends Error {
  override readonly name = 'StreamFailure';
  /**
   * The HTTP error code that caused the failure, if there is one: { tag, val } in the form of wasi:http/types
   * error-code.
   */
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
  /** Called when the guest dropped the pollable. */
  close?(): void;
}

export interface InputStream {
  /**
   * Gives up to `max` bytes that are there now; none when none are there yet; undefined at the end. Throws
   * StreamFailure.
   */
  read(max: number): Uint8Array | undefined;
  /**
   * Gives a promise of the time when `read` gives bytes, the end or a failure; undefined when it would do so now. The
   * promise never rejects.
   */
  ready(): Promise<void> | undefined;
  /**
   * Says that what `read` gave has been copied, and nobody looks at it any more: its memory may serve others. Both
   * sides may leave this out.
   */
  release?(bytes: Uint8Array): void;
  /** Closes what is behind the stream when the guest dropped it. Idempotent, must not throw. */
  close(): void;
}

export interface OutputStream {
  /**
   * The number of bytes that `write` takes now; 0 while the consumer is behind; undefined when closed. Throws
   * StreamFailure.
   */
  checkWrite(): number | undefined;
  /** Takes all bytes. The caller has checked their number, and does not use them afterwards. */
  write(bytes: Uint8Array): void;
  /** Asks that what was written goes out; afterwards `ready()` waits for it. */
  flush(): void;
  /**
   * Gives a promise of the time when `checkWrite` gives more than 0, closed, or a failure, and no flush is under way;
   * undefined when that is so now.
   */
  ready(): Promise<void> | undefined;
  close(): void;
}
