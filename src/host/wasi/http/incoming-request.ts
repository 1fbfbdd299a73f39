// wasi:http/types incoming-request: the request that a guest answers.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { HttpRequest } from '../../http-message.ts';
import { Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import { type Method, methodFromText, type Scheme, schemes } from './message-line.ts';
import type { HttpOwner } from './state.ts';

export class IncomingRequest {
  readonly request: HttpRequest;
  #headers: Fields | undefined;
  consumed = false;

  constructor(request: HttpRequest) {
    this.request = request;
  }

  /** The headers: one object for all handles, since it cannot be changed and nobody can tell them apart. */
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

type Self = IncomingRequest;

export function requestMethod(_owner: HttpOwner, self: Self): Method {
  return methodFromText(self.request.method);
}

export function requestPath(_owner: HttpOwner, self: Self): string {
  return self.request.target;
}

export function requestScheme(_owner: HttpOwner, self: Self): Scheme {
  return schemes[self.request.scheme];
}

export function requestAuthority(_owner: HttpOwner, self: Self): string {
  return self.request.authority;
}

export function requestHeaders(_owner: HttpOwner, self: Self): Fields {
  return self.headers.share();
}

export function consumeRequest(owner: HttpOwner, self: Self): Result<IncomingBody, undefined> {
  return self.consume(owner);
}
