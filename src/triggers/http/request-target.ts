// Finds the target of a request: authority and path, out of its request line and its `host` header. RFC 9112, 3.2 and
// 3.3.
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { authorityOf } from '../../authority.ts';
import { parseAuthority } from '../../host/http-syntax.ts';

export interface Target {
  readonly authority: string;
  /** The path and query. */
  readonly path: string;
  /** Whether the authority comes from the request line, while the header `host` says another one. */
  readonly overrides: boolean;
}

/** What of a request names its target; of one of HTTP/2, the pseudo header fields. */
export type TargetSource = Pick<IncomingMessage, 'url' | 'method' | 'httpVersionMinor'> & { readonly socket: Socket };

const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/i;

/**
 * Gives the target, or the status with which to refuse the request. The origin form (`/path`) takes its authority from
 * `host`, the absolute form brings its own, and `host` is then ignored. A fragment is no part of a target and is left
 * out. Node's parser lets no bytes outside of ASCII through.
 */
export function resolveTarget(req: TargetSource, host: string | undefined, maxBytes: number): Target | number {
  let url = req.url ?? '';
  if (url.length > maxBytes) return 414;
  const fragment = url.indexOf('#');
  if (fragment !== -1) url = url.slice(0, fragment);
  if (!isHost(host, req)) return 400;
  if (url.startsWith('/') || (url === '*' && req.method === 'OPTIONS')) return fromHost(req, host, url);
  const [, authority, rest = ''] = absoluteForm.exec(url) ?? [];
  if (!authority || !namesHost(authority)) return 400;
  const path = rest.startsWith('/') ? rest : `/${rest}`;
  return { authority, path, overrides: host?.toLowerCase() !== authority.toLowerCase() };
}

/** Whether the header is valid. HTTP/1.1 demands it, but it may be empty: then the target has to say where it goes. */
function isHost(host: string | undefined, req: TargetSource): boolean {
  if (host === undefined) return req.httpVersionMinor === 0;
  return host === '' || namesHost(host);
}

function namesHost(authority: string): boolean {
  const parsed = parseAuthority(authority);
  return parsed !== undefined && parsed.host !== '';
}

/** The authority for the header. HTTP/1.0 demands no host: it is then the address to which the client came. */
function fromHost(req: TargetSource, host: string | undefined, path: string): Target | number {
  if (host) return { authority: host, path, overrides: false };
  return req.httpVersionMinor === 0 ? { authority: addressOf(req.socket), path, overrides: false } : 400;
}

function addressOf({ localAddress = '127.0.0.1', localPort = 80 }: Socket): string {
  return authorityOf(localAddress, localPort);
}
