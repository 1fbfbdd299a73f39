// Calls of core functions by threads: what a function returns goes to the thread that is current then.

import type { CoreValue } from '../abi/context.ts';
import { makeCaller } from './core-glue.ts';
import type { CoreSignature } from './encode-module.ts';
import type { Store } from './store.ts';

/** Starts the call; the current thread's `onReturn` gets the result, perhaps before this returns. */
export type CoreCall = (args: readonly CoreValue[]) => void;

/**
 * Makes the calls of one core function. `suspends` says that the function may meet an import that has to wait, `check`
 * that its signature is not known to be right. Errors: LinkError when the signature is another.
 */
export function makeCoreCall(
  store: Store,
  f: WebAssembly.ImportValue,
  signature: CoreSignature,
  suspends: boolean,
  check = false,
): CoreCall {
  if (!suspends && !check && typeof f === 'function') {
    return (args) => store.returned((f as (...args: CoreValue[]) => CoreValue | undefined)(...args));
  }
  const run = makeCaller(signature, f, (result) => store.returnedOnStack(result));
  if (!suspends) return (args) => void run(...args);
  const promising = WebAssembly.promising(run as never) as (...args: CoreValue[]) => Promise<undefined>;
  return (args) => {
    promising(...args).catch(store.unwound);
  };
}
