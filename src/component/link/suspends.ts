// Which component instances may be suspended in the middle of a call, and which trampolines can wait.
// JSPI needs to know beforehand: a promising export below a suspending import, without JavaScript between.
import type { HostFunction, ResourceType } from '../types/val-type.ts';
import { isLifted, type LiftedFunction, type Trampoline } from './plan.ts';

export interface Suspending {
  /** For each component instance. */
  readonly suspends: readonly boolean[];
  /** For each trampoline. */
  readonly mayWait: readonly boolean[];
}

export function findSuspending(instances: number, trampolines: readonly Trampoline[]): Suspending {
  const suspends = new Array<boolean>(instances).fill(false);
  for (let changed = true; changed; ) {
    changed = false;
    for (const { callee, owner } of trampolines) {
      if (suspends[owner] || !waits(callee, suspends)) continue;
      suspends[owner] = true;
      changed = true;
    }
  }
  return { suspends, mayWait: trampolines.map(({ callee }) => waits(callee, suspends)) };
}

function waits(
  callee: HostFunction | LiftedFunction | ResourceType | undefined,
  suspends: readonly boolean[],
): boolean {
  if (!callee) return false;
  if (isLifted(callee)) return suspends[callee.owner] === true;
  if ('call' in callee) return callee.suspends;
  const { definedBy } = callee;
  return definedBy !== undefined && hasDestructor(callee) && suspends[definedBy] === true;
}

function hasDestructor(type: ResourceType): boolean {
  return (type as { destructor?: unknown }).destructor !== undefined;
}
