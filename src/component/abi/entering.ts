// Which component instances a call enters. CanonicalABI.md: ComponentInstance.entering_set
import { Trap } from '../../errors.ts';
import type { ComponentState } from './context.ts';

/**
 * Marks as entered the callee and those of its ancestors that the caller is not part of; the caller is undefined for
 * the host. Traps when one of them is entered already. A trap in the call leaves them marked for good.
 */
export function enterFrom(callee: ComponentState, caller: ComponentState | undefined): readonly ComponentState[] {
  const entering: ComponentState[] = [];
  for (let one: ComponentState | undefined = callee; one; one = one.parent) {
    if (isSelfOrAncestor(one, caller)) break;
    if (!one.mayEnter) throw new Trap('Cannot enter component instance');
    entering.push(one);
  }
  for (const one of entering) one.mayEnter = false;
  return entering;
}

export function mayEnterFrom(callee: ComponentState, caller: ComponentState | undefined): boolean {
  for (let one: ComponentState | undefined = callee; one; one = one.parent) {
    if (isSelfOrAncestor(one, caller)) return true;
    if (!one.mayEnter) return false;
  }
  return true;
}

export function leave(entered: readonly ComponentState[]): void {
  for (const one of entered) one.mayEnter = true;
}

function isSelfOrAncestor(candidate: ComponentState, of: ComponentState | undefined): boolean {
  for (let one = of; one; one = one.parent) if (one === candidate) return true;
  return false;
}
