// A thread of a task: one core call with what it needs to go on when it is blocked. CanonicalABI.md#threads
import type { ComponentState, CoreValue } from '../abi/context.ts';
import type { ResolvedOptions } from '../abi/options.ts';
import type { FuncType } from '../types/val-type.ts';

/** A task as its threads see it, and those who let them run: `Task` implements it. */
export interface ThreadTask {
  readonly type: FuncType;
  readonly options: ResolvedOptions;
  readonly component: { readonly component: ComponentState };
  readonly forHost: boolean;
  /** Whether it is no call, but stands for core code that runs outside of any. */
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
  /** The thread's index in the table of its component instance; 0 while it is in none. */
  index = 0;
  /** Whether it may be resumed to learn of a cancellation, as it said when it was last blocked. */
  cancellable = false;
  /** Lets the thread go on; undefined while it runs, and after it has ended. */
  continuation: ((cancelled: boolean) => void) | undefined;
  /** Whether the continuation resumes a suspended stack: guest code then runs only after the microtasks before it. */
  onStack = false;
  /** Set while the thread waits: it may be resumed as soon as this returns true. */
  ready: (() => boolean) | undefined;
  /** Whether the thread waits for nothing but its turn. */
  yields = false;
  ended = false;
  /** Whether the thread's stack is suspended although the specification counts it as running. */
  hidden = false;
  /** The thread that gets control back when this one is blocked. */
  resumer: Thread | undefined;
  /** The thread that gets control instead of the resumer. */
  switchTo: Thread | undefined;
  /** Called when the thread is blocked or ends, if nobody could be told by returning. */
  onPause: (() => void) | undefined;
  /** Called when the core function under way has returned. */
  onReturn: ((result: CoreValue | undefined) => void) | undefined;
  /** Called when the thread stops for a moment without having trapped. */
  atRest: (() => void) | undefined;
  /** The values of context.get and context.set. CanonicalABI.md: Thread.storage */
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
