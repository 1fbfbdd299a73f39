// How deep guests may recurse. V8 gives each guest that may wait a stack of its own; how large is a setting of the
// process that only works before the first of them is made, and never beyond what V8 allows anyway.
import { setFlagsFromString } from 'node:v8';
import { limitKinds } from '../limits.ts';

const KIB = 1024;
/**
 * KiB that are asked for at least: V8 reports an overflow some KiB before the end, and a guest needs some for itself.
 */
const LEAST_KIB = 64;
/** Bytes of stack that V8 gives by default, which is also the most that it gives. */
export const DEFAULT_STACK_BYTES = limitKinds.stackBytes.default;

/** Sets the stack size in bytes for all guests of the process. The first app that sets it decides. */
export function limitStacks(bytes: number): void {
  if (isSet) return;
  isSet = true;
  const kib = Math.max(LEAST_KIB, Math.min(Math.floor(bytes / KIB), DEFAULT_STACK_BYTES / KIB));
  setFlagsFromString(`--wasm-stack-switching-stack-size=${kib}`);
}

let isSet = false;
