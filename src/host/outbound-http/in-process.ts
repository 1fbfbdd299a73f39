// Sends requests that stay in the process: to another component, or to the app itself. Time limits and the end of a
// body mean what they mean on a connection.
import { type ByteSource, HttpError, type HttpRequest, type HttpResponse, type SendOptions } from '../http-message.ts';
import { type Chunk, RelayedBody } from '../relayed-body.ts';

export type Route = (request: HttpRequest, signal: AbortSignal | undefined) => Promise<HttpResponse>;

/**
 * Sends a request along `route`. The caller's signal ends the wait for the answer; after that, cancelling the body ends
 * the component that sends it.
 */
export async function inProcess(route: Route, request: HttpRequest, options: SendOptions): Promise<HttpResponse> {
  const caller = new AbortController();
  const { promise: left, reject: leave } = Promise.withResolvers<never>();
  const stop = (error: HttpError): void => {
    leave(error);
    caller.abort();
  };
  const abandon = (): void => stop(new HttpError('connection-terminated', 'the request was abandoned'));
  const timer = firstByteTimer(options, stop);
  options.signal?.addEventListener('abort', abandon);
  left.catch(() => undefined);
  try {
    if (options.signal?.aborted) abandon();
    const answer = route(request, caller.signal);
    // An answer that comes too late has nobody to read it.
    answer.then((response) => caller.signal.aborted && response.body?.cancel()).catch(() => undefined);
    const response = await Promise.race([answer, left]);
    if (caller.signal.aborted) return await left;
    return { ...response, body: bodyOf(request, response, caller, options) };
  } finally {
    clearTimeout(timer);
    options.signal?.removeEventListener('abort', abandon);
  }
}

/**
 * The body of an answer. On a connection there is none after these methods and statuses, whatever the other side sends.
 */
function bodyOf(
  { method }: HttpRequest,
  { status, body }: HttpResponse,
  caller: AbortController,
  options: SendOptions,
): ByteSource | undefined {
  if (body === undefined) return undefined;
  if (method !== 'HEAD' && status !== 204 && status !== 304) return new ChainedBody(body, caller, options);
  body.cancel();
  return undefined;
}

function firstByteTimer(
  { firstByteTimeoutMs: ms }: SendOptions,
  stop: (error: HttpError) => void,
): NodeJS.Timeout | undefined {
  if (ms === undefined) return undefined;
  return setTimeout(() => stop(new HttpError('connection-read-timeout', `no response came within ${ms} ms`)), ms);
}

class ChainedBody extends RelayedBody {
  readonly #caller: AbortController;
  readonly #idleMs: number | undefined;
  #ended = false;

  constructor(source: ByteSource, caller: AbortController, { betweenBytesTimeoutMs }: SendOptions) {
    super(source);
    this.#caller = caller;
    this.#idleMs = betweenBytesTimeoutMs;
  }

  override read(): Chunk | Promise<Chunk> {
    const chunk = super.read();
    return chunk instanceof Promise ? this.#timed(chunk) : chunk;
  }

  protected override passed(chunk: Chunk): Chunk {
    if (chunk === undefined) this.#ended = true;
    return chunk;
  }

  override cancel(reason?: unknown): void {
    super.cancel(reason);
    if (!this.#ended) this.#caller.abort();
  }

  #timed(chunk: Promise<Chunk>): Promise<Chunk> {
    const ms = this.#idleMs;
    if (ms === undefined) return chunk;
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const error = new HttpError('connection-read-timeout', `no bytes came for ${ms} ms`);
        reject(error);
        this.cancel(error);
      }, ms);
      chunk.then(resolve, reject).finally(() => clearTimeout(timer));
    });
  }
}
