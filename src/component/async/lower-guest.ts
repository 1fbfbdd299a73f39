// canon lower of a function of another component instance, in a plan with tasks. CanonicalABI.md#canon-lower
import type { Instance } from '../link/instance.ts';
import type { LiftedFuncItem } from '../link/items.ts';
import type { ResolvedOptions } from '../link/plan.ts';
import type { ComponentTasks } from './component-tasks.ts';
import type { CoreValue } from './core-call.ts';
import { answer, type LowerSteps, lowerResult } from './lower.ts';
import type { Store } from './store.ts';
import { Subtask } from './subtask.ts';

export function makeLowerGuest(
  instance: Instance,
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
