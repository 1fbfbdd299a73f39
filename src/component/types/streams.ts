// Streams and futures as host functions see them: the ends that guests give to the host, and what the host gives to guests.
// The component runtime has the classes behind these interfaces (component/tasks/host-streams.ts).

/** A run of elements: a typed array for numbers, else an array. */
export type StreamChunk<T> = ArrayLike<T>;

/** What a host function gets for a `stream<T>`. */
export interface StreamReader<T> {
  /**
   * Reads the next elements, at most `max`; gives undefined at the end. Rejects when the guest was ended. Only one read
   * at a time. Bytes are a copy that belongs to the caller, which may give them back (byte-buffers.ts).
   */
  read(max?: number): Promise<StreamChunk<T> | undefined>;
  /** Ends the read under way, which then gives undefined. */
  cancelRead(): void;
  /** Drops the stream: its writer learns that nobody reads. Idempotent. */
  close(): void;
  /** Calls `tell` once when the writer is gone, or at once if it is gone already. */
  onDrop(tell: () => void): void;
  /** Whether the guest has closed its end itself, not since it was ended. */
  readonly isClosedByGuest?: boolean;
}

/** What a host function gets for a `future<T>`. */
export interface FutureReader<T> {
  /** Reads the value. Rejects when the guest was ended, or its writer is gone. */
  read(): Promise<T>;
  close(): void;
  /** Whether the guest was ended before it gave the value. */
  readonly isLost?: boolean;
}

/** The end through which the host fills a ProducedStream. */
export interface StreamWriter<T> {
  /**
   * Writes a chunk, and settles when the reader has taken all of it; gives fewer when the reader is gone. Only one
   * write at a time.
   */
  write(chunk: StreamChunk<T>): Promise<number>;
  cancelWrite(): void;
  close(): void;
  readonly dropped: boolean;
  /** Calls `tell` once when the reader is gone, or at once if it is gone already. */
  onDrop(tell: () => void): void;
}

/**
 * What a host function may give for a `stream<T>`, apart from a StreamReader that it got itself. For a `future<T>` it
 * gives a promise that never rejects, or a FutureReader.
 */
export class ProducedStream<T> {
  /** Called once, soon after a guest has got the stream. Must not throw. */
  readonly produce: (writer: StreamWriter<T>) => void;

  constructor(produce: (writer: StreamWriter<T>) => void) {
    this.produce = produce;
  }
}
