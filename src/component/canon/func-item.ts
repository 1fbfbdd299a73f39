// Functions as the linker knows them, which it has lowered: of the host, or of a component of the plan.
import type { FuncType, HostFunction } from '../types/val-type.ts';
import type { LiftedFunction } from './plan.ts';

export interface HostFuncItem {
  readonly kind: 'host';
  readonly name: string;
  readonly func: HostFunction;
  readonly type: FuncType;
  /** Slot of the service's state. */
  readonly slot: number;
}
export interface LiftedFuncItem {
  readonly kind: 'lifted';
  readonly lifted: LiftedFunction;
  readonly type: FuncType;
}
export type FuncItem = HostFuncItem | LiftedFuncItem;
