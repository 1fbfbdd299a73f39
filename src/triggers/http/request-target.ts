// What a request is for: authority and path, out of its target and its `host` header. RFC 9112, 3.2 and 3.3.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { parseAuthority } from '../../host/http-syntax.ts';

export interface Target {
  readonly authority: string;
  /** Path and query. */
  readonly path: string;
  /** The authority comes from the target, and the header `host` says another one. */
  readonly overrides: boolean;
}

const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/i;

/**
 * The target, or the status to refuse it with. The origin form (`/path`) takes its authority from `host`, the absolute
 * form brings its own, and `host` is ignored then. A fragment is no part of a target and is left out. Bytes outside of
 * ASCII do not get past Node's parser.
 */
export function resolveTarget(req: IncomingMessage, host: string | undefined, maxBytes: number): Target | number {
  let url = req.url ?? '';
  if (url.length > maxBytes) return 414;
  const fragment = url.indexOf('#');
  if (fragment !== -1) url = url.slice(0, fragment);
  if (!isHost(host, req)) return 400;
  if (url.startsWith('/') || (url === '*' && req.method === 'OPTIONS')) return fromHost(req, host, url);
  const absolute = absoluteForm.exec(url);
  const authority = absolute?.[1];
  if (!absolute || !authority || !namesHost(authority)) return 400;
  const rest = absolute[2]!;
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return { authority, path, overrides: host?.toLowerCase() !== authority.toLowerCase() };
}

/** HTTP/1.1 demands the header, which may be empty: then the target has to say where it goes. */
function isHost(host: string | undefined, req: IncomingMessage): boolean {
  if (host === undefined) return req.httpVersionMinor === 0;
  return host === '' || namesHost(host);
}

function namesHost(authority: string): boolean {
  const parsed = parseAuthority(authority);
  return parsed !== undefined && parsed.host !== '';
}

/** Of HTTP/1.0 no host is asked for: it is the address that the client came to. */
function fromHost(req: IncomingMessage, host: string | undefined, path: string): Target | number {
  if (host) return { authority: host, path, overrides: false };
  return req.httpVersionMinor === 0 ? { authority: addressOf(req.socket), path, overrides: false } : 400;
}

function addressOf({ localAddress = '127.0.0.1', localPort = 80 }: Socket): string {
  return `${localAddress.includes(':') ? `[${localAddress}]` : localAddress}:${localPort}`;
}
