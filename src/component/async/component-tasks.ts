// What a component instance needs beyond its handles once tasks run in it. CanonicalABI.md#component-instances
import { Trap } from '../../errors.ts';
import type { ComponentState } from '../abi/context.ts';
import { HandleTable } from '../abi/handles.ts';
import type { Store } from './store.ts';
import type { Thread } from './thread.ts';

/** CanonicalABI.md#canon-backpressureincdec */
const BACKPRESSURE_LIMIT = 2 ** 16;

export class ComponentTasks {
  readonly store: Store;
  readonly component: ComponentState;
  readonly threads: HandleTable;
  backpressure = 0;
  waitingToEnter = 0;
  exclusive: Thread | undefined;

  constructor(store: Store, component: ComponentState, threadLimit: number) {
    this.store = store;
    this.component = component;
    this.threads = new HandleTable(threadLimit);
  }

  get handles(): HandleTable {
    return this.component.handles;
  }

  checkMayLeave(): void {
    if (!this.component.mayLeave) throw new Trap('Cannot leave component instance');
  }

  /** CanonicalABI.md#canon-backpressureincdec */
  changeBackpressure(by: 1 | -1): void {
    const next = this.backpressure + by;
    if (next < 0 || next >= BACKPRESSURE_LIMIT) throw new Trap(`Backpressure counter of ${next} is out of range`);
    this.backpressure = next;
    this.store.wake();
  }

  reset(): void {
    this.threads.restore(undefined);
    this.backpressure = 0;
    this.waitingToEnter = 0;
    this.exclusive = undefined;
  }
}

/** The callee and those of its ancestors that the caller is not part of. CanonicalABI.md: ComponentInstance.entering_set */
function enteringSet(callee: ComponentState, caller: ComponentState | undefined): ComponentState[] {
  const entering: ComponentState[] = [];
  for (let one: ComponentState | undefined = callee; one; one = one.parent) {
    if (isSelfOrAncestor(one, caller)) break;
    entering.push(one);
  }
  return entering;
}

function isSelfOrAncestor(candidate: ComponentState, of: ComponentState | undefined): boolean {
  for (let one = of; one; one = one.parent) if (one === candidate) return true;
  return false;
}

export function mayEnterFrom(callee: ComponentState, caller: ComponentState | undefined): boolean {
  return enteringSet(callee, caller).every((one) => one.mayEnter);
}

/** Traps when one of them is entered already. */
export function enterFrom(callee: ComponentState, caller: ComponentState | undefined): readonly ComponentState[] {
  const entering = enteringSet(callee, caller);
  if (!entering.every((one) => one.mayEnter)) throw new Trap('Cannot enter component instance');
  for (const one of entering) one.mayEnter = false;
  return entering;
}

export function leave(entered: readonly ComponentState[]): void {
  for (const one of entered) one.mayEnter = true;
}
