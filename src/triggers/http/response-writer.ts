// Writes the chunks of a body to a response. As many bytes are on their way as keep the connection busy, a client that
// takes nothing for too long is cut off, and each chunk is given back once it has gone out. It writes no framing and no
// heads.
import type { Answer } from './answer.ts';

/** Bytes on their way from which on the producer waits. */
const MOST_PENDING = 65_536;

export class ResponseWriter {
  readonly #answer: Answer;
  readonly #idleMs: number;
  readonly #release: ((chunk: Uint8Array) => void) | undefined;
  #pending = 0;
  #waiting: (() => void) | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** `idleMs` is how long the client may take nothing. `release` gets what has gone out. */
  constructor(answer: Answer, idleMs: number, release: ((chunk: Uint8Array) => void) | undefined) {
    this.#answer = answer;
    this.#idleMs = idleMs;
    this.#release = release;
    answer.onClose(this.#wake);
  }

  /** Writes a chunk. Gives a promise when the next one has to wait: for room, or for the end of the connection. */
  write(chunk: Uint8Array): Promise<void> | undefined {
    const { length } = chunk;
    this.#pending += length;
    this.#answer.write(chunk, (error) => {
      // After a failure the chunk is not given back: nobody knows what the system still reads, and the connection is
      // about to close.
      if (error) return;
      this.#pending -= length;
      this.#release?.(chunk);
      if (this.#pending < MOST_PENDING) this.#wake();
    });
    if (this.#pending < MOST_PENDING || this.#answer.destroyed) return undefined;
    this.#watch();
    return new Promise((resolve) => {
      this.#waiting = resolve;
    });
  }

  /** Says that no more is written. */
  end(): void {
    clearTimeout(this.#timer);
    this.#answer.offClose(this.#wake);
  }

  /**
   * Watches the time with one timer for all waits: a new one for each chunk would take a good part of the time of a
   * fast stream.
   */
  #watch(): void {
    if (this.#timer) this.#timer.refresh();
    else {
      this.#timer = setTimeout(() => {
        if (!this.#waiting) return;
        // If another answer goes out before this one on the same connection, it is not the client who keeps this one
        // waiting.
        if (!this.#answer.isItsTurn) this.#timer?.refresh();
        else this.#answer.destroy();
      }, this.#idleMs);
    }
  }

  readonly #wake = (): void => {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    waiting?.();
  };
}
