// The destructor of a resource in a plan with tasks: called as a function of synchronous type. CanonicalABI.md#canon-resourcedrop

import type { CoreItem } from '../abi/options.ts';
import type { ComponentTasks } from '../tasks/component-tasks.ts';
import type { Store } from '../tasks/store.ts';
import type { FuncType } from '../types/val-type.ts';
import { GuestFunction } from './guest-function.ts';
import type { LiftedFunction, RunningInstance } from './plan.ts';

const type: FuncType = { async: false, params: [{ name: 'rep', type: { kind: 'u32' } }], result: undefined };

function destructorFunction(core: CoreItem, owner: number): LiftedFunction {
  const none = { memory: undefined, realloc: undefined, postReturn: undefined, callback: undefined };
  return { index: -1, owner, core, type, options: { encoding: 'utf8', async: false, ...none } };
}

/**
 * Makes the destructor of a resource that the instance `owner` defines and `caller` drops. Its result is a promise
 * while the destructor is blocked.
 */
export function makeDestroyInTask(
  instance: RunningInstance,
  store: Store,
  destructor: CoreItem,
  owner: number,
  caller: number,
): (rep: unknown) => unknown {
  let func: GuestFunction | undefined;
  return (rep) => {
    func ??= new GuestFunction(instance, store, destructorFunction(destructor, owner));
    const thread = store.thread(caller);
    const { quantum } = func.start(
      store.components[caller] as ComponentTasks,
      'utf8',
      () => [rep],
      () => undefined,
    );
    return quantum && store.hide(thread, quantum, () => undefined);
  };
}
