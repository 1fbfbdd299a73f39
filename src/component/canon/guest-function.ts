// canon lift in a plan with tasks: what one lifted function needs to be called in one instance. CanonicalABI.md#canon-lift

import { Trap } from '../../errors.ts';
import type { AbiContext, CoreFunction, CoreValue } from '../abi/context.ts';
import { enterFrom, leave } from '../abi/entering.ts';
import { type LiftValues, type LowerValues, makeLiftValues, makeLowerValues, valuesLayout } from '../abi/values.ts';
import type { ComponentTasks } from '../tasks/component-tasks.ts';
import { type CoreCall, makeCoreCall } from '../tasks/core-call.ts';
import type { CoreSignature } from '../tasks/encode-module.ts';
import { type Event, noEvent, taskCancelled } from '../tasks/event.ts';
import { CANNOT_BLOCK, type Quantum } from '../tasks/scheduler.ts';
import type { Store } from '../tasks/store.ts';
import { type OnResolve, type OnStart, type Started, Task, type TaskFunction } from '../tasks/task.ts';
import type { Thread } from '../tasks/thread.ts';
import { WaitableSet } from '../tasks/waitable.ts';
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, paramTypes } from '../types/layout.ts';
import type { StringEncoding } from '../types/string-encoding.ts';
import type { LiftedFunction, RunningInstance } from './plan.ts';

/** The codes that a callback returns. CanonicalABI.md: CallbackCode */
const EXIT = 0;
const YIELD = 1;
const WAIT = 2;

const callbackSignature: CoreSignature = { params: ['i32', 'i32', 'i32'], results: ['i32'] };

/** The core function type of a lifted function. CanonicalABI.md: flatten_functype */
function liftedSignature({ type, options }: LiftedFunction): CoreSignature {
  const params = valuesLayout(paramTypes(type), MAX_FLAT_PARAMS).flat;
  if (options.async) return { params, results: options.callback ? ['i32'] : [] };
  return { params, results: type.result ? valuesLayout([type.result], MAX_FLAT_RESULTS).flat : [] };
}

export class GuestFunction implements TaskFunction {
  readonly func: LiftedFunction;
  readonly component: ComponentTasks;
  readonly #store: Store;
  readonly #cx: AbiContext;
  readonly #lower: LowerValues;
  readonly #lift: LiftValues | undefined;
  readonly #core: CoreCall;
  readonly #callback: CoreCall | undefined;
  readonly #postReturn: CoreFunction | undefined;

  constructor(instance: RunningInstance, store: Store, func: LiftedFunction) {
    const { type, options, owner } = func;
    const suspends = instance.plan.suspends[owner] === true;
    this.func = func;
    this.#store = store;
    this.component = store.components[owner] as ComponentTasks;
    this.#cx = instance.abiContext(owner, options);
    this.#lower = makeLowerValues(paramTypes(type), MAX_FLAT_PARAMS);
    this.#lift = type.result && makeLiftValues([type.result], MAX_FLAT_RESULTS);
    this.#core = makeCoreCall(store, instance.importValue(func.core), liftedSignature(func), suspends);
    this.#callback =
      options.callback && makeCoreCall(store, instance.importValue(options.callback), callbackSignature, suspends);
    this.#postReturn = options.postReturn && instance.coreFunction(options.postReturn);
  }

  start(caller: ComponentTasks | undefined, encoding: StringEncoding, onStart: OnStart, onResolve: OnResolve): Started {
    const { type, options } = this.func;
    const entered = enterFrom(this.component.component, caller?.component);
    const task = new Task(type, options, this.component, caller === undefined, onStart, onResolve);
    const thread = task.implicitThread;
    this.#store.prepare(thread, () => task.enterImplicitThread(() => this.#begin(task, thread, encoding)));
    const quantum = this.#run(task);
    if (!quantum) leave(entered);
    return { task, quantum: quantum?.then(() => leave(entered)) };
  }

  #run(task: Task): Quantum {
    if (!this.func.type.async) this.component.synchronousCalls++;
    const quantum = this.#store.resume(task.implicitThread);
    if (this.func.type.async) return quantum ?? this.#letIn(task);
    return quantum ? quantum.then(() => this.#finishSynchronously(task)) : this.#finishSynchronously(task);
  }

