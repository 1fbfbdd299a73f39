// Makes our request of node:http's: its head and body. A request that does not name its target beyond doubt is refused,
// and so is one whose body has a framing that we do not understand.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { HttpRequest } from '../../host/http-message.ts';
import type { Connection } from './connection.ts';
import { expectationOf, itemsOf } from './expectation.ts';
import { bodyOf, type RequestLimits } from './request-body.ts';
import { resolveTarget } from './request-target.ts';

/**
 * Gives the request, or the status with which to refuse it. `scheme` is that of the listener: clients are not believed.
 * `res` is undefined for a request that gets no answer of HTTP.
 */
export function toHttpRequest(
  req: IncomingMessage,
  res: ServerResponse | undefined,
  connection: Connection,
  scheme: 'http' | 'https',
  limits: RequestLimits,
): HttpRequest | number {
  const { rawHeaders, httpVersionMajor, httpVersionMinor } = req;
  if (httpVersionMajor !== 1) return 400;
  if (rawHeaders.length > limits.headerCount * 2) return 431;
  const headers: [string, string][] = [];
  let host: string | undefined;
  let coding: string | undefined;
  let expect: string | undefined;
  let length: number | undefined;
  let upgrades = false;
  let bytes = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const value = rawHeaders[at + 1]!;
    bytes += name.length + value.length;
    if (name === 'host') {
      if (host !== undefined) return 400;
      host = value;
    } else if (name === 'content-length') length = Number(value);
    else if (name === 'transfer-encoding') coding = coding === undefined ? value : `${coding},${value}`;
    else if (name === 'expect') expect = expect === undefined ? value : `${expect},${value}`;
    else if (name === 'upgrade') upgrades = true;
    headers.push([name, value]);
  }
  if (bytes > limits.headerBytes) return 431;
  if (length !== undefined && !Number.isSafeInteger(length)) return 413;
  if (coding !== undefined) {
    // In HTTP/1.0 a transfer coding is faulty framing, whatever it says (RFC 9112, 6.1).
    const refusal = httpVersionMinor === 0 ? 400 : refusalOf(coding);
    if (refusal !== undefined) return refusal;
  }
  // A client of HTTP/1.0 does not know what the status 100 means.
  const expected = expect === undefined || httpVersionMinor === 0 ? 'nothing' : expectationOf(expect);
  if (expected === 'unknown') return 417;
  const target = resolveTarget(req, host, limits.targetBytes);
  if (typeof target === 'number') return target;
  if (target.overrides) replaceHost(headers, target.authority);
  const hasBody = coding !== undefined || (length !== undefined && length > 0);
  const waits = expected === 'continue';
  const begin = waits && hasBody && res ? holdContinue(res) : undefined;
  const body = hasBody ? bodyOf(req, length, begin, limits) : undefined;
  // The connection closes after this request: Node's parser drops the bytes behind a request that asks for another
  // protocol, and Node closes after one that was to be told to continue and was not.
  if (upgrades || (waits && !hasBody)) connection.closing = true;
  return { method: req.method ?? 'GET', scheme, authority: target.authority, target: target.path, headers, body };
}

/**
 * The status with which to refuse a transfer coding. `chunked` is the one coding that we know (501 for others), and has
 * to be the last: otherwise nobody could tell where the body ends (400). Empty elements of a list mean nothing. RFC
 * 9112, 6.1 and 6.3.
 */
function refusalOf(coding: string): number | undefined {
  if (coding === 'chunked') return undefined;
  const codings = itemsOf(coding);
  if (codings.at(-1) !== 'chunked') return 400;
  return codings.length === 1 ? undefined : 501;
}

/** Replaces the header's host by that of the target, as RFC 9112, 3.2.2 demands. */
function replaceHost(headers: [string, string][], authority: string): void {
  const header = headers.find(([name]) => name === 'host');
  if (header) header[1] = authority;
}

/**
 * Holds `100 Continue` back until the guest reads, for a client that waits for it. If the guest never reads, the
 * connection has to close after the answer: nobody knows whether the body will still be sent.
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
