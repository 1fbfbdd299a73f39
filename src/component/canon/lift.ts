// canon lift: a core function as a component function. CanonicalABI.md#canon-lift, synchronous part.

import { Trap } from '../../errors.ts';
import type { AbiContext, CoreFunction } from '../abi/context.ts';
import { enterFrom, leave } from '../abi/entering.ts';
import type { Flat } from '../abi/lift-flat.ts';
import { reasonOf } from '../abi/uncatchable.ts';
import { type LiftValues, type LowerValues, makeLiftValues, makeLowerValues } from '../abi/values.ts';
import { MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, paramTypes } from '../types/layout.ts';
import type { Caller, CallLifted } from './call.ts';
import type { LiftedFunction, RunningInstance } from './plan.ts';

/** What one lifted function needs. `then` of a call gets control before guest code of the caller goes on. */
interface Steps {
  readonly lower: LowerValues;
  readonly lift: LiftValues | undefined;
}

const steps = new WeakMap<LiftedFunction, Steps>();

function stepsOf(func: LiftedFunction): Steps {
  let made = steps.get(func);
  if (!made) {
    const { type } = func;
    made = {
      lower: makeLowerValues(paramTypes(type), MAX_FLAT_PARAMS),
      lift: type.result && makeLiftValues([type.result], MAX_FLAT_RESULTS),
    };
    steps.set(func, made);
  }
  return made;
}

export function makeLiftedCall(instance: RunningInstance, func: LiftedFunction): CallLifted {
  const { lower, lift } = stepsOf(func);
  const options = { ...func.options };
  const shared = instance.abiContext(func.owner, options);
  const core = instance.coreFunction(func.core);
  const suspends = instance.plan.suspends[func.owner] === true;
  const call = suspends ? (WebAssembly.promising(core) as unknown as CoreFunction) : core;
  const own = suspends || !instance.ownStacks ? undefined : (WebAssembly.promising(core) as unknown as CoreFunction);
  const postReturn = options.postReturn && instance.coreFunction(options.postReturn);
  const run: CallLifted = (caller, params) => {
    const entered = enterFrom(shared.instance, caller.component);
    const scope = { borrows: 0 };
    shared.sourceEncoding = caller.encoding;
    shared.scope = scope;
    shared.refresh();
    const flat: Flat[] = [];
    lower(shared, params, flat);
    const { component } = caller;
    const isPromised = suspends || (own !== undefined && !component);
    const raw = (component ? call : (own ?? call))(...flat) as unknown;
    const finish = (value: unknown): unknown => {
      // It is set again, since another call may have used the same context while the guest was suspended.
      shared.forHost = component === undefined;
      shared.scope = scope;
      try {
        const result = finishCall(shared, lift, postReturn, value as Flat | undefined);
        leave(entered);
        return result;
      } catch (error) {
        throw component ? error : reasonOf(error);
      }
    };
    if (!isPromised) return finish(raw);
    return (raw as Promise<unknown>).then(finish, component ? rethrow : throwReason);
  };
  return (caller, params) => (caller.component ? run(caller, params) : runForHost(run, caller, params));
}

/** Tells the host what ended the guest, and other components only that it ended. */
function runForHost(run: CallLifted, caller: Caller, params: readonly unknown[]): unknown {
  try {
    return run(caller, params);
  } catch (error) {
    throw reasonOf(error);
  }
}

function rethrow(error: unknown): never {
  throw error;
}

function throwReason(error: unknown): never {
  throw reasonOf(error);
}

function finishCall(
  cx: AbiContext,
  lift: LiftValues | undefined,
  postReturn: CoreFunction | undefined,
  raw: Flat | undefined,
): unknown {
  const values = raw === undefined ? [] : [raw];
  cx.refresh();
  const result = lift?.(cx, values)[0];
  if (cx.scope && cx.scope.borrows > 0) throw new Trap('Borrow handles still remain at the end of the call');
  if (postReturn) {
    cx.instance.mayLeave = false;
    postReturn(...values);
    cx.instance.mayLeave = true;
  }
  return result;
}
