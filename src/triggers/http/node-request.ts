// From node:http's request to ours: head and body. What does not name its target beyond doubt is refused.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRequest } from '../../host/http-message.ts';
import { parseAuthority } from '../../host/http-syntax.ts';
import { NodeBody } from '../../host/node-body.ts';

export interface RequestLimits {
  readonly headerCount: number;
  /** Bytes of a request body that are read ahead of the guest. */
  readonly bufferedBytes: number;
  /** How long a body may bring nothing while the guest waits for it, in milliseconds. */
  readonly bodyIdleMs: number;
}

/** The request, or the status to refuse it with. `scheme` is that of the listener: clients are not believed. */
export function toHttpRequest(
  req: IncomingMessage,
  res: ServerResponse,
  scheme: 'http' | 'https',
  limits: RequestLimits,
): HttpRequest | number {
  const { rawHeaders } = req;
  if (rawHeaders.length > limits.headerCount * 2) return 431;
  const headers: [string, string][] = [];
  let host: string | undefined;
  let hasBody = false;
  let length: number | undefined;
  let waits = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const value = rawHeaders[at + 1]!;
    if (name === 'host') {
      if (host !== undefined) return 400;
      host = value;
    } else if (name === 'content-length') {
      length = Number(value);
      hasBody = length > 0;
    } else if (name === 'transfer-encoding') hasBody = true;
    else if (name === 'expect') waits = true;
    headers.push([name, value]);
  }
  const target = splitTarget(req.url ?? '', host);
  if (target === undefined) return 400;
  const begin = waits ? holdContinue(res) : undefined;
  const body = hasBody ? bodyOf(req, length, begin, limits) : undefined;
  return { method: req.method ?? 'GET', scheme, authority: target.authority, target: target.path, headers, body };
}

function bodyOf(
  req: IncomingMessage,
  length: number | undefined,
  begin: (() => void) | undefined,
  { bufferedBytes, bodyIdleMs }: RequestLimits,
): NodeBody {
  return new NodeBody(req, { bufferedBytes, idleMs: bodyIdleMs, length, brokenCode: 'connection-terminated', begin });
}

/**
 * A client that waits for `100 Continue` gets it when the guest reads. If it never does, the connection has to close
 * after the answer: nobody knows whether the body will still be sent.
 */
function holdContinue(res: ServerResponse): () => void {
  const { shouldKeepAlive } = res;
  res.shouldKeepAlive = false;
  return () => {
    if (res.headersSent) return;
    res.writeContinue();
    res.shouldKeepAlive = shouldKeepAlive;
  };
}

const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/i;

/**
 * The origin form (`/path`) takes its authority from `host`, the absolute form brings one that has to be the same. A
 * fragment is no part of a target. Bytes outside ASCII do not get past Node's parser.
 */
function splitTarget(url: string, host: string | undefined): { authority: string; path: string } | undefined {
  if (host === undefined || host === '' || parseAuthority(host) === undefined) return undefined;
  if (url.includes('#')) return undefined;
  if (url.startsWith('/') || url === '*') return { authority: host, path: url };
  const absolute = absoluteForm.exec(url);
  if (absolute === null || absolute[1]!.toLowerCase() !== host.toLowerCase()) return undefined;
  const path = absolute[2]!;
  return { authority: host, path: path.startsWith('/') ? path : `/${path}` };
}
