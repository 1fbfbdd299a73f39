// wasi:http/types incoming-request: the request that a guest answers.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { HttpRequest } from '../../http-message.ts';
import { resource } from '../../service.ts';
import { Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { methodFromText, schemes } from './message-line.ts';
import type { HttpOwner } from './state.ts';

export class IncomingRequest {
  readonly request: HttpRequest;
  #headers: Fields | undefined;
  consumed = false;

  constructor(request: HttpRequest) {
    this.request = request;
  }

  /** One object for all handles: it cannot be changed, so nobody can tell them apart. */
  get headers(): Fields {
    this.#headers ??= Fields.incoming(this.request.headers);
    return this.#headers;
  }

  consume(owner: HttpOwner): Result<IncomingBody, undefined> {
    if (this.consumed) return err(undefined);
    this.consumed = true;
    return ok(new IncomingBody(owner, this.request.body));
  }
}

export const incomingRequestResource = resource('incoming-request');

export const incomingRequestFunctions = {
  '[method]incoming-request.method': (_: HttpOwner, self: IncomingRequest) => methodFromText(self.request.method),
  '[method]incoming-request.path-with-query': (_: HttpOwner, self: IncomingRequest) => self.request.target,
  '[method]incoming-request.scheme': (_: HttpOwner, self: IncomingRequest) => schemes[self.request.scheme],
  '[method]incoming-request.authority': (_: HttpOwner, self: IncomingRequest) => self.request.authority,
  '[method]incoming-request.headers': (_: HttpOwner, self: IncomingRequest) => self.headers.share(),
  '[method]incoming-request.consume': (owner: HttpOwner, self: IncomingRequest) => self.consume(owner),
};
