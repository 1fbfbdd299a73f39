// Waitables and the sets in which tasks wait for them. CanonicalABI.md#waitable-state
import { Trap } from '../../errors.ts';
import type { HandleTable } from '../abi/handles.ts';
import type { Event } from './event.ts';
import type { Scheduler } from './scheduler.ts';

/** Is told that a thread may have become ready. */
export type Waker = Pick<Scheduler, 'wake'>;

export abstract class Waitable {
  readonly store: Waker;
  #pendingEvent: (() => Event) | undefined;
  #set: WaitableSet | undefined;
  hasSyncWaiter = false;

  constructor(store: Waker) {
    this.store = store;
  }

  /** Sets the event, which is made when it is delivered, so that it tells of all that happened until then. */
  setPendingEvent(event: () => Event): void {
    this.#pendingEvent = event;
    this.#set?.pending.add(this);
    this.store.wake();
  }

  get hasPendingEvent(): boolean {
    return this.#pendingEvent !== undefined;
  }

  get inSet(): boolean {
    return this.#set !== undefined;
  }

  takeEvent(): Event {
    const event = this.#pendingEvent as () => Event;
    this.#pendingEvent = undefined;
    this.#set?.pending.delete(this);
    return event();
  }

  join(set: WaitableSet | undefined): void {
    this.#set?.remove(this);
    this.#set = set;
    set?.insert(this);
  }

  /** Says that the request is over: nobody will ask for the event again. */
  abandon(): void {}
}

export class WaitableSet {
  readonly #elements = new Set<Waitable>();
  /** The waitables with an event, in the order in which these came. */
  readonly pending = new Set<Waitable>();
  /** The number of threads that wait for an event. */
  waiting = 0;

  static from(handles: HandleTable, index: number): WaitableSet {
    const set = handles.get(index);
    if (!(set instanceof WaitableSet)) throw new Trap(`Handle index ${index} is not a waitable set`);
    return set;
  }

  insert(waitable: Waitable): void {
    this.#elements.add(waitable);
    if (!waitable.hasPendingEvent) return;
    this.pending.add(waitable);
    waitable.store.wake();
  }

  remove(waitable: Waitable): void {
    this.#elements.delete(waitable);
    this.pending.delete(waitable);
  }

  get hasPendingEvent(): boolean {
    return this.pending.size > 0;
  }

  takeEvent(): Event {
    const [first] = this.pending;
    return (first as Waitable).takeEvent();
  }

  /** Checks that the set may be dropped. Errors: it has elements, or a thread waits for it. */
  checkDroppable(): void {
    if (this.#elements.size > 0) throw new Trap('Cannot drop a waitable set that has elements');
    if (this.waiting > 0) throw new Trap('Cannot drop a waitable set that a thread waits for');
  }
}
