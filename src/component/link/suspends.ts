// Finds out which component instances may be suspended in the middle of a call, and which trampolines can wait. JSPI
// needs to know beforehand: there must be a promising export below a suspending import, without JavaScript between.

import { isLifted, type Trampoline } from '../canon/plan.ts';
import type { ResourceType } from '../types/val-type.ts';

export interface Suspending {
  /** For each component instance: whether a call into it may be suspended. */
  readonly suspends: readonly boolean[];
  /** For each trampoline: whether it may suspend the guest. */
  readonly mayWait: readonly boolean[];
}

export function findSuspending(instances: number, trampolines: readonly Trampoline[]): Suspending {
  const suspends = new Array<boolean>(instances).fill(false);
  for (let changed = true; changed; ) {
    changed = false;
    for (const trampoline of trampolines) {
      const { owner } = trampoline;
      if (suspends[owner] || !waits(trampoline, suspends)) continue;
      suspends[owner] = true;
      changed = true;
    }
  }
  return { suspends, mayWait: trampolines.map((one) => waits(one, suspends)) };
}

function waits({ callee, blocks }: Trampoline, suspends: readonly boolean[]): boolean {
  if (blocks) return true;
  if (!callee) return false;
  if (isLifted(callee)) return suspends[callee.owner] === true;
  if ('call' in callee) return callee.suspends;
  const { definedBy } = callee;
  return definedBy !== undefined && hasDestructor(callee) && suspends[definedBy] === true;
}

function hasDestructor(type: ResourceType): boolean {
  return (type as { destructor?: unknown }).destructor !== undefined;
}
