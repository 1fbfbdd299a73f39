// What wasi:http needs of a sandbox's WASI state: the owner of the open objects, the limits, and the way out.
import type { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { type LimitsOf, limitsOf } from '../../../limits.ts';
import type { Propagation } from '../../../telemetry/trace-context.ts';
import { HttpError, type SendRequest } from '../../http-message.ts';
import type { Refusals } from '../../network/refusals.ts';
import type { ObjectOwner } from '../io/host-object.ts';

/** The limits of one `fields`, whose bytes are names, values and 4 for each entry; and of one body. */
export interface HttpLimits extends LimitsOf<'wasi'> {
  /** Counts what the host keeps; absent where no request is served. */
  readonly held?: HostByteBudget | undefined;
}

export const defaultHttpLimits: HttpLimits = limitsOf('wasi');

/** The limits of one request: those of its component, and the count of what is kept for it. */
export class RequestHttpLimits implements HttpLimits {
  readonly headerBytes: number;
  readonly headerCount: number;
  readonly bufferedBytes: number;
  readonly held: HostByteBudget;

  constructor(held: HostByteBudget, { headerBytes, headerCount, bufferedBytes }: HttpLimits = defaultHttpLimits) {
    this.headerBytes = headerBytes;
    this.headerCount = headerCount;
    this.bufferedBytes = bufferedBytes;
    this.held = held;
  }
}

/** The part of a sandbox's WASI state that the functions of wasi:http use. */
export interface HttpOwner extends ObjectOwner {
  readonly httpLimits?: HttpLimits | undefined;
  /** The number of components that have passed on the request that is served. */
  readonly hops?: number | undefined;
  /** The trace of the request that the guest serves. */
  readonly propagation?: Propagation | undefined;
  readonly refusals?: Refusals | undefined;
  readonly configured: {
    /** Sends requests; without it every outgoing request is denied. */
    readonly sendRequest: SendRequest | undefined;
    readonly httpLimits?: HttpLimits | undefined;
  };
}

export function httpLimitsOf(owner: HttpOwner): HttpLimits {
  return owner.httpLimits ?? owner.configured.httpLimits ?? defaultHttpLimits;
}

/** The error that a guest gets when there is no room for what came for it. */
export function overHeld({ held }: HttpLimits): HttpError {
  const message = `Limit reached: held (${held?.limit} bytes)`;
  return new HttpError('internal-error', message, message);
}
