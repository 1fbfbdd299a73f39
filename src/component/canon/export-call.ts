// A call of an export by the host, in a plan with tasks. CanonicalABI.md: Store.invoke

import { Trap } from '../../errors.ts';
import type { Quantum } from '../tasks/scheduler.ts';
import type { Store } from '../tasks/store.ts';
import type { Task, TaskFunction } from '../tasks/task.ts';
import type { Thread } from '../tasks/thread.ts';
import type { CallLifted } from './call.ts';

/**
 * Makes the function that calls an export. Its promise settles when the export returns its result; the task may go on
 * afterwards, and `Store.idle` waits for its end.
 */
export function makeExportCall(store: Store, makeFunction: () => TaskFunction): CallLifted {
  let func: TaskFunction | undefined;
  return (caller, params) => {
    func ??= makeFunction();
    return callExport(store, func, params, caller.gave).result;
  };
}

export interface ExportCall {
  readonly result: Promise<unknown>;
  /** Asks the task to end; `result` rejects when it obeys before it returns. */
  cancel(): void;
}

/** Starts the call. `gave` is called with the result as soon as there is one, even if the call traps after that. */
export function callExport(
  store: Store,
  func: TaskFunction,
  params: readonly unknown[],
  gave?: (result: unknown) => void,
): ExportCall {
  let task: Task | undefined;
  const result = new Promise<unknown>((resolve, reject) => {
    if (store.failure) {
      reject(store.failure);
      return;
    }
    const settled = store.awaiters.awaitResult(reject);
    const step = (): Quantum => {
      const started = func.start(
        undefined,
        'utf8',
        () => params,
        (value, cancelled) => {
          if (!cancelled) gave?.(value);
          // The result counts only when the guest stops for a moment: a trap right after it has returned is still one
          // of the call.
          (store.current as Thread).atRest = () => {
            settled();
            if (cancelled) reject(new Trap('The call was cancelled'));
            else resolve(value);
          };
        },
      );
      task = started.task;
      return started.quantum;
    };
    store.deliver(step);
  });
  const cancel = (): void => {
    store.deliver(() => {
      const open = task?.state === 'initial' || task?.state === 'started';
      return open ? task?.requestCancellation(undefined) : undefined;
    });
  };
  return { result, cancel };
}
