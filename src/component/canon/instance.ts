// A plan carried out: the core instances, handle tables and functions of one sandbox. Nothing is decoded and no type is
// walked here.

import { Trap } from '../../errors.ts';
import { AbiContext, type ComponentState, type CoreFunction } from '../abi/context.ts';
import { HandleQuota } from '../abi/handle-quota.ts';
import { type HandleSnapshot, HandleTable } from '../abi/handles.ts';
import { MemoryView } from '../abi/memory.ts';
import type { CoreItem, ResolvedOptions } from '../abi/options.ts';
import { reasonOf, uncatchable } from '../abi/uncatchable.ts';
import type { Activity } from '../tasks/activity.ts';
import { TaskValues } from '../tasks/async-values.ts';
import { Store, type Turns } from '../tasks/store.ts';
import type { StackBudget } from '../tasks/suspended-stacks.ts';
import type { TaskFunction } from '../tasks/task.ts';
import { HostByteBudget } from '../types/host-byte-budget.ts';
import type { HostMemory } from '../types/host-memory.ts';
import type { CallLifted } from './call.ts';
import { makeExportCall } from './export-call.ts';
import { GuestFunction } from './guest-function.ts';
import { makeLiftedCall } from './lift.ts';
import {
  type InstantiateStep,
  type LiftedFunction,
  type Plan,
  type RunningInstance,
  stacksOf,
  type Trampoline,
} from './plan.ts';
import { makeWaiters } from './waiters.ts';

/** What the host keeps for one request: the state of each service, made when it is first needed. */
export interface CallContext {
  /** Counts what the host keeps for the request; an instance without a request has a budget of its own. */
  readonly hostBytes?: HostByteBudget | undefined;
  /** Is told of the steps of the guest's threads, in plans with tasks. */
  readonly turns?: Turns | undefined;
  /** The state of the service with this slot in `plan.services`. */
  state(slot: number): unknown;
}

export interface InstantiateOptions {
  /** The compiled core module with this number in `plan.modules`. */
  module(index: number): WebAssembly.Module;
  /** Imports that the rewriter added to a module, for the step with this slot. */
  extraImports?(step: InstantiateStep): WebAssembly.Imports | undefined;
  /** Called after each step of the plan; the next step finds what this leaves. */
  afterStep?(step: InstantiateStep, instance: Instance): void;
  readonly context?: CallContext | undefined;
  readonly activity?: Activity | undefined;
  /** The most handles that all component instances may have together. */
  readonly handleLimit?: number | undefined;
  /**
   * Whether calls from the host return promises, even those that never wait: JSPI then gives guests a stack apart from
   * the host's. On a common stack, a guest deep in recursion could have a host function run out of stack in the middle
   * of its work.
   */
  readonly ownStacks?: boolean | undefined;
  /** The account of what the process keeps for all guests; its own by default. */
  readonly hostMemory?: HostMemory | undefined;
  /** Counts suspended stacks beyond those that every call may need, of which `stacksOf` gives the number. */
  readonly stacks?: StackBudget | undefined;
}

/** A guest called an import while it was initialised without a request. */
export class ImportDuringInitialization extends Error {
  override readonly name = 'ImportDuringInitialization';
  readonly importName: string;
  constructor(importName: string) {
    super(`The component calls "${importName}" while it is initialised`);
    this.importName = importName;
  }
}

export class Instance implements RunningInstance {
  readonly plan: Plan;
  /** Whether calls from the host return promises, as InstantiateOptions says. */
  readonly ownStacks: boolean;
  readonly components: readonly ComponentState[];
  /** Counts what all handle tables hold. */
  readonly handles: HandleQuota;
  /** Exports of each core instance, by slot. */
  readonly core: WebAssembly.Exports[] = [];
  /** The request that is served; without one, imports refuse to be called. */
  context: CallContext | undefined;
  activity: Activity | undefined;
  /** The number of calls into the host since the request began. */
  hostCalls = 0;
  readonly #trampolines: (((...args: never[]) => unknown) | WebAssembly.Suspending)[] = [];
  readonly #lifted: CallLifted[] = [];
  readonly #memories = new Map<number, Map<string, MemoryView>>();
  readonly #guestFunctions: TaskFunction[] = [];
  #waiters: Readonly<Record<string, WebAssembly.ExportValue>> | undefined;
  readonly store: Store | undefined;
  readonly #asyncValues: TaskValues | undefined;
  readonly #pending = new Set<(reason: Error) => void>();
  #cancelled: Error | undefined;
  #isInitialized = false;
  #ownBytes: HostByteBudget | undefined;

