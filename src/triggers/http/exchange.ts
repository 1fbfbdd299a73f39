// One request and its answer, whichever version of HTTP they travel in: asks the dispatcher, sends what it says, and
// handles what goes wrong on the way.
import { messageOf } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { logEvent } from '../../telemetry/events.ts';
import type { Answer } from './answer.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import { emptyResponse } from './failure-response.ts';
import { type ResponseLimits, sendResponse } from './node-response.ts';
import type { RequestClient } from './request-client.ts';

export class Exchange {
  readonly #dispatcher: HttpDispatcher;
  readonly #limits: ResponseLimits;
  readonly #context: RequestClient;
  readonly #answer: Answer;
  #response: HttpResponse | undefined;

  constructor(dispatcher: HttpDispatcher, limits: ResponseLimits, context: RequestClient, answer: Answer) {
    this.#dispatcher = dispatcher;
    this.#limits = limits;
    this.#context = context;
    this.#answer = answer;
  }

  /** Answers a request, or one that is refused with a status. */
  serve(request: HttpRequest | number): void {
    if (typeof request === 'number') {
      this.#send(emptyResponse(request));
      return;
    }
    this.#dispatcher.handle(request, this.#context).then((response) => {
      this.#response = response;
      if (this.#context.gone) response.body?.cancel();
      else this.#send(response);
    });
  }

  /** Says that the answer's way to the client is closed: whoever still works on it is told. */
  closed(): void {
    if (this.#answer.isFinished) return;
    this.#context.abort();
    this.#response?.body?.cancel();
  }

  #send(response: HttpResponse): void {
    this.#answer.begin();
    try {
      sendResponse(this.#answer, response, this.#limits)?.catch((error) => this.#broke(error));
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
    logEvent(this.#dispatcher.log, 'response-broken', { method, path, err: error }, text);
    if (answer.headersSent) answer.breakOff();
    else sendResponse(answer, emptyResponse(500), this.#limits);
  }
}
