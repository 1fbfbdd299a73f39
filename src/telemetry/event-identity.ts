// What is known of an event beside its contents: what the log calls it, and the trace that it belongs to.
import type { Propagation } from './trace-context.ts';

/** Both are made when somebody first asks. */
export interface EventIdentity {
  /** What each line of the log about the event says of it. */
  readonly fields: object | undefined;
  /** What requests that the event leads to hand on; undefined where that is nothing. */
  readonly propagation: Propagation | undefined;
}
