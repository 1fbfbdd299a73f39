// The threads of one instance and their turns: which one runs, which ones wait, and what the host has brought.
// CanonicalABI.md#embedding. One quantum runs at a time, first come first served: the thread that has been ready
// longest goes on first. One file, since every method changes the same few queues.

import { Trap } from '../../errors.ts';
import type { ComponentState, CoreFunction, CoreValue } from '../abi/context.ts';
import { enterFrom, leave } from '../abi/entering.ts';
import { HandleQuota } from '../abi/handle-quota.ts';
import { reasonOf, uncatchable } from '../abi/uncatchable.ts';
import type { HostByteBudget } from '../types/host-byte-budget.ts';
import type { Activity } from './activity.ts';
import { Awaiters } from './awaiters.ts';
import { ComponentTasks } from './component-tasks.ts';
import { CANNOT_BLOCK, type Quantum, type Scheduler } from './scheduler.ts';
import { type StackBudget, SuspendedStacks } from './suspended-stacks.ts';
import { outsideTask } from './task.ts';
import { Thread, type ThreadTask } from './thread.ts';

/** Something that the host holds and that may wake a guest: an end of a stream or future. */
export interface HostEnd {
  abort(reason: Error): void;
}

/** The most threads that all component instances together may have at once, unless said otherwise. */
const DEFAULT_THREAD_LIMIT = 1_000;
/**
 * Milliseconds for which threads that only yield go on before the host's event loop gets a turn: they may wait for
 * something of it. Such a turn costs some microseconds that count for no guest, so it is not given for each yield.
 */
const YIELDS_MS = 0.5;
/** The number of yields after which the clock is looked at. */
const YIELDS_UNTIMED = 16;

/** Ends the caller when a callee has trapped. The callee's own error arrives in a moment and is the one that counts. */
class CalleeTrapped extends Trap {
  constructor() {
    super('A function that was called has trapped');
  }
}

/** Is told of each step of the threads of an instance. What happens between two steps is brought about by the host. */
export interface Turns {
  /** Called before it is known which step comes next, or whether there is one. */
  before(): void;
  /** Called when a step begins. The guest may go on a moment later. */
  begin(): void;
  /** Called when the guest stops, at the end of a step. */
  end(): void;
}

/** What the store needs of the instance whose threads it has. */
export interface TaskInstance {
  readonly turns?: Turns | undefined;
  readonly components: readonly ComponentState[];
  readonly activity: Activity | undefined;
  readonly hostBytes: HostByteBudget;
}

export class Store implements Scheduler {
  readonly instance: TaskInstance;
  readonly components: readonly ComponentTasks[];
  /** The thread whose code runs. */
  current: Thread | undefined;
  failure: Error | undefined;
  /** The number of promises of the host that tasks wait for. */
  hostWork = 0;
  readonly hostEnds = new Set<HostEnd>();
  readonly tasks = new Set<ThreadTask>();
  readonly #waiting: Thread[] = [];
  readonly #deliveries: (() => Quantum)[] = [];
  readonly #stacks: SuspendedStacks;
  readonly #threads: HandleQuota;
  readonly awaiters = new Awaiters();
  readonly #outside: Thread[] = [];
  /** The number of JavaScript frames that called guest code and stand on the stack now. */
  #depth = 0;
  /** Whether a quantum goes on that did not end where it began. */
  #busy = false;
  /** Whether the pump is going to run. */
  #scheduled = false;
  /** Whether the pump runs, which goes on by itself, and whether somebody has asked for it meanwhile. */
  #stepping = false;
  #wanted = false;
  #yields = 0;
  #yieldsUntil = 0;
  /** Whether the guest's time is running. While the instance is made, that is the time of whoever makes it. */
  #onTime = true;
  /** Whether JavaScript of this store is deciding who runs next, as `#decide` does. */
  #deciding = false;
  /** Whether a suspended stack goes on after the decision, on the time that is running. */
  #stackGoesOn = false;

  /** `stacks` counts the suspended stacks of the process, of which `paidStacks` were taken for this instance before. */
  constructor(
    instance: TaskInstance,
    paidStacks: number,
    stacks: StackBudget | undefined,
    threadLimit = DEFAULT_THREAD_LIMIT,
  ) {
    this.instance = instance;
    this.#stacks = new SuspendedStacks(
      (go) => this.#letStackGoOn(go),
      (error) => this.fail(error),
      stacks,
      paidStacks,
    );
    this.#threads = new HandleQuota(threadLimit, 'threads');
    this.components = instance.components.map((component) => new ComponentTasks(this, component, this.#threads));
  }

  get #activity(): Activity | undefined {
    return this.instance.activity;
  }

