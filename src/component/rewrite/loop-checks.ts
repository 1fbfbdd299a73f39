// Where the checks of a loop belong: at its head, at its ways back, or nowhere since each way back has called a
// function that checks. At a way back by `br` a check costs less than at the head: it stands at the end of straight
// code, and a loop that does not repeat meets none. At a `br_if`, mostly the only one of a tight loop, the head is better.
import { type CodeLayout, PlaceKind } from './core-module.ts';

export const LoopChecks = { none: 0, atBranches: 1, atHead: 2 } as const;

const WAY_BR = 1;
const WAY_BR_IF = 2;

/** One byte a place, and for loops a value of LoopChecks. `entryChecks` has a byte per defined function. */
export function loopChecks(code: CodeLayout, entryChecks: Uint8Array): Uint8Array {
  const { kinds, links } = code.places;
  const ways = new Uint8Array(kinds.length);
  for (let place = 0; place < kinds.length; place++) {
    if (!isBranch(kinds[place]!) || isCovered(code, place, entryChecks)) continue;
    ways[links[place]!]! |= kinds[place] === PlaceKind.br ? WAY_BR : WAY_BR_IF;
  }
  return ways.map((way, place) => {
    if ((kinds[place]! & PlaceKind.headOnly) !== 0 || way === WAY_BR_IF) return LoopChecks.atHead;
    return way === 0 ? LoopChecks.none : LoopChecks.atBranches;
  });
}

export const isBranch = (kind: number): boolean => kind === PlaceKind.br || kind === PlaceKind.brIf;

/** Every way to this branch calls a function that checks. */
export function isCovered(code: CodeLayout, place: number, entryChecks: Uint8Array): boolean {
  const callee = code.places.callees[place]!;
  return callee !== 0 && entryChecks[callee - 1] === 1;
}
