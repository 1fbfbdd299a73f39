// Counts bodies that are held whole, over all requests of a component: clients are many, and each may send or take its
// body as slowly as it likes. Beyond the limit new requests are refused; an answer that is there is always sent.
import { MayflyError } from '../../errors.ts';
import type { ByteSource } from '../../host/http-message.ts';

/** The most bytes of bodies that are held. */
const MOST_HELD = 256 * 1024 * 1024;
/** Bytes of each piece in which an answer goes out, so that what a slow client does not take is counted here. */
const PIECE = 65_536;

export class HeldBodies {
  readonly #component: string;
  readonly #most: number;
  #bytes = 0;

  constructor(component: string, most = MOST_HELD) {
    this.#component = component;
    this.#most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Counts bytes. Throws `overloaded` beyond the limit. */
  add(bytes: number): void {
    if (this.#bytes + bytes > this.#most) {
      const message = `Too many bodies are held for component "${this.#component}". Limit reached: ${this.#most} bytes`;
      throw new MayflyError('overloaded', message);
    }
    this.#bytes += bytes;
  }

  remove(bytes: number): void {
    this.#bytes -= bytes;
  }

  /** Makes the body of an answer, which is counted until all of it was taken. */
  answer(bytes: Uint8Array): ByteSource | undefined {
    if (bytes.length === 0) return undefined;
    this.#bytes += bytes.length;
    return new Answer(bytes, this);
  }
}

class Answer implements ByteSource {
  readonly length: number;
  #rest: Uint8Array | undefined;
  readonly #held: HeldBodies;

  constructor(bytes: Uint8Array, held: HeldBodies) {
    this.length = bytes.length;
    this.#rest = bytes;
    this.#held = held;
  }

  read(): Uint8Array | undefined {
    const piece = this.#rest?.subarray(0, PIECE);
    if (this.#rest === undefined || piece === undefined) return undefined;
    this.#held.remove(piece.length);
    this.#rest = piece.length < this.#rest.length ? this.#rest.subarray(PIECE) : undefined;
    return piece;
  }

  cancel(): void {
    this.#held.remove(this.#rest?.length ?? 0);
    this.#rest = undefined;
  }
}