  /**
   * The thread that calls a built-in of this component instance; while the instance is made, a thread made for that.
   */
  thread(owner: number): Thread {
    if (this.current) return this.current;
    this.#outside[owner] ??= new Thread(outsideTask(this.components[owner] as ComponentTasks));
    return this.#outside[owner];
  }

  componentOf(state: ComponentState): ComponentTasks {
    return this.components[state.index] as ComponentTasks;
  }

  /** Wraps what core code calls: an error in it ends the guest, which cannot catch it. */
  guarded(call: (...args: never[]) => unknown): (...args: never[]) => unknown {
    return (...args) => {
      try {
        if (this.failure) throw this.failure;
        return call(...args);
      } catch (error) {
        this.fail(error);
        throw uncatchable(error);
      }
    };
  }

  /** Makes the guest's realloc run in a thread of its own. CanonicalABI.md: LiftLowerContext.reallocate */
  inOwnThread(owner: number, f: CoreFunction): CoreFunction {
    const thread = new Thread(outsideTask(this.components[owner] as ComponentTasks));
    return (...args) => {
      const { current } = this;
      thread.storage.fill(0);
      this.current = thread;
      try {
        return f(...args);
      } finally {
        this.current = current;
      }
    };
  }

  // ---- threads

  /** Lets `thread` run until it is blocked or ends. CanonicalABI.md: Thread.resume */
  resume(thread: Thread, cancelled = false): Quantum {
    if (!this.#onTime) return this.#whenItsTurn(() => this.resume(thread, cancelled));
    this.#stopWaiting(thread);
    const go = thread.continuation as (cancelled: boolean) => void;
    thread.continuation = undefined;
    thread.resumer = this.current;
    thread.hidden = thread.onStack;
    this.current = thread;
    this.#depth++;
    try {
      go(cancelled);
    } finally {
      this.#depth--;
    }
    if (thread.ended || thread.continuation) return this.#switch(thread);
    if (!thread.hidden) {
      this.#busy = true;
      throw new CalleeTrapped();
    }
    return new Promise<void>((resolve) => {
      thread.onPause = resolve;
    }).then(() => this.#switch(thread));
  }

  #switch(thread: Thread): Quantum {
    const next = thread.switchTo;
    thread.switchTo = undefined;
    return next && this.resume(next);
  }

  /** Prepares a thread that has not run yet. */
  prepare(thread: Thread, run: () => void): void {
    thread.continuation = run;
    thread.onStack = false;
  }

  startWaiting(thread: Thread, ready: () => boolean, yields = false): void {
    thread.ready = ready;
    thread.yields = yields;
    this.#waiting.push(thread);
    this.wake();
  }

  #stopWaiting(thread: Thread): void {
    if (!thread.ready) return;
    thread.ready = undefined;
    this.#waiting.splice(this.#waiting.indexOf(thread), 1);
  }

  /** Takes a waiting thread out of the queue, so that it can be switched to. */
  promote(thread: Thread): void {
    this.#stopWaiting(thread);
  }

  /** The first waiting thread that may go on, among those that `eligible` allows. */
  firstReady(eligible: (thread: Thread) => boolean): Thread | undefined {
    return this.#waiting.find((thread) => eligible(thread) && thread.isReady);
  }

  /** Stops the current thread, which leaves no stack; `then` runs when it is resumed. */
  park(thread: Thread, cancellable: boolean, then: (cancelled: boolean) => void): void {
    thread.continuation = then;
    thread.onStack = false;
    this.#pause(thread, cancellable, undefined);
  }

