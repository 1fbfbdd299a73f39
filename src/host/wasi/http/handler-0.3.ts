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
  readonly #isHead: boolean;
  #given: Result<Response, ErrorCode> | undefined;
  readonly #outcome = Promise.withResolvers<HttpResponse>();

  readonly #owner: HttpOwner;

  constructor(owner: HttpOwner, request: HttpRequest) {
    this.#owner = owner;
    this.params = [Request.incoming(owner, request)];
    this.#isHead = request.method === 'HEAD';
    // Whoever asks for the response is told; an unheard rejection must not end the process.
    this.#outcome.promise.catch(() => undefined);
  }

  /** Resolves when the guest returns a response; rejects when it returns an error, or ends without returning. */
  get response(): Promise<HttpResponse> {
    return this.#outcome.promise;
  }

  /** Called with the guest's result; whether the guest then gets to its next stop is not known yet. */
  gave(result: unknown): void {
    this.#given = result as Result<Response, ErrorCode>;
  }

  returned(result: unknown): void {
    const { tag, val } = result as Result<Response, ErrorCode>;
    this.#given = undefined;
    if (tag === 'ok') this.#outcome.resolve(val.toHttpResponse());
    else {
      httpLimitsOf(this.#owner).held?.add(bytesOfError(val));
      this.#outcome.reject(httpErrorOf(val));
    }
  }

  /** Called at the guest's end. An answer that was whole when the guest failed counts all the same. */
  end({ error }: { readonly error: Error | undefined }): void {
    if (this.#given?.tag === 'ok' && isWhole(this.#given.val, this.#isHead)) this.returned(this.#given);
    this.#outcome.reject(error ?? new HttpError('HTTP-response-incomplete', 'the guest ended without a response'));
    this.params[0].contents.drop();
  }
}

/** Whether nothing of the response is missing but what a client does not get anyway. */
function isWhole({ status, contents }: Response, isHead: boolean): boolean {
  return isHead || status === 204 || status === 304 || contents.isWhole;
}