  /**
   * Lets a task in. If it waits only for another task to leave that could do so now, that one goes on first. The
   * specification leaves the order open; this way the caller of two functions in a row finds the second one started.
   */
  #letIn(task: Task): Quantum {
    const { component } = this;
    const store = this.#store;
    if (task.state !== 'initial' || component.waitingToEnter !== 1 || component.backpressure > 0) return undefined;
    const next = component.exclusive ?? task.implicitThread;
    if (!next.isReady) return undefined;
    const quantum = store.resume(next);
    return quantum ? quantum.then(() => this.#letIn(task)) : this.#letIn(task);
  }

  /**
   * Runs other threads of the instance until the task of a synchronous function has its result. Such a function may be
   * blocked only while other threads can unblock it.
   */
  #finishSynchronously(task: Task): Quantum {
    const { component } = this;
    while (task.state !== 'resolved') {
      const next = component.readyDuringSynchronousCall();
      if (!next) throw new Trap(CANNOT_BLOCK);
      const quantum = this.#store.resume(next);
      if (quantum) return quantum.then(() => this.#finishSynchronously(task));
    }
    component.synchronousCalls--;
    return undefined;
  }

  #begin(task: Task, thread: Thread, encoding: StringEncoding): void {
    const cx = this.#cx.fork();
    cx.sourceEncoding = encoding;
    cx.scope = task;
    const params = task.start();
    const flat: CoreValue[] = [];
    cx.refresh();
    this.#lower(cx, params, flat);
    thread.onReturn = this.#afterCore(task, thread, cx);
    this.#core(flat);
  }

  #afterCore(task: Task, thread: Thread, cx: AbiContext): (result: CoreValue | undefined) => void {
    const { options } = this.func;
    if (!options.async) return (result) => this.#returned(task, cx, result);
    if (!options.callback) return () => task.exitImplicitThread();
    return (packed) => this.#decide(task, thread, packed as number);
  }

  #returned(task: Task, cx: AbiContext, result: CoreValue | undefined): void {
    const values = result === undefined ? [] : [result];
    cx.forHost = task.forHost;
    cx.refresh();
    task.return(this.#lift?.(cx, values)[0]);
    if (this.#postReturn) {
      cx.instance.mayLeave = false;
      this.#postReturn(...values);
      cx.instance.mayLeave = true;
    }
    task.exitImplicitThread();
  }

  /** Does next what the guest's core function or callback asks for. */
  #decide(task: Task, thread: Thread, packed: number): void {
    const { component } = this;
    const code = packed & 0xf;
    if (code === EXIT) task.exitImplicitThread();
    else if (code === YIELD) {
      component.exclusive = undefined;
      this.#await(
        task,
        thread,
        () => component.exclusive === undefined,
        true,
        () => noEvent,
      );
    } else if (code === WAIT) {
      component.exclusive = undefined;
      this.#awaitSet(task, thread, WaitableSet.from(component.handles, packed >>> 4));
    } else throw new Trap(`Unknown callback code ${code}`);
  }

  #awaitSet(task: Task, thread: Thread, set: WaitableSet): void {
    const { component } = this;
    set.waiting++;
    const ready = (): boolean => component.exclusive === undefined && set.hasPendingEvent;
    this.#await(task, thread, ready, false, (cancelled) => {
      set.waiting--;
      return cancelled ? taskCancelled : set.takeEvent();
    });
  }

  #await(task: Task, thread: Thread, ready: () => boolean, yields: boolean, take: (cancelled: boolean) => Event): void {
    const { component } = this;
    const told = task.deliverPendingCancel(true);
    this.#store.startWaiting(thread, told ? () => component.exclusive === undefined : ready, yields && !told);
    this.#store.park(thread, !told, (resumed) => {
      const cancelled = told || resumed;
      const event = take(cancelled);
      component.exclusive = thread;
      thread.onReturn = (next) => this.#decide(task, thread, next as number);
      const [code, first, second] = cancelled ? taskCancelled : event;
      this.#callback?.([code, first, second]);
    });
  }
}
