// A channel of limited size for bytes inside the process: an OutputStream for the producer, a ByteSource or InputStream
// for the consumer. The producer is held back when the consumer is behind. What the bytes mean is not known here.
import { giveBack } from '../../../component/types/byte-buffers.ts';
import { HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import type { ByteSource, HeaderList } from '../../http-message.ts';
import { sourceInputStream } from './source-stream.ts';
import type { InputStream, OutputStream } from './streams.ts';

/** The most bytes that a guest can make the host hold for one stream. */
export const PIPE_CAPACITY = 65_536;

/**
 * Bytes of a write below which it shares a buffer with others, so that one-byte writes cannot multiply the memory that
 * is held.
 */
const SMALL_WRITE = 1024;
const SHARED_BUFFER = 4096;

export interface PipeOptions {
  /** The capacity in bytes; PIPE_CAPACITY when absent. */
  readonly capacity?: number | undefined;
  /** Whether closing the producer's side ends the channel (the default), or leaves that to `end` and `fail`. */
  readonly endOnClose?: boolean | undefined;
  /** Counts what waits for the consumer. */
  readonly budget?: HostByteBudget | undefined;
}

type State = 'open' | 'ended' | 'failed' | 'cancelled' | 'discarding';

export class Pipe implements OutputStream {
  readonly #capacity: number;
  readonly #endOnClose: boolean;
  readonly #held: HeldBytes;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  /** The last chunk's buffer while it can take more small writes, and how much of it is used. */
  #shared: Uint8Array | undefined;
  #sharedUsed = 0;
  #behind = false;
  #state: State = 'open';
  #producerClosed = false;
  #error: unknown;
  /** The time until which what is written is discarded, as `discard` sets it: a reading of `performance.now()`. */
  #discardUntil = 0;
  #dropped = 0;
  #trailers: HeaderList | undefined;
  #producer: PromiseWithResolvers<void> | undefined;
  #consumer: PromiseWithResolvers<Uint8Array | undefined> | undefined;

  constructor(options: PipeOptions = {}) {
    this.#capacity = options.capacity ?? PIPE_CAPACITY;
    this.#endOnClose = options.endOnClose ?? true;
    this.#held = new HeldBytes(options.budget);
  }

  /** The number of bytes that wait for the consumer. */
  get buffered(): number {
    return this.#size;
  }

  // ---- the producer's side

  checkWrite(): number | undefined {
    if (this.#producerClosed || (this.#state !== 'open' && !this.#discards())) return undefined;
    return this.#behind ? 0 : this.#capacity - this.#size;
  }

  write(bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    if (this.#state !== 'open') {
      this.#drop(bytes.length);
      return;
    }
    if (this.#consumer !== undefined) {
      const consumer = this.#consumer;
      this.#consumer = undefined;
      consumer.resolve(bytes);
      return;
    }
    this.#append(bytes);
    this.#size += bytes.length;
    if (this.#size >= this.#capacity) this.#behind = true;
  }

  /**
   * Does nothing: what was written is in the consumer's reach at once. Waiting until the consumer took it would cost a
   * suspension for each small write.
   */
  flush(): void {}

  ready(): Promise<void> | undefined {
    if (this.checkWrite() !== 0) return undefined;
    this.#producer ??= Promise.withResolvers();
    return this.#producer.promise;
  }

  close(): void {
    this.#producerClosed = true;
    if (this.#endOnClose) this.end();
  }

  /**
   * Says that the producer is done: the consumer gets what is buffered, then the end. Only the first end, failure or
   * cancel counts.
   */
  end(trailers?: HeaderList): void {
    if (this.#state !== 'open') return;
    this.#trailers = trailers;
    this.#finish('ended');
    this.#consumer?.resolve(undefined);
    this.#consumer = undefined;
  }

  /** Says that the producer failed: the consumer gets what is buffered, then `error`. */
  fail(error: unknown): void {
    if (this.#state !== 'open') return;
    this.#error = error;
    this.#finish('failed');
    this.#consumer?.reject(error);
    this.#consumer = undefined;
  }

  // ---- the consumer's side

  /**
   * Says that the consumer has gone, but the producer need not know: for so many milliseconds it may write on, into
   * nothing. Then the channel is closed as if it had been cancelled.
   */
  discard(ms: number): void {
    const wasOpen = this.#state === 'open';
    this.#cancel();
    if (!wasOpen) return;
    this.#state = 'discarding';
    this.#discardUntil = performance.now() + ms;
  }

  source(): ByteSource {
    return {
      read: () => this.#read(),
      cancel: () => this.#cancel(),
      release: giveBack,
      trailers: () => this.#trailers,
    };
  }

  input(): InputStream {
    return sourceInputStream(this.source());
  }

  #read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    const chunk = this.#take();
    if (chunk !== undefined) return chunk;
    if (this.#state === 'failed') throw this.#error;
    if (this.#state !== 'open') return undefined;
    this.#consumer ??= Promise.withResolvers();
    return this.#consumer.promise;
  }

  #cancel(): void {
    this.#chunks.length = 0;
    this.#size = 0;
    this.#shared = undefined;
    this.#behind = false;
    this.#held.release();
    if (this.#state === 'open') this.#finish('cancelled');
    this.#consumer?.resolve(undefined);
    this.#consumer = undefined;
  }

  #discards(): boolean {
    return this.#state === 'discarding' && performance.now() < this.#discardUntil;
  }

  /**
   * Drops bytes some turns of the event loop later, as if a consumer took them; otherwise the producer would never let
   * anything else run.
   */
  #drop(bytes: number): void {
    if (this.#state !== 'discarding' || this.#behind) return;
    this.#dropped += bytes;
    if (this.#dropped < this.#capacity) return;
    this.#dropped = 0;
    this.#behind = true;
    setImmediate(() => {
      this.#behind = false;
      this.#wakeProducer();
    });
  }

  #finish(state: State): void {
    this.#state = state;
    this.#wakeProducer();
  }

  #wakeProducer(): void {
    this.#producer?.resolve();
    this.#producer = undefined;
  }

  #append(bytes: Uint8Array): void {
    if (bytes.length >= SMALL_WRITE || this.#chunks.length === 0) {
      this.#shared = undefined;
      this.#push(bytes);
      return;
    }
    if (this.#shared === undefined || this.#sharedUsed + bytes.length > SHARED_BUFFER) {
      this.#shared = new Uint8Array(SHARED_BUFFER);
      this.#sharedUsed = 0;
      this.#push(this.#shared.subarray(0, 0));
    }
    this.#shared.set(bytes, this.#sharedUsed);
    this.#sharedUsed += bytes.length;
    this.#chunks[this.#chunks.length - 1] = this.#shared.subarray(0, this.#sharedUsed);
  }

  #push(chunk: Uint8Array): void {
    this.#held.set(this.#held.bytes + costOf(chunk));
    this.#chunks.push(chunk);
  }

  #take(): Uint8Array | undefined {
    const chunk = this.#chunks.shift();
    if (chunk === undefined) return undefined;
    this.#size -= chunk.length;
    this.#held.set(this.#held.bytes - costOf(chunk));
    // The producer starts again at half the capacity, not at the first free byte, which makes fewer, larger rounds.
    if (this.#behind && this.#size <= this.#capacity / 2) {
      this.#behind = false;
      this.#wakeProducer();
    }
    return chunk;
  }
}

/**
 * Bytes that a chunk counts for: those of its buffer, of which it may be a small part. One large buffer may lie behind
 * several chunks.
 */
function costOf({ length, buffer }: Uint8Array): number {
  return Math.min(buffer.byteLength, Math.max(2 * length, SHARED_BUFFER));
}
