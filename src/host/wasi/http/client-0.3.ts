// wasi:http/client@0.3: sends a request and gives the response as soon as its head is there.
import type { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import { HttpError, type HttpResponse } from '../../http-message.ts';
import { HostObject } from '../io/host-object.ts';
import { GuestContents } from './contents.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import { received } from './incoming-response.ts';
import { holdInFlight } from './outgoing-handler.ts';
import type { Request } from './request-0.3.ts';
import { Response } from './response-0.3.ts';
import { type HttpOwner, httpLimitsOf, overHeld } from './state.ts';

type Sent = Result<Response, ErrorCode>;

/** A request that waits for its answer: the end of the guest's own request ends it, too. */
class Sending extends HostObject {
  readonly #abort = new AbortController();

  get signal(): AbortSignal {
    return this.#abort.signal;
  }
  protected close(): void {
    this.#abort.abort();
  }
}

/** Sends a request. The promise's `cancel` is for tasks that wait no more. */
export function send(owner: HttpOwner, request: Request): Promise<Sent> & { cancel(): void } {
  const sending = new Sending(owner);
  return Object.assign(run(owner, request, sending), { cancel: () => sending.release() });
}

async function run(owner: HttpOwner, request: Request, sending: Sending): Promise<Sent> {
  const { contents } = request;
  let inFlight: HeldBytes | undefined;
  try {
    inFlight = holdInFlight(owner, request.headBytes, contents instanceof GuestContents && contents.hasBody);
    const response = await transmit(owner, request, sending.signal);
    if (sending.released) response.body?.cancel();
    const arrived = received(response, httpLimitsOf(owner), inFlight);
    if (arrived === undefined) throw overHeld(httpLimitsOf(owner));
    settle(request, ok());
    return ok(Response.received(owner, arrived.response, arrived.headers));
  } catch (error) {
    inFlight?.release();
    const code = errorCodeOf(error);
    settle(request, err(code));
    request.contents.drop();
    return err(code);
  } finally {
    sending.release();
  }
}

/** Tells the guest how sending went; a body tells by itself when it has gone out. */
function settle({ contents }: Request, result: Result<undefined, ErrorCode>): void {
  if (!(contents instanceof GuestContents)) return;
  if (result.tag === 'err' || !contents.hasBody) contents.settle(result);
}

async function transmit(owner: HttpOwner, request: Request, signal: AbortSignal): Promise<HttpResponse> {
  const { sendRequest } = owner.configured;
  const head = request.toHttpRequest();
  request.releaseHead();
  if (head.tag === 'err') throw new HttpError(head.val.tag, head.val.tag, head.val.val);
  if (sendRequest === undefined) throw new HttpError('HTTP-request-denied', 'outbound HTTP is not available here');
  const options = { ...request.options?.toSendOptions(), signal, refusals: owner.refusals };
  const hops = (owner.hops ?? 0) + 1;
  const { contents } = request;
  const body = contents.source();
  const sent = sendRequest({ ...head.val, body, hops, propagation: owner.propagation }, options);
  return body === undefined && contents instanceof GuestContents ? Promise.race([sent, contents.failed()]) : sent;
}
