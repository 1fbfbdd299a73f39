// waitable-set.* and waitable.join. CanonicalABI.md#canon-waitable-setnew and following.

import { Trap } from '../../../errors.ts';
import type { MemoryView } from '../../abi/memory.ts';
import type { CoreItem } from '../../abi/options.ts';
import { type Event, noEvent, taskCancelled } from '../../tasks/event.ts';
import { Waitable, WaitableSet } from '../../tasks/waitable.ts';
import { type BuiltinSite, blocking, builtin } from './builtin.ts';

export const waitableSetNew = builtin(0, 1, ({ component }) => () => {
  component.checkMayLeave();
  return component.handles.add(new WaitableSet());
});

export const waitableSetWait = blocking(2, 1, (site, { memory, cancellable }) => {
  const { component, store } = site;
  return (index: number, pointer: number) => {
    component.checkMayLeave();
    const set = WaitableSet.from(component.handles, index >>> 0);
    const thread = site.thread();
    if (thread.task.deliverPendingCancel(cancellable)) return unpack(site, memory, pointer, taskCancelled);
    if (set.hasPendingEvent) return unpack(site, memory, pointer, set.takeEvent());
    set.waiting++;
    store.startWaiting(thread, () => set.hasPendingEvent);
    return store.block(thread, cancellable, (cancelled) => {
      set.waiting--;
      return unpack(site, memory, pointer, cancelled ? taskCancelled : set.takeEvent());
    });
  };
});

export const waitableSetPoll = builtin(2, 1, (site, { memory, cancellable }) => {
  const { component } = site;
  return (index: number, pointer: number) => {
    component.checkMayLeave();
    const set = WaitableSet.from(component.handles, index >>> 0);
    if (site.thread().task.deliverPendingCancel(cancellable)) return unpack(site, memory, pointer, taskCancelled);
    return unpack(site, memory, pointer, set.hasPendingEvent ? set.takeEvent() : noEvent);
  };
});

/** CanonicalABI.md: unpack_event */
function unpack({ instance }: BuiltinSite, memory: CoreItem | undefined, pointer: number, event: Event): number {
  const [code, first, second] = event;
  const view = instance.memory(memory as CoreItem);
  store32(view, pointer >>> 0, first, second);
  return code;
}

function store32(view: MemoryView, pointer: number, first: number, second: number): void {
  view.refresh();
  view.check(pointer, 8, 4);
  view.data.setUint32(pointer, first, true);
  view.data.setUint32(pointer + 4, second, true);
}

export const waitableSetDrop = builtin(1, 0, ({ component }) => (index: number) => {
  component.checkMayLeave();
  WaitableSet.from(component.handles, index >>> 0).checkDroppable();
  component.handles.remove(index >>> 0);
});

/** CanonicalABI.md#canon-waitablejoin: set 0 takes the waitable out of its set. */
export const waitableJoin = builtin(2, 0, ({ component }) => (index: number, set: number) => {
  component.checkMayLeave();
  const waitable = component.handles.get(index >>> 0);
  if (!(waitable instanceof Waitable)) throw new Trap(`Handle index ${index >>> 0} is not a waitable`);
  if (waitable.hasSyncWaiter) throw new Trap('Cannot join a set while a thread waits for the waitable itself');
  waitable.join(set === 0 ? undefined : WaitableSet.from(component.handles, set >>> 0));
});
