// canon lower in a plan with tasks: what all lowered functions share. CanonicalABI.md#canon-lower
import type { AbiContext, CoreValue } from '../abi/context.ts';
import {
  type LiftValues,
  type LowerValues,
  makeLiftValues,
  makeLowerValues,
  makeStoreResult,
  type StoreResult,
  valuesLayout,
} from '../abi/values.ts';
import type { ComponentTasks } from '../tasks/component-tasks.ts';
import type { CoreSignature } from '../tasks/encode-module.ts';
import type { Store } from '../tasks/store.ts';
import { type Subtask, SubtaskState } from '../tasks/subtask.ts';
import type { Thread } from '../tasks/thread.ts';
import { layoutOf, MAX_FLAT_PARAMS, MAX_FLAT_RESULTS, paramTypes } from '../types/layout.ts';
import type { FuncType } from '../types/val-type.ts';

/** The most core parameters of an asynchronously lowered function. CanonicalABI.md#flattening */
const MAX_FLAT_ASYNC_PARAMS = 4;

/** What one lowered function type needs, made once when the plan is linked. */
export interface LowerSteps {
  readonly async: boolean;
  readonly signature: CoreSignature;
  readonly lift: LiftValues;
  readonly lowerResult: LowerValues | undefined;
  readonly storeResult: StoreResult | undefined;
  /** The position of the pointer for a result that goes to memory. */
  readonly pointer: number;
}

export function makeLowerSteps(type: FuncType, async: boolean): LowerSteps {
  const types = paramTypes(type);
  const { result } = type;
  const maxParams = async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS;
  const maxResults = async ? 0 : MAX_FLAT_RESULTS;
  const params = valuesLayout(types, maxParams).flat;
  const flatResult = result ? layoutOf(result).flat : [];
  const stored = flatResult.length > maxResults;
  const results = async ? (['i32'] as const) : stored ? [] : flatResult;
  return {
    async,
    signature: { params: stored ? [...params, 'i32'] : params, results },
    lift: makeLiftValues(types, maxParams),
    lowerResult: result && !stored ? makeLowerValues([result], MAX_FLAT_RESULTS) : undefined,
    storeResult: result && stored ? makeStoreResult(result) : undefined,
    pointer: params.length,
  };
}

/** Gives the result in the form in which the core function returns it; a stored one goes to the guest's memory. */
export function lowerResult(
  cx: AbiContext,
  steps: LowerSteps,
  args: readonly CoreValue[],
  result: unknown,
): CoreValue | undefined {
  cx.refresh();
  if (steps.storeResult) {
    steps.storeResult(cx, result, (args[steps.pointer] as number) >>> 0);
    return undefined;
  }
  if (!steps.lowerResult) return undefined;
  const out: CoreValue[] = [];
  steps.lowerResult(cx, [result], out);
  return out[0];
}

/** What the caller gets now that the callee has blocked or returned, or a promise when the caller has to wait. */
export function answer(
  store: Store,
  thread: Thread,
  component: ComponentTasks,
  subtask: Subtask,
  async: boolean,
): unknown {
  if (async) return answerAsync(component, subtask);
  const deliver = (): CoreValue | undefined => {
    subtask.deliverResolve();
    return subtask.flatResult;
  };
  if (subtask.resolved) return deliver();
  store.startWaiting(thread, () => subtask.resolved);
  return store.block(thread, false, deliver);
}

function answerAsync(component: ComponentTasks, subtask: Subtask): number {
  if (subtask.resolved) {
    subtask.deliverResolve();
    return SubtaskState.returned;
  }
  const index = subtask.addTo(component);
  return (subtask.state | (index << 4)) >>> 0;
}
