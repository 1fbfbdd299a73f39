// Cuts what a server sends into messages: a type, a length and a body. How long one may be is asked before it is kept.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

const HEADER = 5;

export interface Frame {
  /** The letter that says what it is. */
  readonly type: string;
  readonly body: Buffer;
}

/** Told of each message when its header is there, with the bytes of its body. Throws when it may not come. */
export type Announced = (type: string, bytes: number) => void;

export class FrameCutter {
  readonly #announced: Announced;
  readonly #take: (frame: Frame) => void;
  #pieces: Buffer[] = [];
  #bytes = 0;
  /** Of the message that is under way, with its header; 0 when that is not known yet. */
  #needed = 0;

  constructor(announced: Announced, take: (frame: Frame) => void) {
    this.#announced = announced;
    this.#take = take;
  }

  /** Throws what `announced` throws, and for a length that cannot be. */
  push(chunk: Buffer): void {
    this.#pieces.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= (this.#needed || HEADER)) {
      const all = this.#joined();
      if (this.#needed === 0) {
        const length = all.readInt32BE(1);
        if (length < 4) throw new Error('the server sent a message of an impossible length');
        this.#announced(String.fromCharCode(all[0]!), length - 4);
        this.#needed = length + 1;
        continue;
      }
      const needed = this.#needed;
      this.#needed = 0;
      this.#bytes -= needed;
      this.#pieces = this.#bytes > 0 ? [all.subarray(needed)] : [];
      this.#take({ type: String.fromCharCode(all[0]!), body: all.subarray(HEADER, needed) });
    }
  }

  #joined(): Buffer {
    const [first] = this.#pieces;
    if (this.#pieces.length === 1 && first) return first;
    const all = Buffer.concat(this.#pieces, this.#bytes);
    this.#pieces = [all];
    return all;
  }
}