  /** Stops the current thread inside a core call. `then` makes the result of the import when the thread is resumed. */
  block<T>(thread: Thread, cancellable: boolean, then: (cancelled: boolean) => T, switchTo?: Thread): Promise<T> {
    if (thread.task.isOutside) throw new Trap(CANNOT_BLOCK);
    const promise = this.#stacks.suspend<T>(({ settle }) => {
      thread.continuation = (cancelled) => settle(() => then(cancelled));
      thread.onStack = true;
    });
    this.#pause(thread, cancellable, switchTo);
    return promise;
  }

  /** Waits for a quantum of another thread or for the host while the current thread counts as running. */
  hide<T>(thread: Thread, awaited: Promise<unknown>, then: (value: unknown) => T | Promise<T>): Promise<T> {
    if (thread.task.isOutside) throw new Trap(CANNOT_BLOCK);
    thread.hidden = true;
    thread.rest();
    return this.#stacks.suspend<T>(({ settle, pass }) => {
      const goOn = (value: unknown): void => {
        if (this.failure) return;
        const result = then(value);
        if (result instanceof Promise) pass(result);
        else settle(() => result);
      };
      awaited.then((value) => this.#inTurn(() => goOn(value))).catch((error: unknown) => this.fail(error));
    });
  }

  // ---- the guest's time

  /** Calls `step` when it is the guest's turn, on its time. Errors in it end the guest. */
  #inTurn(step: () => void): void {
    const run = (): void => this.#decide(step);
    if (this.#activity) this.#activity.resume(run);
    else run();
  }

  #whenItsTurn(step: () => Quantum): Promise<void> {
    return new Promise((resolve) => {
      this.#inTurn(() => {
        if (!this.failure) resolve(step());
      });
    });
  }

  /** Runs `step` while the guest's time is running; the time goes on afterwards if a stack goes on in a moment. */
  #decide(step: () => void): void {
    this.#onTime = true;
    this.#deciding = true;
    this.#depth++;
    try {
      step();
    } catch (error) {
      this.fail(error);
    } finally {
      this.#depth--;
      this.#deciding = false;
      if (!this.#stackGoesOn) this.#timeIsOver();
      this.#stackGoesOn = false;
    }
  }

  #timeIsOver(): void {
    this.#onTime = this.#activity === undefined;
    this.#activity?.suspend();
  }

  #letStackGoOn(go: () => void): void {
    if (!this.#deciding) {
      this.#inTurn(() => this.#letStackGoOn(go));
      return;
    }
    this.#stackGoesOn = true;
    go();
  }

  #pause(thread: Thread, cancellable: boolean, switchTo: Thread | undefined): void {
    thread.cancellable = cancellable;
    thread.switchTo = switchTo;
    this.#giveBack(thread);
  }

  end(thread: Thread): void {
    thread.ended = true;
    this.#giveBack(thread);
  }

  #giveBack(thread: Thread): void {
    this.current = thread.resumer;
    thread.resumer = undefined;
    if (!this.current) this.instance.turns?.end();
    thread.rest();
    const { onPause } = thread;
    thread.onPause = undefined;
    onPause?.();
  }

  // ---- core calls

  returned(result: CoreValue | undefined): void {
    this.current?.onReturn?.(result);
  }

  /** Does what `returned` does while the core call is still on the stack. */
  returnedOnStack(result: CoreValue | undefined): void {
    this.guarded(() => this.returned(result))();
    this.leaveStack();
  }

  /** Called when a stack is about to be suspended, or has come to its end. */
  readonly leaveStack = (): void => {
    if (this.#depth === 0) this.#timeIsOver();
  };

  /** Called when a stack has been ended before its function returned. */
  readonly unwound = (error: unknown): void => {
    this.leaveStack();
    this.fail(error);
  };

  // ---- the host

  /** Called when the instance is made: from here on, guest code waits for its turn. */
  ready(): void {
    this.#onTime = this.#activity === undefined;
  }

  /** Runs `step` as soon as it is the guest's turn and no thread runs: now, most of the time. */
  deliver(step: () => Quantum): void {
    if (this.failure) return;
    this.#deliveries.push(step);
    const free = !this.#busy && this.#depth === 0 && !this.#scheduled;
    if (free && (!this.#activity || this.#activity.tryEnter())) this.#pump();
    else this.wake();
  }

  /** Says that threads may have become ready. */
  wake(): void {
    if (this.#stepping) {
      this.#wanted = true;
      return;
    }
    if (this.#scheduled || this.#busy || this.failure || !this.#isAwaited) return;
    this.#scheduled = true;
    queueMicrotask(this.#askForTurn);
  }

  readonly #askForTurn = (): void => {
    // When that quantum ends, the pump is asked for again.
    if (this.#busy) this.#scheduled = false;
    else if (this.#activity) this.#activity.resume(this.#pump);
    else this.#pump();
  };

  /** Whether somebody waits for the guest. If not, it does not run: `idle` is what drives it to its end. */
  get #isAwaited(): boolean {
    return this.#deliveries.length > 0 || this.hostEnds.size > 0 || this.awaiters.some;
  }

  readonly #pump = (): void => {
    this.#scheduled = false;
    this.#decide(this.#steps);
  };

  /**
   * Runs one step after the other, until no thread can go on or others come first: each step has a slice of its own.
   */
  readonly #steps = (): void => {
    this.#stepping = true;
    this.#wanted = false;
    try {
      this.#stepOn();
    } finally {
      this.#stepping = false;
    }
    // There is one successor, whatever was asked for meanwhile; none where the event loop gets a turn first.
    if (this.#wanted) this.wake();
  };

  #stepOn(): void {
    while (!this.#busy && !this.failure && this.#isAwaited) {
      const { turns } = this.instance;
      turns?.before();
      const step = this.#nextStep();
      if (!step) return;
      turns?.begin();
      this.#follow(step instanceof Thread ? this.#turn(step) : step());
      if (!this.#busy) turns?.end();
      if (this.#busy || this.#stackGoesOn) return;
      if (this.#activity?.pause()) {
        this.wake();
        return;
      }
    }
  }

  #nextStep(): (() => Quantum) | Thread | undefined {
    const delivery = this.#deliveries.shift();
    if (delivery) return delivery;
    const thread = this.firstReady((one) => !one.yields) ?? this.firstReady((one) => one.yields);
    if (!thread) {
      this.#idle();
      return undefined;
    }
    if (thread.yields && this.#haveYieldedEnough()) {
      this.#yields = 0;
      this.#scheduled = true;
      setImmediate(this.#askForTurn);
      return undefined;
    }
    return thread;
  }

  #haveYieldedEnough(): boolean {
    if (this.#yields === 0) this.#yieldsUntil = performance.now() + YIELDS_MS;
    return ++this.#yields % YIELDS_UNTIMED === 0 && performance.now() > this.#yieldsUntil;
  }

  /** Gives a thread its turn. CanonicalABI.md: Store.tick */
  #turn(thread: Thread): Quantum {
    const entered = enterFrom(thread.task.component.component, undefined);
    const quantum = this.resume(thread);
    if (quantum) return quantum.then(() => leave(entered));
    leave(entered);
    return undefined;
  }

  #follow(quantum: Quantum): void {
    if (!quantum) return;
    this.#busy = true;
    quantum.then(
      () => {
        this.#busy = false;
        this.wake();
      },
      (error: unknown) => this.fail(error),
    );
  }

  /**
   * Called when no thread can go on: if the host cannot change that either, those who wait for a result wait in vain.
   */
  #idle(): void {
    if (this.tasks.size === 0) this.awaiters.tellIdle(true);
    else if (this.hostWork > 0 || this.hostEnds.size > 0) return;
    else if (this.awaiters.someResult) this.fail(new Trap('Deadlock: no thread can go on'));
    else this.awaiters.tellIdle(false);
  }

  /**
   * Runs the tasks to their end. True when every one has ended, false when those that are left can never go on. Rejects
   * when the guest traps.
   */
  idle(): Promise<boolean> {
    if (this.failure) return Promise.reject(this.failure);
    // No guest code is left that would need a turn.
    if (this.tasks.size === 0 && this.#deliveries.length === 0 && !this.#busy) return Promise.resolve(true);
    const ended = this.awaiters.awaitIdle();
    this.wake();
    return ended;
  }

  // ---- failure

  /** Ends the instance after a trap, or at the end of the request: nothing of it runs ever after. */
  fail(thrown: unknown): void {
    const error = reasonOf(thrown);
    if (this.failure || error instanceof CalleeTrapped) return;
    const reason = asError(error);
    this.failure = reason;
    this.awaiters.fail(reason);
    for (const end of [...this.hostEnds]) end.abort(reason);
    this.#stacks.stopAll(reason);
    this.#waiting.length = 0;
    this.#deliveries.length = 0;
  }

  /** Whether something of a request is left. */
  get active(): boolean {
    if (this.failure || this.tasks.size > 0 || this.hostWork > 0 || this.#busy) return true;
    return this.components.some(({ backpressure }) => backpressure > 0);
  }

  /** Says that nobody uses the instance any more. */
  dispose(): void {
    for (const { threads } of this.components) threads.restore(undefined);
    this.#threads.settle();
  }

  /**
   * Says that the request is over; the host's ends of the streams and futures that the guest still holds are closed.
   */
  reset(): void {
    for (const component of this.components) component.reset();
    this.#threads.settle();
    this.hostEnds.clear();
    this.#outside.length = 0;
    this.#yields = 0;
  }
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Trap(String(error));
}
