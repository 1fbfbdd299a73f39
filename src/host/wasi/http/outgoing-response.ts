// wasi:http/types outgoing-response: the answer that a guest builds.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { resource } from '../../service.ts';
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

  /** The codes that RFC 9110 (15) calls valid, as in 0.3. */
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

/** Dropped instead of being sent: whoever writes its body learns that nobody reads it. */
function drop(_: HttpOwner, self: OutgoingResponse): void {
  self.headers.release();
  self.body?.abandon();
}

export const outgoingResponseResource = resource('outgoing-response', drop);

export const outgoingResponseFunctions = {
  '[constructor]outgoing-response': (_: HttpOwner, headers: Fields) => new OutgoingResponse(headers),
  '[method]outgoing-response.status-code': (_: HttpOwner, self: OutgoingResponse) => self.status,
  '[method]outgoing-response.set-status-code': (_: HttpOwner, self: OutgoingResponse, status: number) =>
    self.setStatus(status),
  '[method]outgoing-response.headers': (_: HttpOwner, self: OutgoingResponse) => self.headers.share(),
  '[method]outgoing-response.body': (owner: HttpOwner, self: OutgoingResponse) => self.openBody(owner),
};
