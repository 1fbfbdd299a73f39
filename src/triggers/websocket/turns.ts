// How many events of a component's WebSockets are handled at once. The others wait in the queues of their connections, so
// that a crowd of clients does not fill the queue of the component's sandboxes.

export class Turns {
  readonly #most: number;
  #busy = 0;
  readonly #waiting = new Set<() => void>();

  constructor(most: number) {
    this.#most = most;
  }

  /** Runs `work`, which must not reject, when it is its turn: in the order in which they ask. */
  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#busy < this.#most) this.#busy++;
    else await new Promise<void>((resolve) => this.#waiting.add(resolve));
    const result = await work();
    const [next] = this.#waiting;
    if (next) {
      // The turn is handed over.
      this.#waiting.delete(next);
      next();
    } else this.#busy--;
    return result;
  }
}
