// task.return and task.cancel: how an asynchronous function resolves. CanonicalABI.md#canon-taskreturn, #canon-taskcancel

import { Trap } from '../../../errors.ts';
import type { CoreValue } from '../../abi/context.ts';
import type { ResolvedOptions } from '../../abi/options.ts';
import { makeLiftValues, valuesLayout } from '../../abi/values.ts';
import type { ThreadTask } from '../../tasks/thread.ts';
import { MAX_FLAT_PARAMS } from '../../types/layout.ts';
import { sameType } from '../../types/same-type.ts';
import { type Builtin, type BuiltinDef, type BuiltinSite, builtin } from './builtin.ts';

export function taskReturn(def: BuiltinDef): Builtin {
  const types = def.type ? [def.type] : [];
  const lift = makeLiftValues(types, MAX_FLAT_PARAMS);
  return {
    signature: { params: valuesLayout(types, MAX_FLAT_PARAMS).flat, results: [] },
    blocks: false,
    make(site) {
      const options = def.options as ResolvedOptions;
      const shared = site.instance.abiContext(site.owner, options);
      return (...args: CoreValue[]) => {
        site.component.checkMayLeave();
        const task = asyncTask(site);
        if (!sameType(def.type, task.type.result))
          throw new Trap('The type of task.return is not that of the function');
        if (!sameLiftOptions(site, options, task))
          throw new Trap('The options of task.return are not those of the function');
        const cx = shared.fork();
        cx.forHost = task.forHost;
        cx.refresh();
        task.return(lift(cx, args)[0]);
      };
    },
  };
}

export const taskCancel = builtin(0, 0, (site) => () => {
  site.component.checkMayLeave();
  asyncTask(site).cancel();
});

function asyncTask(site: BuiltinSite): ThreadTask {
  const { task } = site.thread();
  if (!task.options.async) throw new Trap('The function is lifted synchronously: it returns its result');
  return task;
}

function sameLiftOptions({ instance }: BuiltinSite, a: ResolvedOptions, { options: b }: ThreadTask): boolean {
  if (a.encoding !== b.encoding) return false;
  // A memory that neither side names is not needed.
  if (!a.memory) return true;
  if (!b.memory) return false;
  return instance.memory(a.memory).memory === instance.memory(b.memory).memory;
}
