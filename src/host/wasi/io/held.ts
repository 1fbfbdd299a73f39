// Bytes that the host holds for one request, over all objects that its guest has: header fields, bodies that nobody has
// read yet. Each object has a limit of its own; this one bounds what many of them come to.
import { Trap } from '../../../errors.ts';

/** In bytes. */
export const DEFAULT_HELD_BYTES = 16 * 1024 * 1024;

export class Held {
  readonly #limit: number;
  #bytes = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Throws a Trap that names the limit. A negative number gives back. */
  add(bytes: number): void {
    if (bytes > 0 && this.#bytes + bytes > this.#limit) throw new Trap(`Limit reached: held (${this.#limit} bytes)`);
    this.#bytes += bytes;
  }
}
