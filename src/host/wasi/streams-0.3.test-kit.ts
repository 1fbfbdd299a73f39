// Streams and futures as a guest holds them, for the unit tests of the 0.3 bindings. Not part of the product.
import type {
  FutureReader,
  ProducedStream,
  StreamChunk,
  StreamReader,
  StreamWriter,
} from '../../component/types/streams.ts';

/** A stream between two parties: each write waits until it was read. */
export class TestStream<T> implements StreamReader<T>, StreamWriter<T> {
  #pending: { chunk: StreamChunk<T>; taken: (count: number) => void } | undefined;
  #waiting: ((chunk: StreamChunk<T> | undefined) => void) | undefined;
  readonly #onDrop: (() => void)[] = [];
  dropped = false;

  write(chunk: StreamChunk<T>): Promise<number> {
    if (this.dropped) return Promise.resolve(0);
    if (this.#waiting !== undefined) {
      this.#waiting(chunk);
      this.#waiting = undefined;
      return Promise.resolve(chunk.length);
    }
    return new Promise((taken) => {
      this.#pending = { chunk, taken };
    });
  }

  read(max = Number.POSITIVE_INFINITY): Promise<StreamChunk<T> | undefined> {
    const pending = this.#pending;
    if (pending !== undefined) {
      const { chunk, taken } = pending;
      const part = Array.prototype.slice.call(chunk, 0, max) as T[];
      const rest = Array.prototype.slice.call(chunk, max) as T[];
      this.#pending = rest.length > 0 ? { chunk: rest, taken } : undefined;
      if (rest.length === 0) taken(chunk.length);
      return Promise.resolve(typeof part[0] === 'number' ? (Uint8Array.from(part as number[]) as never) : part);
    }
    if (this.dropped) return Promise.resolve(undefined);
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  cancelRead(): void {
    this.#waiting?.(undefined);
    this.#waiting = undefined;
  }

  cancelWrite(): void {
    this.#pending?.taken(0);
    this.#pending = undefined;
  }

  close(): void {
    if (this.dropped) return;
    this.dropped = true;
    this.cancelRead();
    this.cancelWrite();
    for (const tell of this.#onDrop) tell();
  }

  onDrop(tell: () => void): void {
    if (this.dropped) tell();
    else this.#onDrop.push(tell);
  }
}

/** Starts a stream that the host gave. */
export function startStream<T>(produced: unknown): TestStream<T> {
  const stream = new TestStream<T>();
  (produced as ProducedStream<T>).produce(stream);
  return stream;
}

export async function readBytes(stream: TestStream<number>): Promise<string> {
  let text = '';
  for (let chunk = await stream.read(); chunk !== undefined; chunk = await stream.read()) {
    text += Buffer.from(Uint8Array.from(chunk)).toString('latin1');
  }
  return text;
}

/** Writes the whole text, then drops the writable end. */
export async function writeBytes(stream: TestStream<number>, text: string): Promise<void> {
  if (text !== '') await stream.write(Buffer.from(text, 'latin1'));
  stream.close();
}

export function future<T>(value: T): FutureReader<T> {
  return { read: () => Promise.resolve(value), close() {} };
}

/** A future whose writer is gone. */
export function brokenFuture<T>(): FutureReader<T> {
  return { read: () => Promise.reject(new Error('dropped')), close() {} };
}
