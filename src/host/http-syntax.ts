// Syntax of HTTP that more than one part needs: tokens, authorities, content-length. RFC 9110 and RFC 3986.
import type { HeaderList } from './http-message.ts';

const token = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;
const registeredName = /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*$/;
const ipLiteral = /^\[[0-9A-Fa-f:.]+\]$/;

/** Whether the text is a token, as names of fields and methods are. */
export function isToken(text: string): boolean {
  return token.test(text);
}

export interface Authority {
  /** The host as it stands there; an IPv6 address has its brackets. */
  readonly host: string;
  readonly port: number | undefined;
}

/** Parses `host`, `host:port` or `[address]:port` without user information; undefined for any other text. */
export function parseAuthority(text: string): Authority | undefined {
  const colon = text.lastIndexOf(':');
  const hasPort = colon > text.lastIndexOf(']');
  const host = hasPort ? text.slice(0, colon) : text;
  if (!registeredName.test(host) && !ipLiteral.test(host)) return undefined;
  if (!hasPort) return { host, port: undefined };
  const port = text.slice(colon + 1);
  return /^[0-9]{1,5}$/.test(port) && Number(port) <= 65_535 ? { host, port: Number(port) } : undefined;
}

/** The one value of `content-length`; undefined when there is none, 'invalid' when it is no number or two differ. */
export function contentLengthOf(headers: HeaderList): number | undefined | 'invalid' {
  let found: string | undefined;
  for (const [name, value] of headers) {
    if (name !== 'content-length') continue;
    if (found !== undefined && found !== value) return 'invalid';
    found = value;
  }
  if (found === undefined) return undefined;
  return /^[0-9]{1,15}$/.test(found) ? Number(found) : 'invalid';
}
