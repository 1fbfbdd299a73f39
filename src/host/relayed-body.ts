// A body that lets another one through to its consumer: the base of those that count, bound or watch what passes.
import type { ByteSource, HeaderList } from './http-message.ts';

export type Chunk = Uint8Array | undefined;

export class RelayedBody implements ByteSource {
  protected readonly source: ByteSource;

  constructor(source: ByteSource) {
    this.source = source;
  }

  get length(): number | undefined {
    return this.source.length;
  }

  read(): Chunk | Promise<Chunk> {
    let chunk: Chunk | Promise<Chunk>;
    try {
      chunk = this.source.read();
    } catch (error) {
      return this.failed(error);
    }
    if (!(chunk instanceof Promise)) return this.passed(chunk);
    return chunk.then(
      (later) => this.passed(later),
      (error: unknown) => this.failed(error),
    );
  }

  release(chunk: Uint8Array): void {
    this.source.release?.(chunk);
  }

  trailers(): HeaderList | undefined | Promise<HeaderList | undefined> {
    return this.source.trailers?.();
  }

  cancel(reason?: unknown): void {
    this.source.cancel(reason);
  }

  /** Told of each chunk, and of the end, before the consumer is, which gets what it gives or throws. */
  protected passed(chunk: Chunk): Chunk {
    return chunk;
  }

  /** Told that the producer failed, which it must pass on. */
  protected failed(error: unknown): never {
    throw error;
  }
}

/** A body that gives as many bytes as were announced: no byte more, and it does not end before them. */
export class SizedBody extends RelayedBody {
  readonly #announced: number;
  readonly #refuse: (bytes: number) => never;
  #bytes = 0;

  /** `refuse` is called with the number of bytes that there are when they are too many, or too few at the end. */
  constructor(source: ByteSource, announced: number, refuse: (bytes: number) => never) {
    super(source);
    this.#announced = announced;
    this.#refuse = refuse;
  }

  override get length(): number {
    return this.#announced;
  }

  protected override passed(chunk: Chunk): Chunk {
    this.#bytes += chunk?.length ?? 0;
    if (chunk === undefined ? this.#bytes === this.#announced : this.#bytes <= this.#announced) return chunk;
    return this.#refuse(this.#bytes);
  }
}
