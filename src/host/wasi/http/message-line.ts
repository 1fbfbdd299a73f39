// The parts of a request line as wasi:http/types has them: method, scheme, authority, path. They are only checked and
// converted here.
import { bytesOfText, HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { isToken, parseAuthority } from '../../http-syntax.ts';
import type { ErrorCode } from './error-code.ts';

const methodTags = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const;
type MethodTag = (typeof methodTags)[number];

export type Method = { readonly tag: MethodTag } | { readonly tag: 'other'; readonly val: string };
export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string };

const methods: ReadonlyMap<string, Method> = new Map(methodTags.map((tag) => [tag.toUpperCase(), { tag }]));

/** The method for a text. Methods are case-sensitive (RFC 9110, 9.1): `get` is not `GET`. */
export function methodFromText(text: string): Method {
  return methods.get(text) ?? { tag: 'other', val: text };
}

/** The text of a method; undefined when it is no token. */
export function methodToText(method: Method): string | undefined {
  if (method.tag !== 'other') return method.tag.toUpperCase();
  return isToken(method.val) ? method.val : undefined;
}

export const schemes: Readonly<Record<'http' | 'https', Scheme>> = { http: { tag: 'HTTP' }, https: { tag: 'HTTPS' } };

export function isScheme(scheme: Scheme): boolean {
  return scheme.tag !== 'other' || /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme.val);
}

/** The name, in lower case, of a scheme that requests can be sent with; undefined for any other. */
export function schemeToText(scheme: Scheme): 'http' | 'https' | undefined {
  const name = scheme.tag === 'other' ? scheme.val.toLowerCase() : scheme.tag === 'HTTP' ? 'http' : 'https';
  return name === 'http' || name === 'https' ? name : undefined;
}

/**
 * Whether the text is a path: visible ASCII and bytes above it, no fragment; it starts with `/` or `?`, or is the `*`
 * of OPTIONS, or empty.
 */
export function isPathWithQuery(text: string): boolean {
  return text === '' || text === '*' || /^[/?][!"$-~\u{80}-\u{10FFFF}]*$/u.test(text);
}

const userInfo = /^[A-Za-z0-9\-._~!$&'()*+,;=:%]*@/;

/**
 * Whether `set-authority` takes the text: a host and port (RFC 3986, 3.2), or a port alone, which SDKs write for the
 * app itself. User information may be set and read, and is an error when the request is sent: nobody would send it.
 */
export function isAuthority(text: string): boolean {
  const authority = parseAuthority(text.replace(userInfo, ''));
  return authority !== undefined && (authority.host !== '' || (authority.port !== undefined && text.startsWith(':')));
}

export type LinePart = 'method' | 'scheme' | 'authority' | 'path';
export type Check = Result<undefined, undefined>;
const accepted: Check = ok();
const refused: Check = err(undefined);

const codes: Readonly<Record<LinePart, ErrorCode>> = {
  method: { tag: 'HTTP-request-method-invalid' },
  scheme: { tag: 'HTTP-protocol-error' },
  authority: { tag: 'HTTP-request-URI-invalid' },
  path: { tag: 'HTTP-request-URI-invalid' },
};

/**
 * A request that remembers which of its parts a setter refused last. Guests ignore what setters answer; what they
 * failed to set must not be sent as if they had never meant it: without its authority, a request would go somewhere
 * else.
 */
export abstract class CheckedParts {
  #refused: Set<LinePart> | undefined;

  protected check(part: LinePart, isValid: boolean): Check {
    if (isValid) this.#refused?.delete(part);
    else {
      this.#refused ??= new Set();
      this.#refused.add(part);
    }
    return isValid ? accepted : refused;
  }

  /** The error with which sending the request is answered, if a part was refused. */
  get refusal(): ErrorCode | undefined {
    for (const part of this.#refused ?? []) return codes[part];
    return undefined;
  }
}

/**
 * The authority that a request is sent to. A request of HTTP always has one; a port alone stands for the app itself.
 */
export function targetAuthority(authority: string | undefined): Result<string, ErrorCode> {
  if (authority === undefined || authority.includes('@')) return err(codes.authority);
  return ok(authority);
}

/** Counts the bytes of the parts of a request line that a guest has set. */
export class LineBytes {
  readonly #held: HeldBytes;
  readonly #parts = { method: 0, scheme: 0, authority: 0, path: 0 };

  constructor(budget: HostByteBudget | undefined) {
    this.#held = new HeldBytes(budget);
  }

  get bytes(): number {
    return this.#held.bytes;
  }

  /** Counts a part. Throws when there is no room. */
  set(part: LinePart, text: string | undefined): void {
    const bytes = bytesOfText(text);
    this.#held.set(this.#held.bytes - this.#parts[part] + bytes);
    this.#parts[part] = bytes;
  }

  release(): void {
    this.#held.release();
  }
}

/** The text of a method or scheme that is none of the known ones. */
export function otherText(value: Method | Scheme | undefined): string | undefined {
  return value?.tag === 'other' ? value.val : undefined;
}
