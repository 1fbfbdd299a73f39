// The HTTP trigger without a socket: takes a standard Request and gives a standard Response, with bodies streamed both
// ways.
import type { ByteSource, HttpRequest, HttpResponse } from '../../host/http-message.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import { hasNoBody } from './response-rules.ts';

export interface FetchOptions {
  /** The client's address for the header `spin-client-addr`. */
  readonly clientAddress?: string | undefined;
}

/** Answers a request. Rejects only when the request's own signal was aborted, with its reason. */
export async function fetchFrom(
  dispatcher: HttpDispatcher,
  request: Request,
  options: FetchOptions = {},
): Promise<Response> {
  const context = {
    clientAddress: options.clientAddress ?? '0.0.0.0:0',
    get signal() {
      return request.signal;
    },
  };
  request.signal.throwIfAborted();
  const response = await dispatcher.handle(fromStandard(request), context);
  if (request.signal.aborted) response.body?.cancel(request.signal.reason);
  request.signal.throwIfAborted();
  return toStandard(response, request.method);
}

function fromStandard(request: Request): HttpRequest {
  const url = new URL(request.url);
  const headers: [string, string][] = [['host', url.host]];
  for (const [name, value] of request.headers) if (name !== 'host') headers.push([name, value]);
  return {
    method: request.method,
    scheme: url.protocol === 'https:' ? 'https' : 'http',
    authority: url.host,
    target: url.pathname + url.search,
    headers,
    body: request.body === null ? undefined : fromStream(request.body, lengthOf(request.headers)),
  };
}

function lengthOf(headers: Headers): number | undefined {
  const text = headers.get('content-length');
  return text !== null && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}

function fromStream(stream: ReadableStream<Uint8Array>, length: number | undefined): ByteSource {
  const reader = stream.getReader();
  const read = async (): Promise<Uint8Array | undefined> => {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return undefined;
      if (value.length > 0) return value;
    }
  };
  return {
    length,
    read,
    cancel(reason) {
      reader.cancel(reason).catch(() => {});
    },
  };
}

function toStandard({ status, headers, body }: HttpResponse, method: string): Response {
  const init = { status, headers: headers as [string, string][] };
  if (body !== undefined && !hasNoBody(method, status)) return new Response(toStream(body), init);
  body?.cancel();
  return new Response(null, init);
}

function toStream(body: ByteSource): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const chunk = await body.read();
        if (chunk !== undefined) {
          controller.enqueue(chunk);
          return;
        }
        // Trailers have no place in a Response, but a guest of WASI 0.3 waits until somebody has read them.
        await body.trailers?.();
        controller.close();
      },
      cancel: (reason) => body.cancel(reason),
    },
    { highWaterMark: 0 },
  );
}
