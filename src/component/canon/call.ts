// How functions of components are called: by the host, and by other components.
import type { ComponentState } from '../abi/context.ts';
import type { StringEncoding } from '../types/string-encoding.ts';

export interface Caller {
  /** The component instance that calls; undefined for the host. */
  readonly component: ComponentState | undefined;
  readonly encoding: StringEncoding;
  /** Called at once with what the function returns, where it may go on afterwards: in plans with tasks. */
  gave?(result: unknown): void;
}

/** Calls a function with lifted parameters; the result is a promise when the component may be suspended. */
export type CallLifted = (caller: Caller, params: readonly unknown[]) => unknown;
