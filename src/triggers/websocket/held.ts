// The bytes that the host holds for all WebSockets of a component.

export class Held {
  readonly most: number;
  #bytes = 0;

  constructor(most: number) {
    this.most = most;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** False when there is no room; nothing is counted then. */
  take(bytes: number): boolean {
    if (this.#bytes + bytes > this.most) return false;
    this.#bytes += bytes;
    return true;
  }

  give(bytes: number): void {
    this.#bytes -= bytes;
  }
}

/** What one connection has of it. */
export class HeldShare {
  readonly #held: Held;
  #bytes = 0;

  constructor(held: Held) {
    this.#held = held;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Sets how many bytes they are; false when there is no room for more, and they stay as many as they were. */
  set(bytes: number): boolean {
    const more = bytes - this.#bytes;
    if (more > 0 && !this.#held.take(more)) return false;
    if (more < 0) this.#held.give(-more);
    this.#bytes = bytes;
    return true;
  }
}
