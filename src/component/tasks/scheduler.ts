// What tasks and waitables ask of the store in which they are: who waits, and who goes on. The store implements it.
import type { Thread, ThreadTask } from './thread.ts';

/** The time for which a thread runs until it is blocked or ends; undefined when that is over already. */
export type Quantum = Promise<void> | undefined;

export const CANNOT_BLOCK = 'Cannot block a synchronous task before returning';

export interface Scheduler {
  /** The tasks that have been entered and have not ended. */
  readonly tasks: Set<ThreadTask>;
  /** Says that threads may have become ready. */
  wake(): void;
  /** Lets `thread` run until it is blocked or ends. */
  resume(thread: Thread, cancelled?: boolean): Quantum;
  startWaiting(thread: Thread, ready: () => boolean, yields?: boolean): void;
  /** The first waiting thread that may go on, among those that `eligible` allows. */
  firstReady(eligible: (thread: Thread) => boolean): Thread | undefined;
  /** Stops the current thread, which leaves no stack; `then` runs when it is resumed. */
  park(thread: Thread, cancellable: boolean, then: (cancelled: boolean) => void): void;
  end(thread: Thread): void;
}
