// Makes our request of a stream's head. RFC 9113, 8.2 and 8.3: node:http2 has refused what is malformed before, such as
// fields of the connection, and pseudo header fields that are missing, unknown or out of place.
import type { ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { HttpRequest } from '../../../host/http-message.ts';
import { expectationOf } from '../expectation.ts';
import { bodyOf, type RequestLimits } from '../request-body.ts';
import { resolveTarget } from '../request-target.ts';
import type { Http2Message } from './message.ts';

export interface StreamHead {
  readonly stream: ServerHttp2Stream;
  readonly message: Http2Message;
  /** The names and values of all fields, one after the other. */
  readonly raw: readonly string[];
  readonly socket: Socket;
}

/** What Node lets pass in a path, and its parser of HTTP/1.1 does not. */
const notInTarget = /[^\x21-\x7e]/;

/**
 * Gives the request, or the status with which to refuse it. `scheme` is that of the listener: clients are not believed.
 */
export function toHttpRequest(
  { stream, message, raw, socket }: StreamHead,
  scheme: 'http' | 'https',
  limits: RequestLimits,
): HttpRequest | number {
  const headers: [string, string][] = [];
  const pseudo = new Map<string, string>();
  const cookies: string[] = [];
  let host: string | undefined;
  let expect: string | undefined;
  let length: number | undefined;
  let bytes = 0;
  for (let at = 0; at < raw.length; at += 2) {
    const name = raw[at]!;
    const value = raw[at + 1]!;
    if (name.startsWith(':')) {
      pseudo.set(name, value);
      continue;
    }
    bytes += name.length + value.length;
    if (name === 'host') host = value;
    // Clients take cookies apart for better compression. RFC 9113, 8.2.3.
    else if (name === 'cookie') cookies.push(value);
    else if (name === 'expect') expect = expect === undefined ? value : `${expect},${value}`;
    if (name === 'content-length') length = Number(value);
    if (name !== 'host' && name !== 'cookie') headers.push([name, value]);
  }
  if (raw.length / 2 - pseudo.size > limits.headerCount || bytes > limits.headerBytes) return 431;
  if (length !== undefined && !Number.isSafeInteger(length)) return 413;
  const method = pseudo.get(':method') ?? '';
  // It has no path that could have a route.
  if (method === 'CONNECT') return 404;
  if (!/^https?$/i.test(pseudo.get(':scheme') ?? '')) return 400;
  const authority = pseudo.get(':authority') ?? host;
  if (host !== undefined && host.toLowerCase() !== authority?.toLowerCase()) return 400;
  const path = pseudo.get(':path') ?? '';
  if (notInTarget.test(path)) return 400;
  const target = resolveTarget({ url: path, method, httpVersionMinor: 1, socket }, authority, limits.targetBytes);
  if (typeof target === 'number') return target;
  const expected = expect === undefined ? 'nothing' : expectationOf(expect);
  if (expected === 'unknown') return 417;
  headers.unshift(['host', target.authority]);
  if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')]);
  const begin = expected === 'continue' ? () => sendContinue(stream) : undefined;
  const body = message.complete ? undefined : bodyOf(message, length, begin, limits);
  return { method, scheme, authority: target.authority, target: target.path, headers, body };
}

function sendContinue(stream: ServerHttp2Stream): void {
  if (!stream.headersSent && !stream.destroyed && !stream.closed) stream.additionalHeaders({ ':status': 100 });
}
