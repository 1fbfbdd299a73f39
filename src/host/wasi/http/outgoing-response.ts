// wasi:http/types outgoing-response: the answer that a guest builds.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { Fields } from './fields.ts';
import { type OutgoingBody, openBody } from './outgoing-body.ts';
import type { HttpOwner } from './state.ts';

export class OutgoingResponse {
  readonly headers: Fields;
  status = 200;
  body: OutgoingBody | undefined;

  constructor(headers: Fields) {
    this.headers = headers.freeze();
  }

  /** Sets the status. The codes that RFC 9110 (15) calls valid are taken, as in 0.3. */
  setStatus(status: number): Result<undefined, undefined> {
    if (status < 100 || status > 599) return err(undefined);
    this.status = status;
    return ok();
  }

  openBody(owner: HttpOwner): Result<OutgoingBody, undefined> {
    if (this.body !== undefined) return err(undefined);
    this.body = openBody(owner, 'response', this.headers);
    return this.body === undefined ? err(undefined) : ok(this.body);
  }
}

/** Drops a response instead of sending it: whoever writes its body learns that nobody reads it. */
export function dropOutgoingResponse(_owner: HttpOwner, self: OutgoingResponse): void {
  self.headers.release();
  self.body?.abandon();
}

export function newOutgoingResponse(_owner: HttpOwner, headers: Fields): OutgoingResponse {
  return new OutgoingResponse(headers);
}

export function responseCode(_owner: HttpOwner, self: OutgoingResponse): number {
  return self.status;
}

export function setResponseCode(_owner: HttpOwner, self: OutgoingResponse, code: number): Result<undefined, undefined> {
  return self.setStatus(code);
}

export function outgoingResponseHeaders(_owner: HttpOwner, self: OutgoingResponse): Fields {
  return self.headers.share();
}

export function openResponseBody(owner: HttpOwner, self: OutgoingResponse): Result<OutgoingBody, undefined> {
  return self.openBody(owner);
}
