// What wasi:http needs of a sandbox's WASI state: who owns the open objects, the limits, and the way out.
import type { Limits } from '../../../app/locked-app.ts';
import type { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { HttpError, type SendRequest } from '../../http-message.ts';
import type { Refusals } from '../../refusals.ts';
import type { ObjectOwner } from '../io/host-object.ts';

export interface HttpLimits {
  /** Bytes of one `fields`: names, values and 4 for each entry, which is its size on the wire. */
  readonly headerBytes: number;
  /** Entries of one `fields`. */
  readonly headerCount: number;
  /** Bytes of one body that the host holds for a guest before the guest has to wait. */
  readonly bufferedBytes: number;
  /** Counts what the host keeps; absent where no request is served. */
  readonly held?: HostByteBudget | undefined;
}

export const defaultHttpLimits: HttpLimits = {
  headerBytes: 64 * 1024,
  headerCount: 1000,
  bufferedBytes: 64 * 1024,
};

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
  /** Of the request that is served, see HttpRequest. */
  readonly hops?: number | undefined;
  readonly refusals?: Refusals | undefined;
  readonly configured: {
    /** Without it every outgoing request is denied. */
    readonly sendRequest: SendRequest | undefined;
    readonly httpLimits?: HttpLimits | undefined;
  };
}

export function httpLimitsOf(owner: HttpOwner): HttpLimits {
  return owner.httpLimits ?? owner.configured.httpLimits ?? defaultHttpLimits;
}

/** What a guest is told when there is no room for what came for it. */
export function overHeld({ held }: HttpLimits): HttpError {
  const message = `Limit reached: held (${held?.limit} bytes)`;
  return new HttpError('internal-error', message, message);
}

/** The limits of a manifest; the first that sets one counts (component before app). */
export function httpLimitsFrom(...settings: readonly Limits[]): HttpLimits {
  const pick = (key: 'headerBytes' | 'headerCount' | 'bufferedBytes'): number =>
    settings.find((limits) => limits[key] !== undefined)?.[key] ?? defaultHttpLimits[key];
  return {
    headerBytes: pick('headerBytes'),
    headerCount: pick('headerCount'),
    bufferedBytes: pick('bufferedBytes'),
  };
}
