// Counts the requests that a guest was not allowed to send: the log tells of a few while it serves one request, and at
// its end how many more there were. A guest that tries again and again must not fill the log.
import type { Logger } from '../../telemetry/log.ts';

const MOST_LINES = 3;

export class Refusals {
  readonly #sandbox: { readonly log: Logger } | undefined;
  #count = 0;

  /** `sandbox` has the log of the request. */
  constructor(sandbox?: { readonly log: Logger }) {
    this.#sandbox = sandbox;
  }

  /** Where lines about the request go; undefined when nobody said. */
  get log(): Logger | undefined {
    return this.#sandbox?.log;
  }

  /** Counts one more. False when there were enough lines. */
  count(): boolean {
    return ++this.#count <= MOST_LINES;
  }

  /** The number of refusals of which no line tells. */
  get untold(): number {
    return Math.max(0, this.#count - MOST_LINES);
  }
}
