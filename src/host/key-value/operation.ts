// How a call of a guest on a store becomes a result: the errors of all versions.
import type { Result } from '../../component/types/val-type.ts';
import { type CallingRequest, type GuestCall, type Later, perform } from '../guest-call.ts';

export type KeyValueError =
  | { readonly tag: 'store-table-full' | 'no-such-store' | 'access-denied' }
  | { readonly tag: 'other'; readonly val: string };

export type Answer<T> = Later<Result<T, KeyValueError>>;

/** Runs `work` on a store. */
export function operate<T>(request: CallingRequest, work: (call: GuestCall) => Later<T>): Answer<T> {
  return perform(request, work, (fault): KeyValueError => ({ tag: 'other', val: fault.message }));
}
