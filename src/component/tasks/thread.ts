// A thread of a task: one core call with what it needs to go on when it is blocked. CanonicalABI.md#threads
import type { ComponentState, CoreValue } from '../abi/context.ts';
import type { ResolvedOptions } from '../abi/options.ts';
import type { FuncType } from '../types/val-type.ts';

/** A task as its threads, and those who let them run, see it: `Task` is all of it. */
export interface ThreadTask {
  readonly type: FuncType;
  readonly options: ResolvedOptions;
  readonly component: { readonly component: ComponentState };
  readonly forHost: boolean;
  /** No call, but core code that runs outside of any. */
  readonly isOutside: boolean;
  isExclusive(thread: Thread): boolean;
  registerThread(thread: Thread): void;
  exitThread(thread: Thread): void;
  return(result: unknown): void;
  cancel(): void;
  deliverPendingCancel(cancellable: boolean): boolean;
}

export class Thread {
  readonly task: ThreadTask;
  /** In the thread table of its component instance; 0 while it is in none. */
  index = 0;
  /** Whether it may be resumed to learn of a cancellation, as it said when it was last blocked. */
  cancellable = false;
  /** How it goes on; undefined while it runs, and after it has ended. */
  continuation: ((cancelled: boolean) => void) | undefined;
  /** The continuation resumes a suspended stack: guest code runs only after the microtasks before it. */
  onStack = false;
  /** Set while it waits: it may be resumed as soon as this answers true. */
  ready: (() => boolean) | undefined;
  /** It waits for nothing but its turn. */
  yields = false;
  ended = false;
  /** Its stack is suspended though it runs as far as the specification knows. */
  hidden = false;
  /** Who gets control back when it is blocked. */
  resumer: Thread | undefined;
  /** The thread that gets control instead. */
  switchTo: Thread | undefined;
  /** Told when it is blocked or ends, when nobody could be told by returning. */
  onPause: (() => void) | undefined;
  /** What follows when the core function under way has returned. */
  onReturn: ((result: CoreValue | undefined) => void) | undefined;
  /** What waits until it stops for a moment without having trapped. */
  atRest: (() => void) | undefined;
  /** CanonicalABI.md: Thread.storage, for context.get and context.set. */
  readonly storage: [CoreValue, CoreValue] = [0, 0];

  constructor(task: ThreadTask) {
    this.task = task;
  }

  rest(): void {
    const { atRest } = this;
    this.atRest = undefined;
    atRest?.();
  }

  get running(): boolean {
    return this.continuation === undefined;
  }

  get suspended(): boolean {
    return this.continuation !== undefined && this.ready === undefined;
  }

  get isReady(): boolean {
    return this.ready?.() === true;
  }
}
