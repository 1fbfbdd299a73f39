// wasi:http/types incoming-response and future-incoming-response: the answer to a guest's own request.
import { err, ok, type Result } from '../../../component/types/val-type.ts';
import type { HttpResponse } from '../../http-message.ts';
import { resource } from '../../service.ts';
import { HostObject } from '../io/host-object.ts';
import { GuestPollable } from '../io/resources.ts';
import { type ErrorCode, errorCodeOf } from './error-code.ts';
import { Fields } from './fields.ts';
import { IncomingBody } from './incoming-body.ts';
import type { HttpOwner } from './state.ts';

export class IncomingResponse extends HostObject {
  readonly owner: HttpOwner;
  readonly response: HttpResponse;
  #headers: Fields | undefined;
  #consumed = false;

  constructor(owner: HttpOwner, response: HttpResponse) {
    super(owner);
    this.owner = owner;
    this.response = response;
  }

  get headers(): Fields {
    this.#headers ??= Fields.incoming(this.response.headers);
    return this.#headers;
  }

  consume(): Result<IncomingBody, undefined> {
    if (this.#consumed) return err(undefined);
    this.#consumed = true;
    return ok(new IncomingBody(this.owner, this.response.body));
  }

  protected close(): void {
    if (!this.#consumed) this.response.body?.cancel();
  }
}

type Outcome = Result<HttpResponse, ErrorCode>;

export class FutureIncomingResponse extends HostObject {
  readonly owner: HttpOwner;
  readonly #abort: AbortController;
  readonly settled: Promise<void>;
  #outcome: Outcome | undefined;
  #taken = false;

  constructor(owner: HttpOwner, sent: Promise<HttpResponse>, abort: AbortController) {
    super(owner);
    this.owner = owner;
    this.#abort = abort;
    this.settled = sent.then(
      (response) => this.#arrived(response),
      (error) => {
        this.#outcome = err(errorCodeOf(error));
      },
    );
  }

  get(): Result<Result<IncomingResponse, ErrorCode>, undefined> | undefined {
    if (this.#outcome === undefined) return undefined;
    if (this.#taken) return err(undefined);
    this.#taken = true;
    if (this.#outcome.tag === 'err') return ok(this.#outcome);
    return ok(ok(new IncomingResponse(this.owner, this.#outcome.val)));
  }

  ready(): boolean {
    return this.#outcome !== undefined;
  }

  protected close(): void {
    if (this.#outcome === undefined) this.#abort.abort();
    else if (!this.#taken && this.#outcome.tag === 'ok') this.#outcome.val.body?.cancel();
  }

  #arrived(response: HttpResponse): void {
    if (this.released) response.body?.cancel();
    this.#outcome = ok(response);
  }
}

export const incomingResponseResources = [
  resource('incoming-response', (_: HttpOwner, response: IncomingResponse) => response.drop()),
  resource('future-incoming-response', (_: HttpOwner, future: FutureIncomingResponse) => future.drop()),
];

export const incomingResponseFunctions = {
  '[method]incoming-response.status': (_: HttpOwner, self: IncomingResponse) => self.response.status,
  '[method]incoming-response.headers': (_: HttpOwner, self: IncomingResponse) => self.headers,
  '[method]incoming-response.consume': (_: HttpOwner, self: IncomingResponse) => self.consume(),
  '[method]future-incoming-response.subscribe': (owner: HttpOwner, self: FutureIncomingResponse) =>
    new GuestPollable(owner, { ready: () => self.ready(), wait: () => self.settled }, self),
  '[method]future-incoming-response.get': (_: HttpOwner, self: FutureIncomingResponse) => self.get(),
};
