// The host's side of wasi:http/handler@0.3: a request goes in as a parameter, the response comes back as the result, and
// the bodies of both go on while the guest's task does.
import type { Result } from '../../../component/types/val-type.ts';
import { HttpError, type HttpRequest, type HttpResponse } from '../../http-message.ts';
import { bytesOfError, type ErrorCode, httpErrorOf } from './error-code.ts';
import { Request } from './request-0.3.ts';
import type { Response } from './response-0.3.ts';
import { type HttpOwner, httpLimitsOf } from './state.ts';

export class HandlerExchange {
  readonly params: readonly [Request];
  readonly #outcome = Promise.withResolvers<HttpResponse>();

  readonly #owner: HttpOwner;

  constructor(owner: HttpOwner, request: HttpRequest) {
    this.#owner = owner;
    this.params = [Request.incoming(owner, request)];
    // Whoever asks for the response hears of it.
    this.#outcome.promise.catch(() => undefined);
  }

  /** Resolves when the guest returns a response; rejects when it returns an error, or ends without returning. */
  get response(): Promise<HttpResponse> {
    return this.#outcome.promise;
  }

  returned(result: unknown): void {
    const { tag, val } = result as Result<Response, ErrorCode>;
    if (tag === 'ok') this.#outcome.resolve(val.toHttpResponse());
    else {
      httpLimitsOf(this.#owner).held?.add(bytesOfError(val));
      this.#outcome.reject(httpErrorOf(val));
    }
  }

  end({ error }: { readonly error: Error | undefined }): void {
    this.#outcome.reject(error ?? new HttpError('HTTP-response-incomplete', 'the guest ended without a response'));
    this.params[0].contents.drop();
  }
}
