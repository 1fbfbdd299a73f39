// Errors that no guest can catch. What an import throws is an exception to a guest, which `try_table` with `catch_all`
// may swallow; only errors that the engine raised for a trap pass through. So each error travels as one of those.

import { Trap } from '../../errors.ts';

/** The bytes of (module (func (export "t") unreachable)). */
const bytes = Uint8Array.of(
  0,
  97,
  115,
  109,
  1,
  0,
  0,
  0,
  1,
  4,
  1,
  96,
  0,
  0,
  3,
  2,
  1,
  0,
  7,
  5,
  1,
  1,
  116,
  0,
  0,
  10,
  5,
  1,
  3,
  0,
  0,
  11,
);
const trap = new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports.t as () => void;
const reasons = new WeakMap<object, unknown>();

/**
 * Wraps `reason` in an error to throw into guest code, or to reject with what it waits for; `reasonOf` gets it out
 * again.
 */
export function uncatchable(reason: unknown): unknown {
  if (isTrap(reason)) return reason;
  try {
    trap();
  } catch (error) {
    reasons.set(error as object, reason);
    return error;
  }
  throw new Error('Executing "unreachable" did not trap');
}

/** Gives what ended the guest, out of what its call threw. */
export function reasonOf(thrown: unknown): unknown {
  const known = typeof thrown === 'object' && thrown !== null && reasons.has(thrown);
  const reason = known ? reasons.get(thrown) : thrown;
  return reason instanceof WebAssembly.Exception ? new Trap('Uncaught exception in the component') : reason;
}

/**
 * Whether the engine raised the error, as far as can be told; an imitation made with `new` is wrapped again where it
 * matters.
 */
function isTrap(reason: unknown): boolean {
  return typeof reason === 'object' && reason !== null && reasons.has(reason);
}
