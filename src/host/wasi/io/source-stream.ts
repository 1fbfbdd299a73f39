// InputStreams made of something else: of a ByteSource, of given bytes, of nothing.
import { HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { messageOf } from '../../../errors.ts';
import { type ByteSource, HttpError } from '../../http-message.ts';
import { type InputStream, StreamFailure } from './streams.ts';

/**
 * Reads a body chunk by chunk, one ahead at most, and only when the guest asks. Closing the stream cancels the source.
 * `budget` counts what was read ahead.
 */
export function sourceInputStream(source: ByteSource, budget?: HostByteBudget): InputStream {
  return new SourceInputStream(source, budget);
}

/** A stream of given bytes. They are not copied, so they must not change afterwards. */
export function bytesInputStream(bytes: Uint8Array): InputStream {
  let rest: Uint8Array | undefined = bytes.length === 0 ? undefined : bytes;
  return {
    read(max) {
      const chunk = rest?.subarray(0, max);
      if (rest !== undefined && chunk !== undefined) {
        rest = chunk.length === rest.length ? undefined : rest.subarray(chunk.length);
      }
      return chunk;
    },
    ready: () => undefined,
    close() {
      rest = undefined;
    },
  };
}

/** A stream that is at its end from the start. */
export const emptyInputStream: InputStream = {
  read: () => undefined,
  ready: () => undefined,
  close() {},
};

/** Any failure of a body as the guest sees it; `http-error-code` can read the code of an HttpError from it. */
function toStreamFailure(error: unknown): StreamFailure {
  if (error instanceof StreamFailure) return error;
  if (error instanceof HttpError) {
    const httpError = error.detail === undefined ? { tag: error.code } : { tag: error.code, val: error.detail };
    return new StreamFailure(error.message, { cause: error, httpError });
  }
  return new StreamFailure(messageOf(error), { cause: error });
}

class SourceInputStream implements InputStream {
  readonly #source: ByteSource;
  /** What is left of the chunk that came last, the whole chunk, and how many of its bytes are in use. */
  #chunk: Uint8Array | undefined;
  #whole: Uint8Array | undefined;
  #inUse = 0;
  #pending: Promise<void> | undefined;
  #failure: StreamFailure | undefined;
  #ended = false;
  readonly #held: HeldBytes;

  constructor(source: ByteSource, budget: HostByteBudget | undefined) {
    this.#source = source;
    this.#held = new HeldBytes(budget);
  }

  read(max: number): Uint8Array | undefined {
    if (this.#chunk === undefined) this.#pull();
    const chunk = this.#chunk;
    if (chunk !== undefined) {
      if (chunk.length <= max) {
        this.#chunk = undefined;
        this.#held.release();
        return chunk;
      }
      this.#chunk = chunk.subarray(max);
      return chunk.subarray(0, max);
    }
    if (this.#failure !== undefined) throw this.#failure;
    return this.#ended ? undefined : nothing;
  }

  ready(): Promise<void> | undefined {
    if (this.#chunk === undefined) this.#pull();
    return this.#pending;
  }

  /**
   * Gives a chunk back. One that was read in parts is released with the last of them; one of which a part was passed
   * on, never.
   */
  release({ buffer, length }: Uint8Array): void {
    const whole = this.#whole;
    if (buffer !== whole?.buffer) return;
    this.#inUse -= length;
    if (this.#inUse > 0) return;
    this.#whole = undefined;
    this.#source.release?.(whole);
  }

  close(): void {
    this.#chunk = undefined;
    this.#held.release();
    if (this.#ended) return;
    this.#ended = true;
    this.#source.cancel();
  }

  #pull(): void {
    if (this.#ended || this.#pending !== undefined) return;
    try {
      const next = this.#source.read();
      if (!(next instanceof Promise)) this.#settle(next);
      else {
        this.#pending = next.then(
          (chunk) => this.#settle(chunk),
          (error) => this.#fail(error),
        );
      }
    } catch (error) {
      this.#fail(error);
    }
  }

  #settle(chunk: Uint8Array | undefined): void {
    this.#pending = undefined;
    if (this.#ended) return;
    if (chunk === undefined) this.#ended = true;
    else if (this.#held.trySet(chunk.length)) this.#take(chunk);
    else {
      this.#source.cancel();
      this.#fail(new StreamFailure('Limit reached: held'));
    }
  }

  #take(chunk: Uint8Array): void {
    this.#chunk = chunk;
    this.#whole = chunk;
    this.#inUse = chunk.length;
  }

  #fail(error: unknown): void {
    this.#pending = undefined;
    this.#ended = true;
    this.#failure = toStreamFailure(error);
  }
}

const nothing = new Uint8Array(0);
