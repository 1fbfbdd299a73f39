// One call of a guest that a service works on: its end, and what the host keeps for it until the guest has its result.
import { HeldBytes, type HostByteBudget } from '../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../component/types/val-type.ts';

export type Later<T> = T | Promise<T>;

/** For whom something is done. The signal is asked for only when there is something to wait for: it costs. */
export interface Caller {
  /** Aborted when nobody waits for the answer any more; what is under way then rejects. */
  readonly signal: AbortSignal;
  /** So many bytes more are kept for the caller until it has the result. Throws a Trap when its limit is reached. */
  keep(bytes: number): void;
}

/** The request that a call belongs to. */
export interface CallingRequest {
  readonly signal: AbortSignal;
  readonly hostBytes: HostByteBudget;
}

/** Why something failed, in words for the guest. */
export class ServiceFault extends Error {
  override readonly name: string = 'ServiceFault';
}

export class GuestCall implements Caller {
  readonly #request: CallingRequest;
  #held: HeldBytes | undefined;

  constructor(request: CallingRequest) {
    this.#request = request;
  }

  get signal(): AbortSignal {
    return this.#request.signal;
  }

  keep(bytes: number): void {
    this.#held ??= new HeldBytes(this.#request.hostBytes);
    this.#held.set(this.#held.bytes + bytes);
  }

  get keepsAnything(): boolean {
    return this.#held !== undefined;
  }

  release(): void {
    this.#held?.release();
  }
}

/**
 * Runs `work`; a ServiceFault becomes the error that `tell` makes of it. What was kept is given back when the guest has
 * the result (`lowered`), or there is none.
 */
export function perform<T, E>(
  request: CallingRequest,
  work: (call: GuestCall) => Later<T>,
  tell: (fault: ServiceFault) => E,
): Later<Result<T, E>> {
  const call = new GuestCall(request);
  const failed = (error: unknown): Result<never, E> => {
    call.release();
    if (error instanceof ServiceFault) return err(tell(error));
    throw error;
  };
  try {
    const value = work(call);
    return value instanceof Promise ? value.then((found) => kept(found, call), failed) : kept(value, call);
  } catch (error) {
    return failed(error);
  }
}

/** Waits for `promise`, or rejects with the reason of the signal when that is aborted before. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) {
    promise.catch(() => undefined);
    return Promise.reject(signal.reason);
  }
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}

/** Results that the host keeps something for. */
const keeping = new WeakMap<object, GuestCall>();

function kept<T>(value: T, call: GuestCall): Result<T, never> {
  const result = ok(value);
  if (call.keepsAnything) keeping.set(result, call);
  return result;
}

/** For `lending`: the guest has its copy of the result. */
export function lowered(result: object): void {
  keeping.get(result)?.release();
}
