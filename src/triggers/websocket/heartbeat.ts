// Pings of the connections of a component, spread over the time between two of one, so that thousands are not pinged at
// once.

const SLOTS = 16;

export interface Beating {
  beat(now: number): void;
}

export class Heartbeat {
  readonly #slots: readonly Set<Beating>[] = Array.from({ length: SLOTS }, () => new Set());
  readonly #timer: NodeJS.Timeout;
  #next = 0;
  #added = 0;

  /** `pingMs` are the milliseconds between two pings of one connection. */
  constructor(pingMs: number) {
    this.#timer = setInterval(() => this.#tick(), Math.max(1, pingMs / SLOTS));
    this.#timer.unref();
  }

  /** Adds a connection; the function that it returns takes it out again. */
  add(one: Beating): () => void {
    const slot = this.#slots[this.#added++ % SLOTS];
    slot?.add(one);
    return () => slot?.delete(one);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = performance.now();
    for (const one of this.#slots[this.#next++ % SLOTS] ?? []) one.beat(now);
  }
}
