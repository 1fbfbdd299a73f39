// One request that is recorded: from the time when it comes to a component until its guest has ended and its answer is out.

import { MayflyError, messageOf } from '../errors.ts';
import { type ByteSource, HttpError, type HttpRequest, type HttpResponse } from '../host/http-message.ts';
import type { Outcome } from '../sandbox/request-context.ts';
import { BodyRecord, WatchedBody } from './body.ts';
import type { EndLine, EventLine, Head, HeaderEntry, RecordedRequest, ResponseLine } from './format.ts';
import { render } from './rendered.ts';
import { isSensitive, Secrets } from './secrets.ts';
import { headerLines, type Tape } from './tape.ts';

/** A recording as it is written, a line for each. */
export type Lines = readonly (Head | EventLine | ResponseLine | EndLine)[];

export interface RequestFacts {
  readonly request: HttpRequest;
  /** All of the first line but the request. */
  readonly head: Omit<Head, 'request'>;
  /** Whether the guest gets the body as one value, which then is no call of the guest. */
  readonly keepsBody: boolean;
  /** What the component did before its requests. */
  readonly start: Tape | undefined;
  readonly tape: Tape;
  /** Values that must not be written. */
  readonly secrets: readonly string[];
  /** Whether the response has a header with times. */
  readonly serverTiming: boolean;
}

export interface Finished {
  /** Undefined where the guest was never started. */
  readonly lines: (() => Lines) | undefined;
  readonly isFailure: boolean;
  /** Why there is nothing to write, in words. */
  readonly flaw: string | undefined;
}

export class RecordedCall {
  readonly tape: Tape;
  readonly #facts: RequestFacts;
  readonly #done: (finished: Finished) => void;
  readonly #secrets: Secrets;
  readonly #requestBody: Uint8Array[] = [];
  readonly #body: BodyRecord;
  #response: ResponseLine['response'] | undefined;
  /** Whether the guest's end was told, and what it was. */
  #outcome: Outcome | undefined;
  #hasEnded = false;
  #isBegun = false;
  #isTold = false;
  #broke = false;

  constructor(facts: RequestFacts, done: (finished: Finished) => void) {
    this.#facts = facts;
    this.tape = facts.tape;
    this.#done = done;
    this.#secrets = new Secrets(facts.secrets);
    for (const [name, value] of facts.request.headers) {
      if (isSensitive(name)) this.#secrets.addField(Buffer.from(value, 'latin1'));
    }
    this.#body = new BodyRecord(this.#secrets);
  }

  /** The request as the handler gets it. */
  get request(): HttpRequest {
    const { request, keepsBody } = this.#facts;
    const { body } = request;
    if (!body || !keepsBody) return { ...request };
    const keep = (piece: Uint8Array): void => {
      this.tape.hold(piece.length);
      if (this.tape.flaw === undefined) this.#requestBody.push(piece.slice());
    };
    return { ...request, body: new WatchedBody(body, keep, () => {}) };
  }

  /** Says that a guest will be called, which ends some time. */
  begin(): void {
    this.#isBegun = true;
  }

  guestEnded(outcome: Outcome | undefined): void {
    this.#hasEnded = true;
    this.#outcome = outcome;
    this.#tell();
  }

  failed(error: unknown): void {
    this.#answer({ error: { code: codeOf(error), message: messageOf(error) } });
  }

  responded(response: HttpResponse): HttpResponse {
    const { status, headers: all, body } = response;
    const headers = this.#facts.serverTiming ? all.slice(0, -1) : all;
    if (!body) {
      this.#answer({ status, headers });
      return response;
    }
    const end = (source: ByteSource, how: { readonly whole: boolean; readonly error?: unknown }): void => {
      this.#broke = how.error !== undefined;
      const answer = (trailers: readonly HeaderEntry[] | undefined): void => {
        this.#answer({ status, headers, body: this.#body.end(how.whole), ...(trailers && { trailers }) });
      };
      const trailers = how.whole ? source.trailers?.() : undefined;
      if (trailers instanceof Promise) trailers.then(answer, () => answer(undefined));
      else answer(trailers);
    };
    const watched = new WatchedBody(
      body,
      (piece) => this.tape.hold(this.#body.add(piece)),
      (how) => end(body, how),
    );
    return { status, headers: all, body: watched };
  }

  #answer(response: ResponseLine['response']): void {
    this.#response = response;
    this.#tell();
  }

  #tell(): void {
    const response = this.#response;
    if (!response || this.#isTold || (this.#isBegun && !this.#hasEnded)) return;
    this.#isTold = true;
    const outcome = this.#outcome;
    const { status = 500 } = response;
    this.#done({
      lines: outcome && (() => this.#lines(response, outcome)),
      isFailure: status >= 500 || this.#broke || outcome?.error !== undefined,
      flaw: this.tape.flaw ?? this.#facts.start?.flaw,
    });
  }

  #lines({ headers, trailers, error, ...response }: ResponseLine['response'], outcome: Outcome): Lines {
    const { tape } = this;
    const { head, start } = this.#facts;
    const secrets = this.#secrets;
    tape.findSecrets(secrets);
    const failure = outcome.error;
    return [
      { ...head, request: this.#request() },
      ...(start?.lines(secrets, true) ?? []),
      ...tape.lines(secrets),
      {
        response: {
          ...(response.status !== undefined && { status: response.status }),
          ...(headers && { headers: headerLines(headers, secrets) }),
          ...(response.body && { body: response.body }),
          ...(trailers && { trailers: headerLines(trailers, secrets) }),
          ...(error && { error: { ...error, message: secrets.text(error.message) } }),
        },
      },
      {
        end: {
          calls: tape.calls,
          exitCode: outcome.exitCode,
          ...(failure && { error: { code: codeOf(failure), message: secrets.text(failure.message) } }),
        },
      },
    ];
  }

  #request(): RecordedRequest {
    const { method, scheme, authority, target, headers } = this.#facts.request;
    const secrets = this.#secrets;
    const body = new Uint8Array(Buffer.concat(this.#requestBody));
    return {
      method,
      scheme,
      authority,
      target: secrets.text(target),
      headers: headerLines(headers, secrets),
      ...(this.#facts.keepsBody && { body: render(body, { secrets, compared: false }) }),
    };
  }
}

/** The code of an error of Mayfly or of HTTP. */
export function codeOf(error: unknown): string {
  return error instanceof MayflyError || error instanceof HttpError ? error.code : 'internal';
}
