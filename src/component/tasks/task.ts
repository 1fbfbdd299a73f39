// A call of a lifted function, from its start until its last thread has ended. CanonicalABI.md#tasks

import { Trap } from '../../errors.ts';
import { enterFrom, leave, mayEnterFrom } from '../abi/entering.ts';
import type { BorrowScope } from '../abi/handles.ts';
import type { ResolvedOptions } from '../abi/options.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import type { FuncType } from '../types/val-type.ts';
import type { ComponentTasks } from './component-tasks.ts';
import type { Quantum } from './scheduler.ts';
import { Thread, type ThreadTask } from './thread.ts';

export type TaskState = 'initial' | 'started' | 'pending-cancel' | 'cancel-delivered' | 'resolved';

/** Gives the parameters as JavaScript values, which are lifted when the task starts. */
export type OnStart = () => readonly unknown[];
/** Takes the result; `cancelled` says that there will be none. */
export type OnResolve = (result: unknown, cancelled: boolean) => void;

export interface Started {
  readonly task: Task;
  /** The time for which the callee still runs; undefined when its turn is over. */
  readonly quantum: Quantum;
}

/** A function of the guest each of whose calls is a task. */
export interface TaskFunction {
  /** Starts a task. `caller` is undefined for the host. CanonicalABI.md: Store.lift */
  start(caller: ComponentTasks | undefined, encoding: StringEncoding, onStart: OnStart, onResolve: OnResolve): Started;
}

export class Task implements BorrowScope, ThreadTask {
  readonly type: FuncType;
  readonly options: ResolvedOptions;
  readonly component: ComponentTasks;
  /** Whether results go to the host. */
  readonly forHost: boolean;
  readonly #onStart: OnStart;
  readonly #onResolve: OnResolve;
  readonly implicitThread: Thread;
  readonly threads: Thread[] = [];
  state: TaskState = 'initial';
  borrows = 0;
  isOutside = false;

  constructor(
    type: FuncType,
    options: ResolvedOptions,
    component: ComponentTasks,
    forHost: boolean,
    onStart: OnStart,
    onResolve: OnResolve,
  ) {
    this.type = type;
    this.options = options;
    this.component = component;
    this.forHost = forHost;
    this.#onStart = onStart;
    this.#onResolve = onResolve;
    this.implicitThread = new Thread(this);
  }

  /** Whether only one such task of a component instance may run at a time. */
  get needsExclusive(): boolean {
    return this.type.async && (!this.options.async || this.options.callback !== undefined);
  }

  /**
   * Whether the thread may not run while a synchronous call is under way, since both use the one stack of their memory.
   */
  isExclusive(thread: Thread): boolean {
    return this.needsExclusive && thread === this.implicitThread;
  }

  #hasBackpressure(): boolean {
    const { backpressure, exclusive } = this.component;
    return backpressure > 0 || (this.needsExclusive && exclusive !== undefined);
  }

  /** Runs `begin` in the implicit thread as soon as the component instance lets it in. */
  enterImplicitThread(begin: () => void): void {
    const { component, implicitThread } = this;
    const { store } = component;
    store.tasks.add(this);
    if (!this.type.async || (!this.#hasBackpressure() && component.waitingToEnter === 0)) {
      this.#register(begin);
      return;
    }
    component.waitingToEnter++;
    store.startWaiting(implicitThread, () => !this.#hasBackpressure());
    store.park(implicitThread, true, (cancelled) => {
      component.waitingToEnter--;
      if (!cancelled) return this.#register(begin);
      this.cancel();
      store.tasks.delete(this);
      store.end(implicitThread);
    });
  }

  #register(begin: () => void): void {
    if (this.needsExclusive) this.component.exclusive = this.implicitThread;
    this.registerThread(this.implicitThread);
    begin();
  }

  registerThread(thread: Thread): void {
    this.threads.push(thread);
    thread.index = this.component.threads.add(thread);
  }

  exitImplicitThread(): void {
    if (this.needsExclusive) this.component.exclusive = undefined;
    this.exitThread(this.implicitThread);
  }

  /** Ends a thread. Errors: it was the last one, and there is no result. */
  exitThread(thread: Thread): void {
    const { threads, component } = this;
    threads.splice(threads.indexOf(thread), 1);
    component.threads.remove(thread.index);
    thread.index = 0;
    if (threads.length === 0) {
      if (this.state !== 'resolved') throw new Trap('The task ended without returning a result');
      component.store.tasks.delete(this);
    }
    component.store.end(thread);
  }

  start(): readonly unknown[] {
    this.state = 'started';
    return this.#onStart();
  }

  /** Returns the result. CanonicalABI.md: Task.return_ */
  return(result: unknown): void {
    if (this.state === 'resolved') throw new Trap('The task has returned already');
    this.#resolve(result, false);
  }

  cancel(): void {
    if (this.state !== 'cancel-delivered') throw new Trap('The task was not cancelled');
    this.#resolve(undefined, true);
  }

  #resolve(result: unknown, cancelled: boolean): void {
    if (this.borrows > 0) throw new Trap('Borrow handles still remain at the end of the call');
    this.#onResolve(result, cancelled);
    this.state = 'resolved';
  }

  requestCancellation(caller: ComponentTasks | undefined): Quantum {
    const { component } = this;
    const from = caller?.component;
    if (this.state === 'initial') {
      this.state = 'cancel-delivered';
      return component.store.resume(this.implicitThread, true);
    }
    const thread = this.threads.find((one) => this.#mayBeTold(one));
    if (!thread || !mayEnterFrom(component.component, from)) {
      this.state = 'pending-cancel';
      return undefined;
    }
    this.state = 'cancel-delivered';
    const entered = enterFrom(component.component, from);
    const quantum = component.store.resume(thread, true);
    if (quantum) return quantum.then(() => leave(entered));
    leave(entered);
    return undefined;
  }

  #mayBeTold(thread: Thread): boolean {
    const { exclusive } = this.component;
    if (thread.running || !thread.cancellable) return false;
    if (thread !== this.implicitThread || !this.needsExclusive) return true;
    return exclusive === undefined || exclusive === thread;
  }

  deliverPendingCancel(cancellable: boolean): boolean {
    if (!cancellable || this.state !== 'pending-cancel') return false;
    this.state = 'cancel-delivered';
    return true;
  }
}

const noOptions: ResolvedOptions = {
  encoding: 'utf8',
  memory: undefined,
  realloc: undefined,
  postReturn: undefined,
  async: false,
  callback: undefined,
};

/** Makes the task to which core code belongs that runs outside any call: start functions, and the guest's realloc. */
export function outsideTask(component: ComponentTasks): Task {
  const type: FuncType = { async: false, params: [], result: undefined };
  const task = new Task(
    type,
    noOptions,
    component,
    false,
    () => [],
    () => undefined,
  );
  task.state = 'started';
  task.isOutside = true;
  return task;
}
