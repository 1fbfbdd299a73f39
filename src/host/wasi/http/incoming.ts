// The host's side of wasi:http/incoming-handler: a request goes in, a response comes out. Both are kept apart from the
// guest's life: the answer is there as soon as the guest sets it, and its body ends or breaks with the guest.
import { err, type Result } from '../../../component/types/val-type.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '../../http-message.ts';
import { bytesOfError, type ErrorCode, httpErrorOf } from './error-code.ts';
import { IncomingRequest } from './incoming-request.ts';
import type { OutgoingBody } from './outgoing-body.ts';
import type { OutgoingResponse } from './outgoing-response.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

/** wasi:http/types response-outparam. */
export interface ResponseOutparam {
  set(response: Result<OutgoingResponse, ErrorCode>): void;
}

export class Exchange implements ResponseOutparam {
  readonly requestResource: IncomingRequest;
  /** The answer, as soon as the guest has set it; undefined for a failure. */
  settled: HttpResponse | undefined;
  #failure: unknown;
  #body: OutgoingBody | undefined;
  #waiting: PromiseWithResolvers<HttpResponse> | undefined;
  #ended = false;

  readonly #owner: HttpOwner | undefined;

  constructor(request: HttpRequest, owner?: HttpOwner) {
    this.#owner = owner;
    this.requestResource = new IncomingRequest(request);
  }

  get outparamResource(): ResponseOutparam {
    return this;
  }

  /** Resolves when the guest calls `response-outparam.set`; rejects when it sets an error, or ends without a word. */
  get response(): Promise<HttpResponse> {
    if (this.settled !== undefined) return Promise.resolve(this.settled);
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    this.#waiting ??= Promise.withResolvers();
    return this.#waiting.promise;
  }

  set(response: Result<OutgoingResponse, ErrorCode>): void {
    if (this.settled !== undefined || this.#failure !== undefined) return;
    if (response.tag === 'ok') this.#answer(response.val);
    else {
      if (this.#owner) httpLimitsOf(this.#owner).held?.add(bytesOfError(response.val));
      this.#fail(httpErrorOf(response.val));
    }
  }

  #answer({ status, headers, body }: OutgoingResponse): void {
    this.#body = body;
    this.settled = { status, headers: headers.list, body: body?.source() };
    this.#waiting?.resolve(this.settled);
  }

  /**
   * Says that the guest's `handle` has returned, or thrown `error`. Without an answer, `response` rejects; a body that
   * was not finished breaks, and the rest of the request's body is given up. Idempotent.
   */
  end(error?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.settled === undefined) this.#fail(error ?? noAnswer());
    else this.#body?.release();
    this.requestResource.request.body?.cancel(error);
  }

  #fail(error: unknown): void {
    if (this.settled !== undefined || this.#failure !== undefined) return;
    this.#failure = error;
    this.#waiting?.reject(error);
  }
}

function noAnswer(): HttpError {
  return new HttpError('HTTP-response-incomplete', 'the guest returned without calling response-outparam.set');
}

export function beginExchange(owner: HttpOwner, request: HttpRequest): Exchange {
  return new Exchange(request, owner);
}

const noInformational = err<ErrorCode>({
  tag: 'internal-error',
  val: 'Mayfly does not send informational responses',
});

export function sendInformational(): Result<undefined, ErrorCode> {
  return noInformational;
}

export function setResponse(
  _owner: HttpOwner,
  self: ResponseOutparam,
  response: Result<OutgoingResponse, ErrorCode>,
): void {
  self.set(response);
}
