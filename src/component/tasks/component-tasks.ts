// What a component instance needs beyond its handles once tasks run in it. CanonicalABI.md#component-instances
import { Trap } from '../../errors.ts';
import type { ComponentState } from '../abi/context.ts';
import type { HandleQuota } from '../abi/handle-quota.ts';
import { HandleTable } from '../abi/handles.ts';
import { CANNOT_BLOCK, type Scheduler } from './scheduler.ts';
import type { Thread } from './thread.ts';
import { Waitable } from './waitable.ts';

/** The most that the backpressure counter may reach. CanonicalABI.md#canon-backpressureincdec */
const BACKPRESSURE_LIMIT = 2 ** 16;

export class ComponentTasks {
  readonly store: Scheduler;
  readonly component: ComponentState;
  readonly threads: HandleTable;
  backpressure = 0;
  waitingToEnter = 0;
  exclusive: Thread | undefined;
  /** The number of calls of functions of synchronous type that have not returned. */
  synchronousCalls = 0;

  constructor(store: Scheduler, component: ComponentState, threads: HandleQuota) {
    this.store = store;
    this.component = component;
    this.threads = new HandleTable(threads);
  }

  get handles(): HandleTable {
    return this.component.handles;
  }

  /** Finds a thread that can go on while a synchronous call is blocked. */
  readyDuringSynchronousCall(): Thread | undefined {
    return this.store.firstReady((one) => one.task.component === this && one.index !== 0 && !one.task.isExclusive(one));
  }

  /** Traps where a synchronous call would be blocked for good, since no other thread of this instance could go on. */
  checkMayBlock(thread: Thread): void {
    const free = this.synchronousCalls === 0 && !thread.task.isOutside;
    if (!free && !this.readyDuringSynchronousCall()) throw new Trap(CANNOT_BLOCK);
  }

  checkMayLeave(): void {
    if (!this.component.mayLeave) throw new Trap('Cannot leave component instance');
  }

  /** Changes the backpressure counter. CanonicalABI.md#canon-backpressureincdec */
  changeBackpressure(by: 1 | -1): void {
    const next = this.backpressure + by;
    if (next < 0 || next >= BACKPRESSURE_LIMIT) throw new Trap(`Backpressure counter of ${next} is out of range`);
    this.backpressure = next;
    this.store.wake();
  }

  /** Forgets everything of the request; to be called before the handle table is cleared. */
  reset(): void {
    for (const entry of this.handles) if (entry instanceof Waitable) entry.abandon();
    this.threads.restore(undefined);
    this.backpressure = 0;
    this.waitingToEnter = 0;
    this.exclusive = undefined;
    this.synchronousCalls = 0;
  }
}
