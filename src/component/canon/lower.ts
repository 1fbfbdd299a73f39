// canon lower: a component function as a core function. CanonicalABI.md#canon-lower, synchronous part.
// The callee is the host or another component; either way this is the one place where guest calls leave a component.

import { Trap } from '../../errors.ts';
import { type AbiContext, endLoans } from '../abi/context.ts';
import type { Flat } from '../abi/lift-flat.ts';
import { type LowerOne, makeLowerOne } from '../abi/lower-flat.ts';
import type { ResolvedOptions } from '../abi/options.ts';
import { uncatchable } from '../abi/uncatchable.ts';
import { type LiftValues, makeLiftValues, makeStoreResult, type StoreResult, valuesLayout } from '../abi/values.ts';
import { isPromise } from '../types/host-promise.ts';
import { layoutOf, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, paramTypes } from '../types/layout.ts';
import type { FuncType } from '../types/val-type.ts';
import type { FuncItem, HostFuncItem, LiftedFuncItem } from './func-item.ts';
import type { RunningInstance, Trampoline } from './plan.ts';

/** What one lowered function type needs, made once when the plan is linked. */
interface Steps {
  readonly lift: LiftValues;
  /** The number of core parameters; the pointer for a spilled result stands behind them. */
  readonly params: number;
  readonly lowerResult: LowerOne | undefined;
  readonly storeResult: StoreResult | undefined;
  readonly borrows: boolean;
}

export function makeLowered(func: FuncItem, options: ResolvedOptions, owner: number): Trampoline {
  const steps = makeSteps(func.type);
  return func.kind === 'host' ? lowerHost(func, options, owner, steps) : lowerLifted(func, options, owner, steps);
}

function makeSteps(type: FuncType): Steps {
  const types = paramTypes(type);
  const { result } = type;
  const spilled = result !== undefined && layoutOf(result).flat.length > MAX_FLAT_RESULTS;
  return {
    lift: makeLiftValues(types, MAX_FLAT_PARAMS),
    params: valuesLayout(types, MAX_FLAT_PARAMS).flat.length,
    lowerResult: result && !spilled ? makeLowerOne(result) : undefined,
    storeResult: result && spilled ? makeStoreResult(result) : undefined,
    borrows: types.some((param) => layoutOf(param).borrows),
  };
}

function begin(cx: AbiContext): void {
  if (!cx.instance.mayLeave) throw new Trap('Cannot leave component instance');
  cx.refresh();
}

function finish(cx: AbiContext, steps: Steps, args: readonly Flat[], result: unknown): Flat | undefined {
  if (steps.borrows) cx.endLoans();
  cx.refresh();
  if (steps.storeResult) {
    steps.storeResult(cx, result, (args[steps.params] as number) >>> 0);
    return undefined;
  }
  return steps.lowerResult?.(cx, result as never);
}

function lowerHost(func: HostFuncItem, options: ResolvedOptions, owner: number, steps: Steps): Trampoline {
  const { name, slot } = func;
  const host = func.func;
  const call = host.call as (state: unknown, ...args: unknown[]) => unknown;
  const lowered = host.lowered as ((result: unknown, ...args: unknown[]) => void) | undefined;
  const finishHost = (
    cx: AbiContext,
    args: readonly Flat[],
    result: unknown,
    params: readonly unknown[],
  ): Flat | undefined => {
    const flat = finish(cx, steps, args, result);
    if (lowered) lowered(result, ...params);
    return flat;
  };
  return {
    name,
    callee: host,
    owner,
    guardsItself: true,
    make(instance: RunningInstance) {
      const shared = instance.abiContext(owner, options);
      shared.forHost = true;
      const run = (args: readonly Flat[]): unknown => {
        begin(shared);
        const state = instance.hostState(slot, name);
        const params = steps.lift(shared, args);
        // Bytes that the host holds of what it was given, while the guest waits.
        const held = host.suspends ? shared.lifted : 0;
        if (held > 0) instance.hostBytes.add(held);
        const result = call(state, ...params);
        if (!host.suspends || !isPromise(result)) {
          if (held > 0) instance.hostBytes.add(-held);
          return finishHost(shared, args, result, params);
        }
        const loans = shared.takeLoans();
        return instance.wait(result, (value) => {
          if (held > 0) instance.hostBytes.add(-held);
          endLoans(loans);
          return finishHost(shared, args, value, params);
        });
      };
      return (...args: Flat[]): unknown => {
        try {
          return run(args);
        } catch (error) {
          throw uncatchable(error);
        }
      };
    },
  };
}

function lowerLifted(func: LiftedFuncItem, options: ResolvedOptions, owner: number, steps: Steps): Trampoline {
  const { lifted } = func;
  return {
    name: `canon lower of a function of component instance ${lifted.owner}`,
    callee: lifted,
    owner,
    make(instance: RunningInstance) {
      const shared = instance.abiContext(owner, options);
      shared.sourceEncoding = lifted.options.encoding;
      const caller = { component: shared.instance, encoding: options.encoding };
      const suspends = instance.plan.suspends[lifted.owner] === true;
      return (...args: Flat[]): unknown => {
        begin(shared);
        const result = instance.lifted(lifted)(caller, steps.lift(shared, args));
        if (!suspends) return finish(shared, steps, args, result);
        const loans = shared.takeLoans();
        const done = (value: unknown): Flat | undefined => {
          endLoans(loans);
          return finish(shared, steps, args, value);
        };
        return (result as Promise<unknown>).then(done).catch(throwUncatchable);
      };
    },
  };
}

function throwUncatchable(error: unknown): never {
  throw uncatchable(error);
}
