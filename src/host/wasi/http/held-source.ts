// A body that counts in the account of its guest until it has ended: its connection reads ahead, and keeps the head of
// the request that it answers.
import type { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import type { ByteSource, HeaderList } from '../../http-message.ts';

type Chunk = Uint8Array | undefined;

export class HeldSource implements ByteSource {
  readonly #source: ByteSource;
  readonly #held: HeldBytes;

  /** Counts `held` until the body ends. */
  constructor(source: ByteSource, held: HeldBytes) {
    this.#source = source;
    this.#held = held;
  }

  get length(): number | undefined {
    return this.#source.length;
  }

  read(): Chunk | Promise<Chunk> {
    try {
      const chunk = this.#source.read();
      return chunk instanceof Promise ? chunk.then(this.#seen, this.#failed) : this.#seen(chunk);
    } catch (error) {
      return this.#failed(error);
    }
  }

  cancel(reason?: unknown): void {
    this.#source.cancel(reason);
    this.#held.release();
  }

  release(chunk: Uint8Array): void {
    this.#source.release?.(chunk);
  }

  trailers(): HeaderList | undefined | Promise<HeaderList | undefined> {
    return this.#source.trailers?.();
  }

  readonly #seen = (chunk: Chunk): Chunk => {
    if (chunk === undefined) this.#held.release();
    return chunk;
  };

  readonly #failed = (error: unknown): never => {
    this.#held.release();
    throw error;
  };
}
