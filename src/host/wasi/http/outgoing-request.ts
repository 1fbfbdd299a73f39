// wasi:http/types outgoing-request and request-options: the request that a guest builds.
import type { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { Fields } from './fields.ts';
import {
  type Check,
  CheckedParts,
  isAuthority,
  isPathWithQuery,
  isScheme,
  LineBytes,
  type LinePart,
  type Method,
  methodToText,
  otherText,
  type Scheme,
} from './message-line.ts';
import { type OutgoingBody, openBody } from './outgoing-body.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

export class OutgoingRequest extends CheckedParts {
  readonly headers: Fields;
  method: Method = { tag: 'get' };
  scheme: Scheme | undefined;
  authority: string | undefined;
  path: string | undefined;
  body: OutgoingBody | undefined;
  readonly #line: LineBytes;

  /** `held` counts what the host keeps of the request. */
  constructor(headers: Fields, held?: HostByteBudget) {
    super();
    this.headers = headers.freeze();
    this.#line = new LineBytes(held);
  }

  /** Bytes of the account that the request's head takes. */
  get headBytes(): number {
    return this.#line.bytes + this.headers.heldBytes;
  }

  /** Says that the guest does not have the request any more. */
  releaseHead(): void {
    this.#line.release();
    this.headers.release();
  }

  openBody(owner: HttpOwner): Result<OutgoingBody, undefined> {
    if (this.body !== undefined) return err(undefined);
    this.body = openBody(owner, 'request', this.headers);
    return this.body === undefined ? err(undefined) : ok(this.body);
  }

  setMethod(method: Method): Check {
    this.#line.set('method', otherText(method));
    if (methodToText(method) === undefined) return this.#refuse('method', otherText(this.method));
    this.method = method;
    return this.check('method', true);
  }

  setScheme(scheme: Scheme | undefined): Check {
    this.#line.set('scheme', otherText(scheme));
    if (scheme !== undefined && !isScheme(scheme)) return this.#refuse('scheme', otherText(this.scheme));
    this.scheme = scheme;
    return this.check('scheme', true);
  }

  setAuthority(authority: string | undefined): Check {
    this.#line.set('authority', authority);
    if (authority !== undefined && !isAuthority(authority)) {
      return this.#refuse('authority', this.authority);
    }
    this.authority = authority;
    return this.check('authority', true);
  }

  setPath(path: string | undefined): Check {
    this.#line.set('path', path);
    if (path !== undefined && !isPathWithQuery(path)) return this.#refuse('path', this.path);
    this.path = path;
    return this.check('path', true);
  }

  /**
   * Refuses a value, which was counted before it was looked at: the former value of the part stays, and counts again.
   */
  #refuse(part: LinePart, kept: string | undefined): Check {
    this.#line.set(part, kept);
    return this.check(part, false);
  }
}

export function dropOutgoingRequest(_owner: HttpOwner, self: OutgoingRequest): void {
  self.releaseHead();
  self.body?.abandon();
}

type Self = OutgoingRequest;

export function newOutgoingRequest(owner: HttpOwner, headers: Fields): OutgoingRequest {
  return new OutgoingRequest(headers, httpLimitsOf(owner).held);
}

export function openRequestBody(owner: HttpOwner, self: Self): Result<OutgoingBody, undefined> {
  return self.openBody(owner);
}

export function method(_owner: HttpOwner, self: Self): Method {
  return self.method;
}

export function setMethod(_owner: HttpOwner, self: Self, to: Method): Check {
  return self.setMethod(to);
}

export function path(_owner: HttpOwner, self: Self): string | undefined {
  return self.path;
}

export function setPath(_owner: HttpOwner, self: Self, to: string | undefined): Check {
  return self.setPath(to);
}

export function scheme(_owner: HttpOwner, self: Self): Scheme | undefined {
  return self.scheme;
}

export function setScheme(_owner: HttpOwner, self: Self, to: Scheme | undefined): Check {
  return self.setScheme(to);
}

export function authority(_owner: HttpOwner, self: Self): string | undefined {
  return self.authority;
}

export function setAuthority(_owner: HttpOwner, self: Self, to: string | undefined): Check {
  return self.setAuthority(to);
}

export function headers(_owner: HttpOwner, self: Self): Fields {
  return self.headers.share();
}