  constructor(plan: Plan, options: InstantiateOptions) {
    this.plan = plan;
    this.ownStacks = options.ownStacks ?? false;
    this.context = options.context;
    this.activity = options.activity;
    this.handles = new HandleQuota(options.handleLimit, 'handles', options.hostMemory);
    this.components = makeComponents(plan, this.handles);
    this.store = plan.asynchronous ? new Store(this, stacksOf(plan), options.stacks) : undefined;
    this.#asyncValues = this.store && new TaskValues(this.store);
    try {
      for (const step of plan.steps) this.#instantiate(step, options);
    } catch (error) {
      this.dispose();
      throw error;
    }
    this.#isInitialized = true;
    this.store?.ready();
  }

  /** The budget in which everything that the host keeps for the guest beyond its handles is counted. */
  get hostBytes(): HostByteBudget {
    if (this.context?.hostBytes) return this.context.hostBytes;
    this.#ownBytes ??= new HostByteBudget();
    return this.#ownBytes;
  }

  get turns(): Turns | undefined {
    return this.context?.turns;
  }

  #instantiate(step: InstantiateStep, options: InstantiateOptions): void {
    const imports = withoutPrototype<WebAssembly.ModuleImports>();
    for (const { module, name, item } of step.imports) {
      imports[module] ??= withoutPrototype<WebAssembly.ImportValue>();
      (imports[module] as WebAssembly.ModuleImports)[name] = this.importValue(item);
    }
    for (const [module, extra] of Object.entries(options.extraImports?.(step) ?? {})) {
      imports[module] = Object.assign(imports[module] ?? withoutPrototype<WebAssembly.ImportValue>(), extra);
    }
    try {
      this.core[step.slot] = new WebAssembly.Instance(options.module(step.module), imports).exports;
      options.afterStep?.(step, this);
    } catch (error) {
      throw reasonOf(error);
    }
  }

  importValue(item: CoreItem): WebAssembly.ImportValue {
    if (item.kind === 'trampoline') return this.#trampoline(item.index);
    return this.#export(item.slot, item.name);
  }

  #export(slot: number, name: string): WebAssembly.ExportValue {
    const value = this.core[slot]?.[name];
    if (value === undefined) throw new Trap(`Core instance ${slot} has no export "${name}"`);
    return value;
  }

  #trampoline(index: number): ((...args: never[]) => unknown) | WebAssembly.Suspending {
    let made = this.#trampolines[index];
    if (!made) {
      const trampoline = this.plan.trampolines[index] as Plan['trampolines'][number];
      made = this.plan.mayWait[index] ? this.#waiting(index, trampoline) : this.#guarded(trampoline);
      this.#trampolines[index] = made;
    }
    return made;
  }

  #guarded(trampoline: Trampoline): (...args: never[]) => unknown {
    const call = trampoline.make(this);
    if (this.store) return this.store.guarded(call);
    return trampoline.guardsItself ? call : guarded(call);
  }

  #waiting(index: number, trampoline: Trampoline): ((...args: never[]) => unknown) | WebAssembly.Suspending {
    const { store, plan } = this;
    if (!trampoline.coreType) return new WebAssembly.Suspending(this.#guarded(trampoline));
    this.#waiters ??= makeWaiters(plan, {
      call: (one) => this.#guarded(plan.trampolines[one] as Trampoline),
      onSuspend: store ? store.leaveStack : () => undefined,
    });
    return this.#waiters[`run${index}`] as (...args: never[]) => unknown;
  }

  coreFunction(item: CoreItem): CoreFunction {
    const value = item.kind === 'export' ? this.#export(item.slot, item.name) : this.#trampoline(item.index);
    if (typeof value !== 'function') throw new Trap('A core definition that is used as a function is none');
    return value as CoreFunction;
  }

  lifted(func: LiftedFunction): CallLifted {
    let call = this.#lifted[func.index];
    if (!call) {
      const { store } = this;
      call = store ? makeExportCall(store, () => this.guestFunction(func)) : makeLiftedCall(this, func);
      this.#lifted[func.index] = call;
    }
    return call;
  }

  guestFunction(func: LiftedFunction): TaskFunction {
    let made = this.#guestFunctions[func.index];
    if (!made) {
      made = new GuestFunction(this, this.store as Store, func);
      this.#guestFunctions[func.index] = made;
    }
    return made;
  }

  abiContext(owner: number, options: ResolvedOptions): AbiContext {
    const component = this.components[owner] as ComponentState;
    const memory = options.memory && this.memory(options.memory);
    const core = options.realloc && this.coreFunction(options.realloc);
    const realloc = core && this.store ? this.store.inOwnThread(owner, core) : core;
    return new AbiContext(component, options.encoding, memory, realloc, this.#asyncValues);
  }

  memory(item: CoreItem): MemoryView {
    if (item.kind !== 'export') throw new Trap('A canonical option names a memory that is none');
    const ofSlot = this.#memories.get(item.slot) ?? new Map<string, MemoryView>();
    this.#memories.set(item.slot, ofSlot);
    let view = ofSlot.get(item.name);
    if (!view) {
      view = new MemoryView(this.#export(item.slot, item.name) as WebAssembly.Memory);
      ofSlot.set(item.name, view);
    }
    return view;
  }

  /** The state of a host service for the request under way; `importName` is what the guest calls. */
  hostState(slot: number, importName: string): unknown {
    if (this.#cancelled) throw this.#cancelled;
    if (!this.context) throw new ImportDuringInitialization(importName);
    if (!this.#isInitialized) needStack(STACK_FOR_HOST);
    this.hostCalls++;
    return this.context.state(slot);
  }

  /** Waits for what a host function promised; `cancel` cuts the wait short. The guest runs on right after `then`. */
  wait<T>(promise: PromiseLike<unknown>, then: (value: unknown) => T): Promise<T> {
    this.activity?.suspend();
    return new Promise<T>((resolve, reject) => {
      const stop = (reason: unknown): void => {
        this.#pending.delete(stop);
        this.#goOn(() => reject(uncatchable(reason)));
      };
      this.#pending.add(stop);
      promise.then((value) => {
        if (!this.#pending.delete(stop)) return;
        // The guest's time runs during `then`, which may call the guest's realloc.
        this.#goOn(() => {
          try {
            resolve(then(value));
          } catch (error) {
            reject(uncatchable(error));
          }
        });
      }, stop);
    });
  }

  #goOn(go: () => void): void {
    if (this.activity) this.activity.resume(go);
    else go();
  }

  /** Ends the request: what is suspended fails with `reason`, and so does every further call of an import. */
  cancel(reason: Error): void {
    this.#cancelled ??= reason;
    this.store?.fail(reason);
    for (const stop of [...this.#pending]) stop(reason);
  }

  get isCancelled(): boolean {
    return this.#cancelled !== undefined;
  }

  get suspended(): boolean {
    return this.#pending.size > 0 || this.store?.active === true;
  }

  /**
   * Puts everything apart from memories, globals and tables back to the image; without `handles` every handle table
   * becomes empty.
   */
  resetHostSide(handles?: readonly HandleSnapshot[]): void {
    this.store?.reset();
    for (const component of this.components) {
      component.handles.restore(handles?.[component.index]);
      component.mayEnter = true;
      component.mayLeave = true;
    }
    this.handles.settle();
    this.context = undefined;
    this.hostCalls = 0;
    this.#ownBytes?.close();
    this.#ownBytes = undefined;
  }

  /**
   * Says that nobody uses the instance any more: what it counts is given back to the process. It cannot be entered
   * afterwards.
   */
  dispose(): void {
    for (const { handles } of this.components) handles.restore(undefined);
    this.handles.settle();
    this.store?.dispose();
    this.#ownBytes?.close();
  }
}

/** An object whose keys are names that a guest chose: `__proto__` and `constructor` are names like others here. */
function withoutPrototype<Value>(): Record<string, Value> {
  return Object.create(null) as Record<string, Value>;
}

/** Wraps what a guest calls, so that it never throws anything that the guest could catch. */
function guarded(call: (...args: never[]) => unknown): (...args: never[]) => unknown {
  return (...args) => {
    try {
      return call(...args);
    } catch (error) {
      throw uncatchable(error);
    }
  };
}

function makeComponents(plan: Plan, handles: HandleQuota): ComponentState[] {
  const components: ComponentState[] = [];
  plan.instances.forEach(({ parent }, index) => {
    components.push({
      index,
      parent: parent === undefined ? undefined : components[parent],
      handles: new HandleTable(handles),
      mayEnter: true,
      mayLeave: true,
    });
  });
  return components;
}

/**
 * The frames of a function that calls only itself for which there must be room before a host function runs: some
 * hundred KiB.
 */
const STACK_FOR_HOST = 2_000;

/**
 * Makes sure that there is room for so many frames. Start functions run on the host's own stack: this throws the
 * RangeError of an overflow while no host function is at work.
 */
function needStack(frames: number): number {
  return frames === 0 ? 0 : 1 + needStack(frames - 1);
}
