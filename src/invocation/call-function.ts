// Calls a function of a guest with values, and gives its result once the guest has ended.

import type { Usage } from '../telemetry/usage.ts';
import type { Caller, Entry, Guest, GuestExchange } from './exchange.ts';
import { invoke } from './invocation.ts';

export interface CallOptions extends Caller {
  readonly onEnd?: ((usage: Usage) => void) | undefined;
}

/** Rejects with what ended the guest. An `err` is a result like any other. */
export async function callFunction(
  guest: Guest,
  entry: Entry,
  params: readonly unknown[],
  { signal, onEnd }: CallOptions = {},
): Promise<unknown> {
  const ended = onEnd && ((_event: unknown, usage: Usage) => onEnd(usage));
  return invoke({ ...guest, ...entry, onEnd: ended }, undefined, { signal }, () => new ResultExchange(params));
}

/** The response is what the function returned, once its guest has ended. */
class ResultExchange implements GuestExchange<unknown> {
  readonly params: readonly unknown[];
  readonly #ended = Promise.withResolvers<unknown>();
  #result: unknown;

  constructor(params: readonly unknown[]) {
    this.params = params;
  }

  get response(): Promise<unknown> {
    return this.#ended.promise;
  }

  returned(result: unknown): void {
    this.#result = result;
  }

  end({ error }: { readonly error: Error | undefined }): void {
    if (error) this.#ended.reject(error);
    else this.#ended.resolve(this.#result);
  }
}
