// What a canonical built-in of the asynchronous ABI is made of.

import type { CoreItem, ResolvedOptions } from '../../abi/options.ts';
import type { ComponentTasks } from '../../tasks/component-tasks.ts';
import type { CoreSignature } from '../../tasks/encode-module.ts';
import type { Store } from '../../tasks/store.ts';
import type { Thread } from '../../tasks/thread.ts';
import type { ValType } from '../../types/val-type.ts';
import type { RunningInstance } from '../plan.ts';

/** A built-in with its immediates resolved. */
export interface BuiltinDef {
  readonly name: string;
  /** For stream.* and future.* the type of the elements, for task.return the type of the result. */
  readonly type: ValType | undefined;
  readonly options: ResolvedOptions | undefined;
  readonly memory: CoreItem | undefined;
  readonly table: CoreItem | undefined;
  readonly async: boolean;
  readonly cancellable: boolean;
  readonly slot: number;
  readonly valType: 'i32' | 'i64';
}

/** The instance for which a built-in is made. */
export interface BuiltinSite {
  readonly instance: RunningInstance;
  readonly store: Store;
  readonly component: ComponentTasks;
  readonly owner: number;
  /** The thread that calls the built-in. */
  thread(): Thread;
}

export interface Builtin {
  readonly signature: CoreSignature;
  /** Whether the built-in may have to wait: it then returns a promise. */
  readonly blocks: boolean;
  make(site: BuiltinSite, def: BuiltinDef): (...args: never[]) => unknown;
}

type Make = Builtin['make'];
const i32 = 'i32' as const;

/** Makes a built-in with that many i32 parameters and results. */
export function builtin(params: number, results: 0 | 1, make: Make): Builtin {
  return { signature: { params: Array(params).fill(i32), results: results ? [i32] : [] }, blocks: false, make };
}

export function blocking(params: number, results: 0 | 1, make: Make): Builtin {
  return { ...builtin(params, results, make), blocks: true };
}

export type BuiltinOf = (def: BuiltinDef) => Builtin;
