// Suspended stacks of the whole process. Each takes two mappings of the kernel's 65,530, and V8 ends the process when
// there is no room for one more.
import { Trap } from '../../errors.ts';

const MOST_STACKS = 8_000;
let stacks = 0;

export function takeStack(): void {
  if (stacks >= MOST_STACKS) throw new Trap(`Limit reached: suspended stacks (${MOST_STACKS})`);
  stacks++;
}

export function freeStack(): void {
  stacks--;
}
