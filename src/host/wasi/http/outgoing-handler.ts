// wasi:http/outgoing-handler: turns what a guest built into a request, and hands it to whoever may send it.
import { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '../../http-message.ts';
import type { ErrorCode } from './error-code.ts';
import { FutureIncomingResponse } from './incoming-response.ts';
import { methodToText, schemeToText, targetAuthority } from './message-line.ts';
import type { OutgoingRequest } from './outgoing-request.ts';
import type { RequestOptions } from './request-options.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

/** Makes the request to send. Without a scheme it is https, as in Wasmtime. */
function toHttpRequest(request: OutgoingRequest): Result<HttpRequest, ErrorCode> {
  const refused = request.refusal;
  if (refused !== undefined) return err(refused);
  const method = methodToText(request.method);
  if (method === undefined) return err({ tag: 'HTTP-request-method-invalid' });
  const scheme = request.scheme === undefined ? 'https' : schemeToText(request.scheme);
  if (scheme === undefined) return err({ tag: 'HTTP-protocol-error' });
  const authority = targetAuthority(request.authority);
  if (authority.tag === 'err') return authority;
  if (request.path === undefined) return err({ tag: 'HTTP-request-URI-invalid' });
  return ok({
    method,
    scheme,
    authority: authority.val,
    target: targetOf(request.path),
    headers: request.headers.list,
    body: request.body?.source(),
  });
}

function targetOf(path: string): string {
  return path === '' || path.startsWith('?') ? `/${path}` : path;
}

export function handle(
  owner: HttpOwner,
  outgoing: OutgoingRequest,
  options: RequestOptions | undefined,
): Result<FutureIncomingResponse, ErrorCode> {
  const request = toHttpRequest(outgoing);
  const inFlight = holdInFlight(owner, outgoing.headBytes, outgoing.body !== undefined);
  outgoing.releaseHead();
  if (request.tag === 'err') {
    inFlight.release();
    outgoing.body?.source().cancel();
    return request;
  }
  const abort = new AbortController();
  const hops = (owner.hops ?? 0) + 1;
  const { refusals, propagation } = owner;
  const given = { ...options?.toSendOptions(), signal: abort.signal, refusals };
  const sent = send(owner, { ...request.val, hops, propagation }, given);
  return ok(new FutureIncomingResponse(owner, sent, abort, inFlight));
}

/** Counts a request on its way, which keeps its head, and a piece of its body. */
export function holdInFlight(owner: HttpOwner, headBytes: number, hasBody: boolean): HeldBytes {
  const { held, bufferedBytes } = httpLimitsOf(owner);
  const inFlight = new HeldBytes(held);
  inFlight.set(headBytes + (hasBody ? bufferedBytes : 0));
  return inFlight;
}

async function send(owner: HttpOwner, request: HttpRequest, options: object): Promise<HttpResponse> {
  const { sendRequest } = owner.configured;
  if (sendRequest === undefined) throw new HttpError('HTTP-request-denied', 'outbound HTTP is not available here');
  return sendRequest(request, options);
}
