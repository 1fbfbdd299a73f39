// Functions as the linker knows them and lowers them: of the host, or of a component of the plan.
import type { FuncType, HostFunction } from '../types/val-type.ts';
import type { LiftedFunction } from './plan.ts';

export interface HostFuncItem {
  readonly kind: 'host';
  readonly name: string;
  readonly func: HostFunction;
  readonly type: FuncType;
  /** The slot of the service's state in the plan. */
  readonly slot: number;
}
export interface LiftedFuncItem {
  readonly kind: 'lifted';
  readonly lifted: LiftedFunction;
  readonly type: FuncType;
}
export type FuncItem = HostFuncItem | LiftedFuncItem;
