// What the log tells of requests that a guest was not allowed to send: a few lines while it serves one request, and at its
// end how many more there were. A guest that tries again and again must not fill the log.

const MOST_LINES = 3;

export class Refusals {
  #count = 0;

  /** Counts one more. False: there were enough lines. */
  count(): boolean {
    return ++this.#count <= MOST_LINES;
  }

  /** Those that stand in no line. */
  get untold(): number {
    return Math.max(0, this.#count - MOST_LINES);
  }
}
