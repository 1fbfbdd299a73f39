// subtask.cancel and subtask.drop. CanonicalABI.md#canon-subtaskcancel, #canon-subtaskdrop
import { Trap } from '../../../errors.ts';
import { BLOCKED } from '../../tasks/event.ts';
import type { Store } from '../../tasks/store.ts';
import { Subtask } from '../../tasks/subtask.ts';
import type { Thread } from '../../tasks/thread.ts';
import type { Waitable } from '../../tasks/waitable.ts';
import { blocking, builtin } from './builtin.ts';

export const subtaskCancel = blocking(1, 1, (site, { async }) => {
  const { component, store } = site;
  return (index: number) => {
    component.checkMayLeave();
    const subtask = Subtask.from(component, index >>> 0);
    if (subtask.resolveDelivered) throw new Trap('Cannot cancel a subtask that has ended');
    if (subtask.cancellationRequested) throw new Trap('The subtask is being cancelled already');
    if (subtask.inSet && !async) throw new Trap('Cannot wait for a subtask that is in a waitable set');
    const thread = site.thread();
    const finish = (): unknown => eventPayload(store, thread, subtask, async);
    if (subtask.resolved) return finish();
    subtask.cancellationRequested = true;
    const quantum = subtask.onCancel(component);
    const blockOrFinish = (): unknown => (subtask.resolved ? finish() : eventIfResolved(store, thread, subtask, async));
    return quantum ? store.hide(thread, quantum, blockOrFinish) : blockOrFinish();
  };
});

function eventIfResolved(store: Store, thread: Thread, subtask: Subtask, async: boolean): unknown {
  if (async) return BLOCKED;
  return waitForEvent(store, thread, subtask, () => subtask.resolved);
}

function eventPayload(store: Store, thread: Thread, waitable: Waitable, async: boolean): unknown {
  if (waitable.hasPendingEvent) return waitable.takeEvent()[2];
  return async ? BLOCKED : waitForEvent(store, thread, waitable, () => waitable.hasPendingEvent);
}

/** CanonicalABI.md: Waitable.wait_for_pending_event */
function waitForEvent(store: Store, thread: Thread, waitable: Waitable, ready: () => boolean): Promise<number> {
  waitable.hasSyncWaiter = true;
  store.startWaiting(thread, ready);
  return store.block(thread, false, () => {
    waitable.hasSyncWaiter = false;
    return waitable.takeEvent()[2];
  });
}

/** Gives the payload of the waitable's event; BLOCKED or a promise when there is none yet. */
export const payloadOrWait = eventPayload;

export const subtaskDrop = builtin(1, 0, ({ component }) => (index: number) => {
  component.checkMayLeave();
  const subtask = Subtask.from(component, index >>> 0);
  if (!subtask.resolveDelivered) throw new Trap('Cannot drop a subtask that has not ended');
  component.handles.remove(index >>> 0);
  subtask.join(undefined);
});
