// Decides which functions have an interrupt check at their entry: those that may take part in a recursion, or whose
// calls may take long together. All others end soon by themselves, since their loops are checked on their own.
import type { CodeLayout } from './core-module.ts';

/**
 * Bytes up to which a function's code, with all that it calls, counts as short: it then runs for a few microseconds
 * without its loops.
 */
const SHORT_BYTES = 16_384;
/** Bytes of short functions that one function may call in sum; a straight line of calls can be long, too. */
const LONG_BYTES = 4_194_304;
/** The depth to which calls of short functions may nest, at least, before they count as long. */
const SWEEPS = 4;

/** One byte for each defined function: 1 when it has a check. `codeEnd` is where the last function ends. */
export function functionsToCheck(code: CodeLayout, codeEnd: number): Uint8Array {
  const checks = new Uint8Array(code.entries.length).fill(1);
  const lengths = new Float64Array(code.entries.length).fill(Number.POSITIVE_INFINITY);
  for (let sweep = 0; sweep < SWEEPS; sweep++) {
    for (let i = 0; i < checks.length; i++) {
      if (checks[i] === 0 || code.callsOut[i] === 1) continue;
      const length = codeLength(code, i, codeEnd) + calledLength(code, i, lengths);
      // A function that calls nothing is short, however long its code, since that runs once.
      if (length <= SHORT_BYTES || firstCallee(code, i) === code.calleeEnds[i]) {
        checks[i] = 0;
        lengths[i] = length;
      }
    }
  }
  for (let i = 0; i < checks.length; i++) breakLongLine(code, i, checks, lengths);
  return checks;
}

const firstCallee = (code: CodeLayout, i: number): number => (i === 0 ? 0 : code.calleeEnds[i - 1]!);

function codeLength(code: CodeLayout, i: number, codeEnd: number): number {
  return (code.entries[i + 1] ?? codeEnd) - code.bodies[i]!;
}

function calledLength(code: CodeLayout, i: number, lengths: Float64Array): number {
  let sum = 0;
  for (let call = firstCallee(code, i); call < code.calleeEnds[i]!; call++) sum += lengths[code.callees[call]!]!;
  return sum;
}

/** Gives all short functions that `i` calls a check when they take long in sum. */
function breakLongLine(code: CodeLayout, i: number, checks: Uint8Array, lengths: Float64Array): void {
  let sum = 0;
  for (let call = firstCallee(code, i); call < code.calleeEnds[i]!; call++) {
    const callee = code.callees[call]!;
    if (checks[callee] === 0) sum += lengths[callee]!;
  }
  if (sum <= LONG_BYTES) return;
  for (let call = firstCallee(code, i); call < code.calleeEnds[i]!; call++) checks[code.callees[call]!] = 1;
}
