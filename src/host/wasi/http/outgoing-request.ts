// wasi:http/types outgoing-request and request-options: the request that a guest builds.
import type { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { SendOptions } from '../../http-message.ts';
import { resource } from '../../service.ts';
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

const accepted: Check = ok();

export class OutgoingRequest extends CheckedParts {
  readonly headers: Fields;
  method: Method = { tag: 'get' };
  scheme: Scheme | undefined;
  authority: string | undefined;
  path: string | undefined;
  body: OutgoingBody | undefined;
  readonly #line: LineBytes;

  /** `held` counts what the host keeps of it. */
  constructor(headers: Fields, held?: HostByteBudget) {
    super();
    this.headers = headers.freeze();
    this.#line = new LineBytes(held);
  }

  /** Bytes of the account that its head takes. */
  get headBytes(): number {
    return this.#line.bytes + this.headers.heldBytes;
  }

  /** The guest has it no more. */
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

  /** Each part is counted before it is looked at; what was there before stays. */
  #refuse(part: LinePart, kept: string | undefined): Check {
    this.#line.set(part, kept);
    return this.check(part, false);
  }
}

function drop(_: HttpOwner, self: OutgoingRequest): void {
  self.releaseHead();
  self.body?.abandon();
}

/** In nanoseconds, as the guest set them. */
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

/** The longest that a timer of the host takes: 24 days. A longer one would go off at once. */
const LONGEST_MS = 2 ** 31 - 1;

/** Rounded up: a timeout never comes early. */
function milliseconds(duration: bigint | undefined): number | undefined {
  return duration === undefined ? undefined : Math.min(Number((duration + 999_999n) / 1_000_000n), LONGEST_MS);
}

export const outgoingRequestResources = [resource('outgoing-request', drop), resource('request-options')];

type Duration = bigint | undefined;

export const outgoingRequestFunctions = {
  '[constructor]outgoing-request': (owner: HttpOwner, headers: Fields) =>
    new OutgoingRequest(headers, httpLimitsOf(owner).held),
  '[method]outgoing-request.body': (owner: HttpOwner, self: OutgoingRequest) => self.openBody(owner),
  '[method]outgoing-request.method': (_: HttpOwner, self: OutgoingRequest) => self.method,
  '[method]outgoing-request.set-method': (_: HttpOwner, self: OutgoingRequest, method: Method) =>
    self.setMethod(method),
  '[method]outgoing-request.path-with-query': (_: HttpOwner, self: OutgoingRequest) => self.path,
  '[method]outgoing-request.set-path-with-query': (_: HttpOwner, self: OutgoingRequest, path: string | undefined) =>
    self.setPath(path),
  '[method]outgoing-request.scheme': (_: HttpOwner, self: OutgoingRequest) => self.scheme,
  '[method]outgoing-request.set-scheme': (_: HttpOwner, self: OutgoingRequest, scheme: Scheme | undefined) =>
    self.setScheme(scheme),
  '[method]outgoing-request.authority': (_: HttpOwner, self: OutgoingRequest) => self.authority,
  '[method]outgoing-request.set-authority': (_: HttpOwner, self: OutgoingRequest, authority: string | undefined) =>
    self.setAuthority(authority),
  '[method]outgoing-request.headers': (_: HttpOwner, self: OutgoingRequest) => self.headers.share(),

  '[constructor]request-options': (_: HttpOwner) => new RequestOptions(),
  '[method]request-options.connect-timeout': (_: HttpOwner, self: RequestOptions) => self.connect,
  '[method]request-options.set-connect-timeout': (_: HttpOwner, self: RequestOptions, duration: Duration) => {
    self.connect = duration;
    return accepted;
  },
  '[method]request-options.first-byte-timeout': (_: HttpOwner, self: RequestOptions) => self.firstByte,
  '[method]request-options.set-first-byte-timeout': (_: HttpOwner, self: RequestOptions, duration: Duration) => {
    self.firstByte = duration;
    return accepted;
  },
  '[method]request-options.between-bytes-timeout': (_: HttpOwner, self: RequestOptions) => self.betweenBytes,
  '[method]request-options.set-between-bytes-timeout': (_: HttpOwner, self: RequestOptions, duration: Duration) => {
    self.betweenBytes = duration;
    return accepted;
  },
};
