// canon lower of a function of the host that may take its time, in a plan with tasks. CanonicalABI.md#canon-lower

import type { CoreValue } from '../abi/context.ts';
import type { ResolvedOptions } from '../abi/options.ts';
import type { ComponentTasks } from '../tasks/component-tasks.ts';
import type { Store } from '../tasks/store.ts';
import { Subtask } from '../tasks/subtask.ts';
import { type HostPromise, isPromise } from '../types/host-promise.ts';
import type { HostFuncItem } from './func-item.ts';
import { answer, type LowerSteps, lowerResult } from './lower-in-task.ts';
import type { RunningInstance } from './plan.ts';

export function makeLowerHost(
  instance: RunningInstance,
  store: Store,
  { func, name, slot, type }: HostFuncItem,
  options: ResolvedOptions,
  owner: number,
  steps: LowerSteps,
): (...args: CoreValue[]) => unknown {
  const component = store.components[owner] as ComponentTasks;
  const call = func.call as (state: unknown, ...args: unknown[]) => unknown;
  const shared = instance.abiContext(owner, options);
  shared.forHost = true;
  return (...args) => {
    component.checkMayLeave();
    const thread = store.thread(owner);
    const cx = shared.fork();
    const subtask = new Subtask(component, cx);
    const state = instance.hostState(slot, name);
    cx.refresh();
    const params = steps.lift(cx, args);
    subtask.start();
    // Bytes that the host holds of what it was given, as long as the call takes.
    let held = func.suspends ? cx.lifted : 0;
    instance.hostBytes.add(held);
    const letGo = (): void => {
      instance.hostBytes.add(-held);
      held = 0;
    };
    const result = call(state, ...params);
    const finish = (value: unknown): void => {
      letGo();
      subtask.return(lowerResult(cx, steps, args, value));
      func.lowered?.(value as never, ...(params as never[]));
    };
    // When a function that does not suspend gives a promise, that is its result: a future.
    if (!func.suspends || !isPromise(result)) {
      finish(result);
      return answer(store, thread, component, subtask, steps.async);
    }
    if (!type.async) return blockAll(store, thread, result, finish, subtask);
    awaitResult(store, result, finish, subtask, letGo);
    return answer(store, thread, component, subtask, steps.async);
  };
}

/**
 * Blocks everything while the function waits. It has a synchronous type and never blocks as far as tasks can tell, so
 * nothing else of the instance runs meanwhile.
 */
function blockAll(
  store: Store,
  thread: ReturnType<Store['thread']>,
  result: PromiseLike<unknown>,
  finish: (value: unknown) => void,
  subtask: Subtask,
): Promise<CoreValue | undefined> {
  store.hostWork++;
  return store.hide(thread, Promise.resolve(result), (value) => {
    store.hostWork--;
    finish(value);
    subtask.deliverResolve();
    return subtask.flatResult as CoreValue | undefined;
  });
}

function awaitResult(
  store: Store,
  result: HostPromise,
  finish: (value: unknown) => void,
  subtask: Subtask,
  letGo: () => void,
): void {
  store.hostWork++;
  let over = false;
  const end = (): void => {
    over = true;
    store.hostWork--;
  };
  subtask.onCancel = () => {
    end();
    letGo();
    result.cancel?.();
    subtask.cancelled();
    return undefined;
  };
  result.then(
    (value) =>
      store.deliver(() => {
        if (over) return undefined;
        end();
        finish(value);
        return undefined;
      }),
    (error: unknown) => {
      if (!over) store.fail(error);
    },
  );
}
