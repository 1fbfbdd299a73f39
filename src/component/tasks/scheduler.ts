// What tasks and waitables ask of the store in which they are: who waits, who goes on. The store is all of it.
import type { Thread, ThreadTask } from './thread.ts';

/** Undefined when the quantum is over already. */
export type Quantum = Promise<void> | undefined;

export const CANNOT_BLOCK = 'Cannot block a synchronous task before returning';

export interface Scheduler {
  /** Those that have been entered and have not ended. */
  readonly tasks: Set<ThreadTask>;
  /** Threads may have become ready. */
  wake(): void;
  /** Lets `thread` run until it is blocked or ends. */
  resume(thread: Thread, cancelled?: boolean): Quantum;
  startWaiting(thread: Thread, ready: () => boolean, yields?: boolean): void;
  /** The first waiting thread that may go on, of those that `eligible` allows. */
  firstReady(eligible: (thread: Thread) => boolean): Thread | undefined;
  /** The current thread stops here without a stack; `then` runs when it is resumed. */
  park(thread: Thread, cancellable: boolean, then: (cancelled: boolean) => void): void;
  end(thread: Thread): void;
}
