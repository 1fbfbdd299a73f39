// What a function of the host gives when its result comes later.

/** It may be cancelled when nobody waits for it any more. */
export interface HostPromise extends PromiseLike<unknown> {
  cancel?(): void;
}

export function isPromise(value: unknown): value is HostPromise {
  return typeof value === 'object' && value !== null && typeof (value as { then?: unknown }).then === 'function';
}
