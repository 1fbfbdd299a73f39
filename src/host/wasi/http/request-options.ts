// wasi:http/types request-options: the timeouts of a request, the same in 0.2 and 0.3.
import { ok } from '../../../component/types/val-type.ts';
import type { SendOptions } from '../../http-message.ts';
import type { Check } from './message-line.ts';
import type { HttpOwner } from './state.ts';

/** The timeouts in nanoseconds, as the guest set them. */
export class RequestOptions {
  connect: bigint | undefined;
  firstByte: bigint | undefined;
  betweenBytes: bigint | undefined;

  toSendOptions(): SendOptions {
    return {
      connectTimeoutMs: milliseconds(this.connect),
      firstByteTimeoutMs: milliseconds(this.firstByte),
      betweenBytesTimeoutMs: milliseconds(this.betweenBytes),
    };
  }
}

/** The longest time in milliseconds that a timer of the host takes: 24 days. A longer one would go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Turns a duration into milliseconds, rounded up, so that a timeout never comes early. */
function milliseconds(duration: bigint | undefined): number | undefined {
  return duration === undefined ? undefined : Math.min(Number((duration + 999_999n) / 1_000_000n), LONGEST_MS);
}

type Self = RequestOptions;
export type Duration = bigint | undefined;

export function newOptions(_owner: HttpOwner): RequestOptions {
  return new RequestOptions();
}

export function connectTimeout(_owner: HttpOwner, self: Self): Duration {
  return self.connect;
}

export function setConnectTimeout(_owner: HttpOwner, self: Self, duration: Duration): Check {
  self.connect = duration;
  return ok();
}

export function firstByteTimeout(_owner: HttpOwner, self: Self): Duration {
  return self.firstByte;
}

export function setFirstByteTimeout(_owner: HttpOwner, self: Self, duration: Duration): Check {
  self.firstByte = duration;
  return ok();
}

export function betweenBytesTimeout(_owner: HttpOwner, self: Self): Duration {
  return self.betweenBytes;
}

export function setBetweenBytesTimeout(_owner: HttpOwner, self: Self, duration: Duration): Check {
  self.betweenBytes = duration;
  return ok();
}
