// Bounds how much work one file may cause. A small file can ask for exponentially many types, or for a few large ones
// to be walked very often; what tools build needs a thousandth of this.

import { invalid } from './invalid.ts';

/** The most copies of types, which are made by putting other resources in them. */
const MAX_COPIES = 200_000;
/** The most steps of walks over imports, exports and types. */
const MAX_STEPS = 10_000_000;

/** The work left for one file; everything that is validated for the file shares it. */
export interface Budget {
  copiesLeft: number;
  stepsLeft: number;
}

export function newBudget(): Budget {
  return { copiesLeft: MAX_COPIES, stepsLeft: MAX_STEPS };
}

export function spendCopies(budget: Budget, count: number): void {
  budget.copiesLeft -= count;
  if (budget.copiesLeft < 0) invalid(`Types expand to more than ${MAX_COPIES} parts`);
}

export function spendSteps(budget: Budget, count: number): void {
  budget.stepsLeft -= count;
  if (budget.stepsLeft < 0) invalid(`Validation takes more than ${MAX_STEPS} steps`);
}
