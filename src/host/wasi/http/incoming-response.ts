// wasi:http/types incoming-response and future-incoming-response: the answer to a guest's own request.
import type { HeldBytes } from '../../../component/types/host-byte-budget.ts';
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { HttpResponse } from '../../http-message.ts';
import { HostObject } from '../io/host-object.ts';
import { GuestPollable } from '../io/resources.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import { Fields } from './fields.ts';
import { HeldSource } from './held-source.ts';
import { IncomingBody } from './incoming-body.ts';
import { type HttpLimits, type HttpOwner, httpLimitsOf, overHeld } from './state.ts';

export class IncomingResponse extends HostObject {
  readonly owner: HttpOwner;
  readonly response: HttpResponse;
  readonly headers: Fields;
  #consumed = false;

  constructor(owner: HttpOwner, response: HttpResponse, headers: Fields) {
    super(owner);
    this.owner = owner;
    this.response = response;
    this.headers = headers;
  }

  consume(): Result<IncomingBody, undefined> {
    if (this.#consumed) return err(undefined);
    this.#consumed = true;
    return ok(new IncomingBody(this.owner, this.response.body));
  }

  protected close(): void {
    this.headers.release();
    if (!this.#consumed) this.response.body?.cancel();
  }
}

interface Arrived {
  readonly response: HttpResponse;
  readonly headers: Fields;
}

type Outcome = Result<Arrived, ErrorCode>;

export class FutureIncomingResponse extends HostObject {
  readonly owner: HttpOwner;
  readonly #abort: AbortController;
  readonly #inFlight: HeldBytes;
  readonly settled: Promise<void>;
  #outcome: Outcome | undefined;
  #taken = false;

  /** `inFlight` counts what the request takes of the account on its way. */
  constructor(owner: HttpOwner, sent: Promise<HttpResponse>, abort: AbortController, inFlight: HeldBytes) {
    super(owner);
    this.owner = owner;
    this.#abort = abort;
    this.#inFlight = inFlight;
    this.settled = sent.then(
      (response) => this.#arrived(response),
      (error) => this.#failed(error),
    );
  }

  get(): Result<Result<IncomingResponse, ErrorCode>, undefined> | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#taken) return err(undefined);
    this.#taken = true;
    if (this.#outcome.tag === 'err') return ok(this.#outcome);
    const { response, headers } = this.#outcome.val;
    return ok(ok(new IncomingResponse(this.owner, response, headers)));
  }

  ready(): boolean {
    return this.#outcome !== undefined;
  }

  protected close(): void {
    if (this.#outcome === undefined) this.#abort.abort();
    else if (!this.#taken && this.#outcome.tag === 'ok') letGo(this.#outcome.val);
  }

  #failed(error: unknown): void {
    this.#inFlight.release();
    this.#outcome = err(errorCodeOf(error));
  }

  #arrived(response: HttpResponse): void {
    const arrived = received(response, httpLimitsOf(this.owner), this.#inFlight);
    if (arrived === undefined) this.#failed(overHeld(httpLimitsOf(this.owner)));
    else {
      if (this.released) letGo(arrived);
      this.#outcome = ok(arrived);
    }
  }
}

function letGo({ response, headers }: Arrived): void {
  response.body?.cancel();
  headers.release();
}

/**
 * Makes the response and counts what has come; `inFlight` is released with the body. Undefined, with the body
 * cancelled, when there is no room.
 */
export function received(response: HttpResponse, limits: HttpLimits, inFlight: HeldBytes): Arrived | undefined {
  const { body } = response;
  if (body === undefined) inFlight.release();
  const headers = Fields.received(response.headers, limits);
  if (headers === undefined || (body && !inFlight.trySet(inFlight.bytes + limits.bufferedBytes))) {
    headers?.release();
    inFlight.release();
    body?.cancel();
    return undefined;
  }
  return { headers, response: body ? { ...response, body: new HeldSource(body, inFlight) } : response };
}

export function responseStatus(_owner: HttpOwner, self: IncomingResponse): number {
  return self.response.status;
}

export function responseHeaders(_owner: HttpOwner, self: IncomingResponse): Fields {
  return self.headers.share();
}

export function consumeResponse(_owner: HttpOwner, self: IncomingResponse): Result<IncomingBody, undefined> {
  return self.consume();
}

export function subscribeResponse(owner: HttpOwner, self: FutureIncomingResponse): GuestPollable {
  return new GuestPollable(owner, { ready: () => self.ready(), wait: () => self.settled }, self);
}

export function getResponse(_owner: HttpOwner, self: FutureIncomingResponse): ReturnType<typeof self.get> {
  return self.get();
}
