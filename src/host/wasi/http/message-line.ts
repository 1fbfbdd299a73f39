// The parts of a request line as wasi:http/types has them: method, scheme, authority, path. Checks and conversions only.
import { bytesOfText, HeldBytes, type HostByteBudget } from '../../../component/types/host-byte-budget.ts';
import { isToken } from '../../http-syntax.ts';

const methodTags = ['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch'] as const;
type MethodTag = (typeof methodTags)[number];

export type Method = { readonly tag: MethodTag } | { readonly tag: 'other'; readonly val: string };
export type Scheme = { readonly tag: 'HTTP' | 'HTTPS' } | { readonly tag: 'other'; readonly val: string };

const methods: ReadonlyMap<string, Method> = new Map(methodTags.map((tag) => [tag.toUpperCase(), { tag }]));

/** Methods are case-sensitive (RFC 9110, 9.1): `get` is not `GET`. */
export function methodFromText(text: string): Method {
  return methods.get(text) ?? { tag: 'other', val: text };
}

/** undefined when it is no token. */
export function methodToText(method: Method): string | undefined {
  if (method.tag !== 'other') return method.tag.toUpperCase();
  return isToken(method.val) ? method.val : undefined;
}

export const schemes: Readonly<Record<'http' | 'https', Scheme>> = { http: { tag: 'HTTP' }, https: { tag: 'HTTPS' } };

export function isScheme(scheme: Scheme): boolean {
  return scheme.tag !== 'other' || /^[A-Za-z][A-Za-z0-9+.-]*$/.test(scheme.val);
}

/** Lower-case name of a scheme that requests can be sent with; undefined for any other. */
export function schemeToText(scheme: Scheme): 'http' | 'https' | undefined {
  const name = scheme.tag === 'other' ? scheme.val.toLowerCase() : scheme.tag === 'HTTP' ? 'http' : 'https';
  return name === 'http' || name === 'https' ? name : undefined;
}

/** Visible ASCII and bytes above it, no fragment; starts with `/` or `?`, or is the `*` of OPTIONS, or empty. */
export function isPathWithQuery(text: string): boolean {
  return text === '' || text === '*' || /^[/?][!"$-~\u{80}-\u{10FFFF}]*$/u.test(text);
}

export type LinePart = 'method' | 'scheme' | 'authority' | 'path';

/** What the parts of a request line that a guest has set take of its account. */
export class LineBytes {
  readonly #held: HeldBytes;
  readonly #parts = { method: 0, scheme: 0, authority: 0, path: 0 };

  constructor(budget: HostByteBudget | undefined) {
    this.#held = new HeldBytes(budget);
  }

  get bytes(): number {
    return this.#held.bytes;
  }

  /** Throws when there is no room. */
  set(part: LinePart, text: string | undefined): void {
    const bytes = bytesOfText(text);
    this.#held.set(this.#held.bytes - this.#parts[part] + bytes);
    this.#parts[part] = bytes;
  }

  release(): void {
    this.#held.release();
  }
}

/** Of a method or scheme that has a name of its own. */
export function otherText(value: Method | Scheme | undefined): string | undefined {
  return value?.tag === 'other' ? value.val : undefined;
}
