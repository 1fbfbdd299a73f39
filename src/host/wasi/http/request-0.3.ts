// wasi:http/types@0.3 request and request-options: one kind of request for both directions.
import type { HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import type { FutureReader, StreamReader } from '../../../component/types/streams.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { HttpRequest } from '../../http-message.ts';
import { contentLengthOf } from '../../http-syntax.ts';
import { resource } from '../../service.ts';
import { type Contents, type Done, GuestContents, HostContents, type Trailers } from './contents.ts';
import type { ErrorCode } from './error-code.ts';
import { isHidden03 } from './field-syntax.ts';
import { Fields } from './fields.ts';
import {
  type Check,
  CheckedParts,
  isAuthority,
  isScheme,
  LineBytes,
  type LinePart,
  type Method,
  methodFromText,
  methodToText,
  otherText,
  type Scheme,
  schemes,
  schemeToText,
  targetAuthority,
} from './message-line.ts';
import * as options from './request-options.ts';
import { type Duration, RequestOptions } from './request-options.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

export class Request extends CheckedParts {
  readonly headers: Fields;
  readonly contents: Contents;
  readonly options: RequestOptions | undefined;
  method: Method = { tag: 'get' };
  scheme: Scheme | undefined;
  authority: string | undefined;
  path: string | undefined;
  readonly #line: LineBytes;

  /** `held` counts what the host keeps of the request. */
  constructor(headers: Fields, contents: Contents, options?: RequestOptions, held?: HostByteBudget) {
    super();
    this.headers = headers.freeze();
    this.#line = new LineBytes(held);
    this.contents = contents;
    this.options = options;
    if (options !== undefined) frozen.add(options);
  }

  static incoming(owner: HttpOwner, request: HttpRequest): Request {
    const made = new Request(Fields.incoming(request.headers, isHidden03), new HostContents(owner, request.body));
    made.method = methodFromText(request.method);
    made.scheme = schemes[request.scheme];
    made.authority = request.authority;
    made.path = request.target;
    return made;
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

  /** Sets the method; the names of known methods count as those methods. */
  setMethod(method: Method): Check {
    this.#line.set('method', otherText(method));
    const text = methodToText(method);
    if (text === undefined) return this.#refuse('method', otherText(this.method));
    this.method = methodFromText(text);
    return this.check('method', true);
  }

  setScheme(scheme: Scheme | undefined): Check {
    this.#line.set('scheme', otherText(scheme));
    if (scheme !== undefined && !isScheme(scheme)) return this.#refuse('scheme', otherText(this.scheme));
    const known = scheme && schemeToText(scheme);
    this.scheme = known === undefined ? scheme : schemes[known];
    return this.check('scheme', true);
  }

  setAuthority(authority: string | undefined): Check {
    this.#line.set('authority', authority);
    if (authority !== undefined && !isAuthority(authority)) return this.#refuse('authority', this.authority);
    this.authority = authority;
    return this.check('authority', true);
  }

  setPath(path: string | undefined): Check {
    this.#line.set('path', path);
    if (path !== undefined && !isPath.test(path)) return this.#refuse('path', this.path);
    this.path = path === '' ? '/' : path;
    return this.check('path', true);
  }

  /**
   * Refuses a value, which was counted before it was looked at: the former value of the part stays, and counts again.
   */
  #refuse(part: LinePart, kept: string | undefined): Check {
    this.#line.set(part, kept);
    return this.check(part, false);
  }

  /** Makes the request to send. Without a scheme it is https. */
  toHttpRequest(): Result<Omit<HttpRequest, 'body'>, ErrorCode> {
    const refused = this.refusal;
    if (refused !== undefined) return err(refused);
    const method = methodToText(this.method);
    if (method === undefined) return err({ tag: 'HTTP-request-method-invalid' });
    const scheme = this.scheme === undefined ? 'https' : schemeToText(this.scheme);
    if (scheme === undefined) return err({ tag: 'HTTP-protocol-error' });
    if (contentLengthOf(this.headers.list) === 'invalid') return err({ tag: 'HTTP-protocol-error' });
    const authority = targetAuthority(this.authority);
    if (authority.tag === 'err') return authority;
    // A `host` that a guest passes on is that of the request it got; the host of this request is its authority.
    const headers = this.headers.has('host')
      ? this.headers.list.filter(([name]) => name !== 'host')
      : this.headers.list;
    return ok({ method, scheme, authority: authority.val, target: targetOf(method, this.path ?? '/'), headers });
  }
}

/** The characters of a path and query (RFC 3986), others that servers meet, and anything outside of ASCII. */
const isPath = /^[A-Za-z0-9\-._~!$&'()*+,;=:@%/?"{}|^[\]\\\u{80}-\u{10FFFF}]*$/u;

function targetOf(method: string, path: string): string {
  if (path.startsWith('/') || (path === '*' && method === 'OPTIONS')) return path;
  return `/${path}`;
}

/** The length that headers announce; an invalid one is reported when the message is sent. */
export function announced(headers: Fields): number | undefined {
  const length = contentLengthOf(headers.list);
  return length === 'invalid' ? undefined : length;
}

function newRequest(
  owner: HttpOwner,
  headers: Fields,
  stream: StreamReader<number> | undefined,
  trailers: FutureReader<Trailers>,
  options: RequestOptions | undefined,
): [Request, Promise<Done>] {
  const { held } = httpLimitsOf(owner);
  const contents = new GuestContents('request', announced(headers), stream, trailers, held);
  return [new Request(headers, contents, options, held), contents.sent];
}

/** The options that belong to a request, and so cannot be changed. */
const frozen = new WeakSet<RequestOptions>();

/** Makes a setter that refuses options which belong to a request. */
function unlessFrozen(set: (owner: HttpOwner, self: RequestOptions, duration: Duration) => Check) {
  return (owner: HttpOwner, self: RequestOptions, duration: Duration) =>
    frozen.has(self) ? err({ tag: 'immutable' }) : set(owner, self, duration);
}

function clone(_owner: HttpOwner, self: RequestOptions): RequestOptions {
  return Object.assign(new RequestOptions(), self);
}

export const requestResources = [
  resource('request', (_owner: HttpOwner, self: Request) => {
    self.releaseHead();
    self.contents.drop();
  }),
  resource('request-options'),
];

export const requestFunctions = {
  '[static]request.new': newRequest,
  '[method]request.get-method': (_owner: HttpOwner, self: Request) => self.method,
  '[method]request.set-method': (_owner: HttpOwner, self: Request, method: Method) => self.setMethod(method),
  '[method]request.get-path-with-query': (_owner: HttpOwner, self: Request) => self.path,
  '[method]request.set-path-with-query': (_owner: HttpOwner, self: Request, path: string | undefined) =>
    self.setPath(path),
  '[method]request.get-scheme': (_owner: HttpOwner, self: Request) => self.scheme,
  '[method]request.set-scheme': (_owner: HttpOwner, self: Request, scheme: Scheme | undefined) =>
    self.setScheme(scheme),
  '[method]request.get-authority': (_owner: HttpOwner, self: Request) => self.authority,
  '[method]request.set-authority': (_owner: HttpOwner, self: Request, authority: string | undefined) =>
    self.setAuthority(authority),
  '[method]request.get-options': (_owner: HttpOwner, self: Request) => self.options,
  '[method]request.get-headers': (_owner: HttpOwner, self: Request) => self.headers.share(),
  '[static]request.consume-body': (_owner: HttpOwner, self: Request, result: FutureReader<Done>) =>
    self.contents.consume(result),

  '[constructor]request-options': options.newOptions,
  '[method]request-options.get-connect-timeout': options.connectTimeout,
  '[method]request-options.set-connect-timeout': unlessFrozen(options.setConnectTimeout),
  '[method]request-options.get-first-byte-timeout': options.firstByteTimeout,
  '[method]request-options.set-first-byte-timeout': unlessFrozen(options.setFirstByteTimeout),
  '[method]request-options.get-between-bytes-timeout': options.betweenBytesTimeout,
  '[method]request-options.set-between-bytes-timeout': unlessFrozen(options.setBetweenBytesTimeout),
  '[method]request-options.clone': clone,
};
