// What proxies say of the client of a request: `forwarded` (RFC 7239) and `x-forwarded-for`, `-proto`, `-host`, which no
// standard describes. Who may be believed is not known here.
import { isIP } from 'node:net';
import type { HeaderList } from '../../../host/http-message.ts';
import { parseAuthority } from '../../../host/http-syntax.ts';

/** What one proxy says of the side from which it got the request. */
export interface Hop {
  /** Undefined for one that has no name, or does not tell it. */
  readonly from: Node | undefined;
  readonly proto: 'http' | 'https' | undefined;
  readonly host: string | undefined;
}

export interface Node {
  readonly address: string;
  /** 0 where it is not said. */
  readonly port: number;
}

/** Some proxies name a request for a WebSocket by the scheme that its client has for it. */
const schemes: ReadonlyMap<string, 'http' | 'https'> = new Map([
  ['http', 'http'],
  ['https', 'https'],
  ['ws', 'http'],
  ['wss', 'https'],
]);

/** A parameter of RFC 7239, 4, with what stands behind it. */
const parameter =
  /[ \t]*([A-Za-z0-9!#$%&'*+.^_`|~-]+)=(?:([A-Za-z0-9!#$%&'*+.^_`|~:[\]-]+)|"((?:[^"\\]|\\.)*)")[ \t]*(;|,|$)/y;

/** The hops of `forwarded`, that of the last proxy at the end. Undefined without the field; 'invalid' when it is none. */
export function forwardedHops(headers: HeaderList): readonly Hop[] | undefined | 'invalid' {
  const text = valuesOf(headers, 'forwarded');
  if (text === undefined) return undefined;
  const hops: Hop[] = [];
  let parts = new Map<string, string>();
  let end = ',';
  parameter.lastIndex = 0;
  while (end !== '') {
    const found = parameter.exec(text);
    if (!found) return 'invalid';
    const [, name = '', plain, quoted = '', behind = ''] = found;
    const key = name.toLowerCase();
    if (parts.has(key)) return 'invalid';
    parts.set(key, plain ?? quoted.replaceAll(/\\(.)/g, '$1'));
    end = behind;
    if (end === ';') continue;
    const hop = hopOf(parts.get('for'), parts.get('proto'), parts.get('host'));
    if (hop === 'invalid') return hop;
    hops.push(hop);
    parts = new Map();
  }
  return hops;
}

/**
 * The hops of the fields `x-forwarded-`. Proxies add to the list of addresses; most say one scheme and one host for all,
 * which then belong to each hop.
 */
export function xForwardedHops(headers: HeaderList): readonly Hop[] | undefined | 'invalid' {
  const nodes = listOf(headers, 'x-forwarded-for');
  const protos = listOf(headers, 'x-forwarded-proto');
  const hosts = listOf(headers, 'x-forwarded-host');
  if (!nodes && !protos && !hosts) return undefined;
  const hops: Hop[] = [];
  for (const [at, node] of (nodes ?? [undefined]).entries()) {
    const of = (list: readonly string[] | undefined): string | undefined =>
      list?.length === nodes?.length ? list?.[at] : list?.at(-1);
    const hop = hopOf(node, of(protos), of(hosts));
    if (hop === 'invalid') return hop;
    hops.push(hop);
  }
  return hops;
}

function hopOf(node: string | undefined, proto: string | undefined, host: string | undefined): Hop | 'invalid' {
  const scheme = proto === undefined ? undefined : schemes.get(proto.toLowerCase());
  if (proto !== undefined && scheme === undefined) return 'invalid';
  if (host !== undefined && !parseAuthority(host)?.host) return 'invalid';
  return { from: node === undefined ? undefined : nodeOf(node), proto: scheme, host };
}

/** `192.0.2.1`, `192.0.2.1:80`, `[2001:db8::1]:80`, `2001:db8::1`; undefined for `unknown` and names that hide one. */
function nodeOf(text: string): Node | undefined {
  if (isIP(text) !== 0) return { address: text, port: 0 };
  const [, bracketed, plain, port = '0'] = /^(?:\[([0-9A-Fa-f:.]+)\]|([0-9.]+))(?::(\d{1,5}))?$/.exec(text) ?? [];
  const address = bracketed ?? plain ?? '';
  if (isIP(address) === 0 || Number(port) > 65_535) return undefined;
  return { address, port: Number(port) };
}

function listOf(headers: HeaderList, name: string): readonly string[] | undefined {
  return valuesOf(headers, name)
    ?.split(',')
    .map((item) => item.trim());
}

/** The values of a field that may stand there several times. RFC 9110, 5.3. */
function valuesOf(headers: HeaderList, wanted: string): string | undefined {
  const values = headers.flatMap(([name, value]) => (name === wanted ? [value] : []));
  return values.length === 0 ? undefined : values.join(',');
}
