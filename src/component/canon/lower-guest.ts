// canon lower of a function of another component instance, in a plan with tasks. CanonicalABI.md#canon-lower

import type { CoreValue } from '../abi/context.ts';
import type { ResolvedOptions } from '../abi/options.ts';
import type { ComponentTasks } from '../tasks/component-tasks.ts';
import type { Store } from '../tasks/store.ts';
import { Subtask } from '../tasks/subtask.ts';
import type { LiftedFuncItem } from './func-item.ts';
import { answer, type LowerSteps, lowerResult } from './lower-in-task.ts';
import type { RunningInstance } from './plan.ts';

export function makeLowerGuest(
  instance: RunningInstance,
  store: Store,
  { lifted }: LiftedFuncItem,
  options: ResolvedOptions,
  owner: number,
  steps: LowerSteps,
): (...args: CoreValue[]) => unknown {
  const component = store.components[owner] as ComponentTasks;
  const shared = instance.abiContext(owner, options);
  shared.sourceEncoding = lifted.options.encoding;
  return (...args) => {
    component.checkMayLeave();
    const thread = store.thread(owner);
    if (!steps.async && lifted.type.async) component.checkMayBlock(thread);
    const cx = shared.fork();
    const subtask = new Subtask(component, cx);
    const { task, quantum } = instance.guestFunction(lifted).start(
      component,
      options.encoding,
      () => {
        subtask.start();
        cx.refresh();
        return steps.lift(cx, args);
      },
      (result, cancelled) => {
        if (cancelled) subtask.cancelled();
        else subtask.return(lowerResult(cx, steps, args, result));
      },
    );
    subtask.onCancel = (caller) => task.requestCancellation(caller);
    if (!quantum) return answer(store, thread, component, subtask, steps.async);
    return store.hide(thread, quantum, () => answer(store, thread, component, subtask, steps.async));
  };
}
