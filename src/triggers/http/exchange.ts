// One request and its answer, whichever version of HTTP they travel in: asks the dispatcher, sends what it says, and
// handles what goes wrong on the way.
import { messageOf } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Answer } from './answer.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import { emptyResponse } from './failure-response.ts';
import { type ResponseLimits, sendResponse } from './node-response.ts';
import type { Peer } from './peer.ts';
import type { Identified } from './proxies/identify.ts';
import type { RequestClient } from './request-client.ts';

/** What serves requests, for all of a server's connections. */
export interface Serving {
  readonly dispatcher: HttpDispatcher;
  readonly limits: ResponseLimits;
  /** Says who sent a request, by what proxies say; without it the other side of the connection is the client. */
  readonly identify?: ((request: HttpRequest, peer: Peer) => Identified | number) | undefined;
}

export class Exchange {
  readonly #serving: Serving;
  readonly #client: RequestClient;
  readonly #answer: Answer;
  #response: HttpResponse | undefined;

  constructor(serving: Serving, client: RequestClient, answer: Answer) {
    this.#serving = serving;
    this.#client = client;
    this.#answer = answer;
  }

  /** Answers a request, or one that is refused with a status. */
  serve(request: HttpRequest | number): void {
    const { identify } = this.#serving;
    if (typeof request === 'number') this.#send(emptyResponse(request));
    else if (identify) this.#serveIdentified(request, identify(request, this.#client.peer));
    else this.#dispatch(request);
  }

  /** Says that the answer's way to the client is closed: whoever still works on it is told. */
  closed(): void {
    if (this.#answer.isFinished) return;
    this.#client.abort();
    this.#response?.body?.cancel();
  }

  #serveIdentified({ body }: HttpRequest, identified: Identified | number): void {
    if (typeof identified === 'number') {
      body?.cancel();
      this.#send(emptyResponse(identified));
      return;
    }
    this.#client.clientAddress = identified.address;
    this.#dispatch(identified.request);
  }

  #dispatch(request: HttpRequest): void {
    this.#serving.dispatcher.handle(request, this.#client).then((response) => {
      this.#response = response;
      if (this.#client.gone) response.body?.cancel();
      else this.#send(response);
    });
  }

  #send(response: HttpResponse): void {
    this.#answer.begin();
    try {
      sendResponse(this.#answer, response, this.#serving.limits)?.catch((error) => this.#broke(error));
    } catch (error) {
      this.#broke(error);
    }
  }

  /** Called when a body failed, or a head cannot be sent. */
  #broke(error: unknown): void {
    const answer = this.#answer;
    if (answer.destroyed) return;
    const { method } = answer;
    const path = answer.target.split('?', 1)[0];
    const text = `Response to ${method} ${path} broke off: ${messageOf(error)}`;
    logEvent(this.#serving.dispatcher.log, 'response-broken', { method, path, err: error }, text);
    if (answer.headersSent) answer.breakOff();
    else sendResponse(answer, emptyResponse(500), this.#serving.limits);
  }
}
