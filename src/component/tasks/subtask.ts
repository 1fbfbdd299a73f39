// A call as its caller sees it: a waitable that tells when the callee has started and returned.
// CanonicalABI.md#subtask-state

import { Trap } from '../../errors.ts';
import type { AbiContext, CoreValue } from '../abi/context.ts';
import type { ComponentTasks } from './component-tasks.ts';
import { EventCode } from './event.ts';
import type { Quantum } from './scheduler.ts';
import { Waitable } from './waitable.ts';

export const SubtaskState = {
  starting: 0,
  started: 1,
  returned: 2,
  cancelledBeforeStarted: 3,
  cancelledBeforeReturned: 4,
} as const;

export class Subtask extends Waitable {
  state: number = SubtaskState.starting;
  /** Asks the callee to end; whoever starts the callee sets it. */
  onCancel: (caller: ComponentTasks) => Quantum = () => undefined;
  cancellationRequested = false;
  flatResult: CoreValue | undefined;
  /** The subtask's index in the caller's handle table; 0 while it is not there. */
  index = 0;
  #resolveDelivered = false;
  /** The context that lifted its parameters; it holds the handles that were lent. */
  readonly cx: AbiContext;

  constructor(component: ComponentTasks, cx: AbiContext) {
    super(component.store);
    this.cx = cx;
  }

  static from(component: ComponentTasks, index: number): Subtask {
    const subtask = component.handles.get(index);
    if (!(subtask instanceof Subtask)) throw new Trap(`Handle index ${index} is not a subtask`);
    return subtask;
  }

  get resolved(): boolean {
    return this.state >= SubtaskState.returned;
  }

  get resolveDelivered(): boolean {
    return this.#resolveDelivered;
  }

  deliverResolve(): void {
    this.cx.endLoans();
    this.#resolveDelivered = true;
  }

  start(): void {
    this.state = SubtaskState.started;
    this.#progress();
  }

  return(flatResult: CoreValue | undefined): void {
    this.flatResult = flatResult;
    this.state = SubtaskState.returned;
    this.#progress();
  }

  cancelled(): void {
    this.state =
      this.state === SubtaskState.starting ? SubtaskState.cancelledBeforeStarted : SubtaskState.cancelledBeforeReturned;
    this.#progress();
  }

  /** Adds the subtask to the caller's handles: from then on its progress is told through events. */
  addTo(component: ComponentTasks): number {
    this.index = component.handles.add(this);
    return this.index;
  }

  #progress(): void {
    if (this.index === 0) {
      this.store.wake();
      return;
    }
    this.setPendingEvent(() => {
      if (this.resolved) this.deliverResolve();
      return [EventCode.subtask, this.index, this.state];
    });
  }
}
