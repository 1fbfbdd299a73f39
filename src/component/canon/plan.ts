// The plan: the linked, checked list of steps that instantiates a component. Made once per artifact by link/,
// carried out by `Instance` as often as needed. Nothing in it changes after linking.

import type { AbiContext, ComponentState, CoreFunction } from '../abi/context.ts';
import type { MemoryView } from '../abi/memory.ts';
import type { CoreItem, ResolvedOptions } from '../abi/options.ts';
import type { CoreSignature } from '../tasks/encode-module.ts';
import type { Store } from '../tasks/store.ts';
import type { TaskFunction } from '../tasks/task.ts';
import type { HostByteBudget } from '../types/host-byte-budget.ts';
import type { FuncType, HostFunction, ResourceType } from '../types/val-type.ts';
import type { CallLifted } from './call.ts';

/** A function that the plan gives to core modules: a lowered function or a canonical built-in. */
export interface Trampoline {
  /** The function's name in messages: `wasi:io/streams@0.2.0 [method]output-stream.write`, `canon resource.drop`. */
  readonly name: string;
  /**
   * Set when the function calls into the host or another component instance; it tells which instances may be suspended.
   */
  readonly callee: HostFunction | LiftedFunction | ResourceType | undefined;
  /** The number of the component instance in which it was made. */
  readonly owner: number;
  /** Whether it may have to wait by itself, whatever its callee does. */
  readonly blocks?: boolean;
  /**
   * The function's core type. When it is given, the guest is suspended only if the function returns a promise;
   * otherwise whenever it may.
   */
  readonly coreType?: CoreSignature;
  /**
   * Whether what `make` gives throws nothing that a guest could catch. Other functions are wrapped, which costs a copy
   * of the arguments.
   */
  readonly guardsItself?: boolean;
  /** Makes the JavaScript function for one instance of the plan. */
  make(instance: RunningInstance): (...args: never[]) => unknown;
}

/** An instance as the functions that the plan makes for it see it; `Instance` implements it. */
export interface RunningInstance {
  readonly plan: Plan;
  /** Whether calls from the host return promises, as InstantiateOptions says. */
  readonly ownStacks: boolean;
  readonly components: readonly ComponentState[];
  /** The tasks of the instance; undefined in a plan without any. */
  readonly store: Store | undefined;
  readonly hostBytes: HostByteBudget;
  abiContext(owner: number, options: ResolvedOptions): AbiContext;
  memory(item: CoreItem): MemoryView;
  coreFunction(item: CoreItem): CoreFunction;
  importValue(item: CoreItem): WebAssembly.ImportValue;
  lifted(func: LiftedFunction): CallLifted;
  /** The function's form for tasks; only in plans with tasks. */
  guestFunction(func: LiftedFunction): TaskFunction;
  /** The state of a host service for the request under way; `importName` is what the guest calls. */
  hostState(slot: number, importName: string): unknown;
  /** Waits for what a host function promised. The guest runs on right after `then`. */
  wait<T>(promise: PromiseLike<unknown>, then: (value: unknown) => T): Promise<T>;
}

export interface LiftedFunction {
  readonly index: number;
  /** The number of the component instance that the function belongs to. */
  readonly owner: number;
  readonly core: CoreItem;
  readonly type: FuncType;
  readonly options: ResolvedOptions;
}

export interface InstantiateStep {
  readonly slot: number;
  readonly module: number;
  readonly imports: readonly { readonly module: string; readonly name: string; readonly item: CoreItem }[];
}

export interface PlannedInstance {
  readonly parent: number | undefined;
}

export type PlannedExport =
  | { readonly kind: 'func'; readonly func: LiftedFunction }
  | { readonly kind: 'instance'; readonly exports: ReadonlyMap<string, PlannedExport> }
  | { readonly kind: 'other' };

export interface Plan {
  /** The bytes of the core modules, each once. */
  readonly modules: readonly Uint8Array[];
  readonly steps: readonly InstantiateStep[];
  readonly instances: readonly PlannedInstance[];
  /** For each component instance: whether a call into it may be suspended. */
  readonly suspends: readonly boolean[];
  readonly trampolines: readonly Trampoline[];
  /** Whether something in the component is asynchronous: all its calls are tasks then. */
  readonly asynchronous: boolean;
  /** For each trampoline: whether it may suspend the guest. */
  readonly mayWait: readonly boolean[];
  readonly lifted: readonly LiftedFunction[];
  readonly exports: ReadonlyMap<string, PlannedExport>;
  /** Names of the host services that the component uses; the position is the slot of the service's state. */
  readonly services: readonly string[];
  /**
   * For each of `services`: the number of the configuration under which it is called. Absent where there is but one, of
   * the number 0.
   */
  readonly configurations?: readonly number[];
  /** Whether what its functions return stays in its memory: a sandbox then serves one call before it is put back. */
  readonly keepsResults?: boolean;
  /** Import names as they stand in the component, for logs and for `doctor`. */
  readonly imports: readonly string[];
}

export function isLifted(callee: HostFunction | LiftedFunction | ResourceType | undefined): callee is LiftedFunction {
  return callee !== undefined && 'core' in callee;
}

/**
 * The least number of stacks of one instance that may be suspended at once; it is limited since component instances
 * cannot be entered twice.
 */
export function stacksOf({ suspends }: Pick<Plan, 'suspends'>): number {
  return Math.max(1, suspends.filter((one) => one).length);
}
