// The plan: the linked, checked list of steps that instantiates a component. Made once per artifact by link.ts,
// carried out by instance.ts as often as needed. Nothing in it changes after linking.

import type { CanonOptions } from '../binary/ast.ts';
import type { CoreSignature } from '../tasks/encode-module.ts';
import type { FuncType, HostFunction, ResourceType } from '../types/val-type.ts';
import type { Instance } from './instance.ts';

/** A core definition that exists once its step was carried out. */
export type CoreItem =
  | { readonly kind: 'export'; readonly slot: number; readonly name: string }
  | { readonly kind: 'trampoline'; readonly index: number };

export interface ResolvedOptions {
  readonly encoding: CanonOptions['encoding'];
  readonly memory: CoreItem | undefined;
  readonly realloc: CoreItem | undefined;
  readonly postReturn: CoreItem | undefined;
  readonly async: boolean;
  readonly callback: CoreItem | undefined;
}

/** A function that the plan gives to core modules: a lowered function or a canonical built-in. */
export interface Trampoline {
  /** For messages: `wasi:io/streams@0.2.0 [method]output-stream.write`, `canon resource.drop`. */
  readonly name: string;
  /** Set when it calls into the host or another component instance, for finding out who may be suspended. */
  readonly callee: HostFunction | LiftedFunction | ResourceType | undefined;
  /** The component instance that it was made in. */
  readonly owner: number;
  /** It may have to wait by itself, whatever its callee does. */
  readonly blocks?: boolean;
  /** With it, the guest is suspended only when the function answers a promise; without, whenever it may. */
  readonly coreType?: CoreSignature;
  /** What `make` gives throws nothing that a guest could catch; others are wrapped, which costs a copy of the arguments. */
  readonly guardsItself?: boolean;
  /** Makes the JavaScript function for one instance of the plan. */
  make(instance: Instance): (...args: never[]) => unknown;
}

export interface LiftedFunction {
  readonly index: number;
  /** The component instance that it belongs to. */
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
  /** Bytes of the core modules, each once. */
  readonly modules: readonly Uint8Array[];
  readonly steps: readonly InstantiateStep[];
  readonly instances: readonly PlannedInstance[];
  /** For each component instance: whether a call into it may be suspended. */
  readonly suspends: readonly boolean[];
  readonly trampolines: readonly Trampoline[];
  /** Something in it is asynchronous: all its calls are tasks. */
  readonly asynchronous: boolean;
  /** For each trampoline: whether it may suspend the guest. */
  readonly mayWait: readonly boolean[];
  readonly lifted: readonly LiftedFunction[];
  readonly exports: ReadonlyMap<string, PlannedExport>;
  /** Names of the host services that it uses; the position is the slot of the service's state. */
  readonly services: readonly string[];
  /** What its functions return stays in its memory: a sandbox serves one call only before it is put back. */
  readonly keepsResults?: boolean;
  /** Import names as they stand in the component, for logs and for `doctor`. */
  readonly imports: readonly string[];
}

export function isLifted(callee: HostFunction | LiftedFunction | ResourceType | undefined): callee is LiftedFunction {
  return callee !== undefined && 'core' in callee;
}
