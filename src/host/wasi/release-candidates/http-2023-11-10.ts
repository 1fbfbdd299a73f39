// wasi:http 0.2.0-rc-2023-11-10: timeouts have other names, and a result that says whether trailers were taken already
// is missing.

import type { Result } from '../../../component/types/val-type.ts';
import { Trap } from '../../../errors.ts';
import { outgoingHandler, typesInterface } from '../http/bindings-0.2.ts';
import type { ErrorCode } from '../http/error-code.ts';
import type { Fields } from '../http/fields.ts';
import type { FutureTrailers } from '../http/incoming-body.ts';
import * as options from '../http/request-options.ts';
import type { HttpOwner } from '../http/state.ts';
import { RC_2023_11_10, sameIn } from './versions.ts';

/** Gives the trailers. A guest that asks twice is trapped, since this version has no answer for it. */
export function getTrailers(
  _owner: HttpOwner,
  self: FutureTrailers,
): Result<Fields | undefined, ErrorCode> | undefined {
  const outcome = self.get();
  if (outcome?.tag === 'err') throw new Trap('the trailers were taken already');
  return outcome?.val;
}

/** The types. Durations are in nanoseconds here, too, as Spin and Wasmtime took them. */
const types = typesInterface(RC_2023_11_10, {
  '[method]request-options.connect-timeout-ms': options.connectTimeout,
  '[method]request-options.set-connect-timeout-ms': options.setConnectTimeout,
  '[method]request-options.first-byte-timeout-ms': options.firstByteTimeout,
  '[method]request-options.set-first-byte-timeout-ms': options.setFirstByteTimeout,
  '[method]request-options.between-bytes-timeout-ms': options.betweenBytesTimeout,
  '[method]request-options.set-between-bytes-timeout-ms': options.setBetweenBytesTimeout,
  '[method]future-trailers.get': getTrailers,
});

export const http20231110 = [types, sameIn(outgoingHandler, RC_2023_11_10)];
