// One call of a guest: what the host keeps for it until the guest has its result, and how faults of a store become results.
import { HeldBytes, type HostByteBudget } from '../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import { type Caller, type Later, StoreFault } from './store.ts';

export type KeyValueError =
  | { readonly tag: 'store-table-full' | 'no-such-store' | 'access-denied' }
  | { readonly tag: 'other'; readonly val: string };

export type Answer<T> = Later<Result<T, KeyValueError>>;

/** The request that a call belongs to. */
export interface Request {
  readonly signal: AbortSignal;
  readonly hostBytes: HostByteBudget;
}

export class Operation implements Caller {
  readonly #request: Request;
  #held: HeldBytes | undefined;

  constructor(request: Request) {
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

/** Runs `work`. What it kept is given back when the guest has the result (`lowered`), or there is none. */
export function perform<T>(request: Request, work: (operation: Operation) => Later<T>): Answer<T> {
  const operation = new Operation(request);
  const failed = (error: unknown): Result<never, KeyValueError> => {
    operation.release();
    if (error instanceof StoreFault) return err({ tag: 'other', val: error.message });
    throw error;
  };
  try {
    const value = work(operation);
    return value instanceof Promise ? value.then((found) => kept(found, operation), failed) : kept(value, operation);
  } catch (error) {
    return failed(error);
  }
}

/** Results that the host keeps something for. */
const keeping = new WeakMap<object, Operation>();

function kept<T>(value: T, operation: Operation): Result<T, KeyValueError> {
  const result = ok(value);
  if (operation.keepsAnything) keeping.set(result, operation);
  return result;
}

/** For `lending`: the guest has its copy of the result. */
export function lowered(result: object): void {
  keeping.get(result)?.release();
}
