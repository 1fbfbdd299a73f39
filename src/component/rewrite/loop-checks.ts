// Decides where the checks of a loop belong: at its head, at the branches back to it, or nowhere, since each branch
// back has called a function that checks. This was measured with bench/interrupt-check.ts, also with checks that poll
// (interrupt-check.ts): checks at heads only cost an interpreter 15 % instead of 2. The end of this file says what was
// tried and is worse.

import { type CodeLayout, PlaceKind } from './core-module.ts';
import { countsInTail } from './counting-loop.ts';

export const LoopChecks = { none: 0, atBranches: 1, atHead: 2 } as const;

const WAY_BR = 1;
const WAY_BR_IF = 2;

/**
 * Gives one byte for each place, which for a loop is a value of LoopChecks. `entryChecks` has a byte for each defined
 * function. A check at a branch back is not met by a loop that does not repeat, as most loops over text, and in the big
 * loop of an interpreter it stands where registers are free. A counting loop is better off with the check at its head.
 */
export function loopChecks(bytes: Uint8Array, code: CodeLayout, entryChecks: Uint8Array): Uint8Array {
  const { kinds, links } = code.places;
  const ways = new Uint8Array(kinds.length);
  for (let place = 0; place < kinds.length; place++) {
    if (!isBranch(kinds[place]!) || isCovered(code, place, entryChecks)) continue;
    ways[links[place]!]! |= kinds[place] === PlaceKind.br ? WAY_BR : WAY_BR_IF;
  }
  return ways.map((way, place) => {
    if ((kinds[place]! & PlaceKind.headOnly) !== 0) return LoopChecks.atHead;
    if (way === 0) return LoopChecks.none;
    return way === WAY_BR_IF && belongsAtHead(bytes, code, place) ? LoopChecks.atHead : LoopChecks.atBranches;
  });
}

/** Whether the check of a loop whose branches back are all `br_if` belongs at its head. */
function belongsAtHead(bytes: Uint8Array, { places }: CodeLayout, place: number): boolean {
  const isInnermost = places.links[place] !== 0;
  return !isInnermost || countsInTail(bytes, places, place);
}

const isBranch = (kind: number): boolean => kind === PlaceKind.br || kind === PlaceKind.brIf;

/** Whether every way to this branch calls a function that checks. */
export function isCovered(code: CodeLayout, place: number, entryChecks: Uint8Array): boolean {
  const callee = code.places.callees[place]!;
  return callee !== 0 && entryChecks[callee - 1] === 1;
}

// These were tried and are worse: a counter in a local, so that only each 1,024th turn looks at the flag (up to 1.5
// times the time of plain code where the check costs a tenth); an atomic load (1.1 to 1.4 times); memory.size or a
// global instead of a load (no cheaper); copies of loops that end on what they read (they are short); checks at every
// branch back of outer loops (V8 then optimises the inner ones less: a matrix product took a tenth longer).
