// Answers requests with `handle-request` of fermyon:spin/inbound-http, Spin's interface of 2023. A request goes in with
// its whole body as one value, and the response comes back as one.
import { HostByteBudget } from '../../component/types/host-byte-budget.ts';
import { MayflyError } from '../../errors.ts';
import { readAll } from '../../host/bytes-body.ts';
import { textOfValue } from '../../host/field-text.ts';
import { type HeaderList, HttpError, type HttpRequest, type HttpResponse } from '../../host/http-message.ts';
import { Fields } from '../../host/wasi/http/fields.ts';
import { type HttpLimits, RequestHttpLimits } from '../../host/wasi/http/state.ts';
import type { Callee, GuestExchange } from '../../invocation/exchange.ts';
import { invoke } from '../../invocation/invocation.ts';
import type { Outcome, RequestContext } from '../../sandbox/request-context.ts';
import type { HttpHandler } from './dispatcher.ts';
import { emptyResponse } from './failure-response.ts';
import { HeldBodies } from './held-bodies.ts';
import { wasiFor } from './wasi-exchange.ts';

const methods = ['get', 'post', 'put', 'delete', 'patch', 'head', 'options'];
const allowed: HeaderList = [['allow', methods.map((method) => method.toUpperCase()).join(', ')]];
const headersType = 'list<tuple<string, string>>';
export const HANDLE_REQUEST_TYPE = `func(record{method: enum{${methods.join(', ')}}, uri: string, headers: ${headersType}, params: ${headersType}, body: option<list<u8>>}) -> record{status: u16, headers: option<${headersType}>, body: option<list<u8>>}`;

interface InboundRequest {
  readonly method: string;
  readonly uri: string;
  readonly headers: readonly (readonly [string, string])[];
  /** Never used: parameters are in the URI. */
  readonly params: readonly never[];
  readonly body: Uint8Array;
}

interface InboundResponse {
  readonly status: number;
  readonly headers: readonly (readonly [string, string])[] | undefined;
  readonly body: Uint8Array | undefined;
}

/** Makes the handler. `httpLimits` are those of the component. */
export function createInboundHttpHandler(
  callee: Callee<HttpRequest, HttpResponse>,
  httpLimits: HttpLimits | undefined,
): HttpHandler {
  const { heldBytes } = callee.limits;
  const withoutState = (): HttpLimits => new RequestHttpLimits(new HostByteBudget(heldBytes), httpLimits);
  const held = new HeldBodies(callee.component);
  return async (request, client) => {
    const method = request.method.toLowerCase();
    if (request.method !== method.toUpperCase() || !methods.includes(method)) {
      request.body?.cancel();
      return emptyResponse(405, allowed);
    }
    const sent = new RequestBody(request, heldBytes, callee.component, held);
    try {
      const body = await sent.whole();
      const begin = (context: RequestContext): InboundHttpExchange => {
        const limits = wasiFor(context, request)?.httpLimits ?? withoutState();
        return new InboundHttpExchange(limits, request, { method, body, held });
      };
      return await invoke(callee, request, client, begin);
    } finally {
      sent.release();
    }
  };
}

/** The body of one request, which is read before there is a sandbox, so that no client holds one while it sends. */
class RequestBody {
  readonly #request: HttpRequest;
  readonly #most: number;
  readonly #component: string;
  readonly #held: HeldBodies;
  #bytes = 0;

  constructor(request: HttpRequest, most: number, component: string, held: HeldBodies) {
    this.#request = request;
    this.#most = most;
    this.#component = component;
    this.#held = held;
  }

  async whole(): Promise<Uint8Array> {
    const { body } = this.#request;
    if ((body?.length ?? 0) > this.#most) throw this.#tooLarge();
    // A request is refused at once where others have taken all room for bodies.
    this.#held.add(0);
    return readAll(body, (bytes) => this.#count(bytes));
  }

  release(): void {
    this.#held.remove(this.#bytes);
    this.#bytes = 0;
  }

  #count(bytes: number): void {
    if (this.#bytes + bytes > this.#most) throw this.#tooLarge();
    this.#held.add(bytes);
    this.#bytes += bytes;
  }

  #tooLarge(): MayflyError {
    const { method, target } = this.#request;
    const what = `The body of ${method} ${target.split('?', 1)[0]} is too large for component "${this.#component}"`;
    const limit = `Limit reached: held (${this.#most} bytes)`;
    return new MayflyError('request-too-large', `${what}, which takes it as one value. ${limit}`, {
      limit: { name: 'held', value: this.#most },
    });
  }
}

interface Given {
  readonly method: string;
  readonly body: Uint8Array;
  readonly held: HeldBodies;
}

class InboundHttpExchange implements GuestExchange<HttpResponse> {
  readonly params: readonly [InboundRequest];
  readonly #limits: HttpLimits;
  readonly #held: HeldBodies;
  readonly #isHead: boolean;
  readonly #outcome = Promise.withResolvers<HttpResponse>();

  constructor(limits: HttpLimits, request: HttpRequest, { method, body, held }: Given) {
    this.#limits = limits;
    this.#held = held;
    this.#isHead = method === 'head';
    const headers = Fields.incoming(request.headers.filter(([name]) => name !== 'host')).list;
    const host = request.headers.find(([name]) => name === 'host');
    const all = host ? [host, ...headers] : headers;
    this.params = [
      {
        method,
        uri: request.target,
        headers: all.map(([name, value]) => [name, textOfValue(value)] as const),
        params: [],
        body,
      },
    ];
    // Whoever asks for the response is told; an unheard rejection must not end the process.
    this.#outcome.promise.catch(() => undefined);
  }

  get response(): Promise<HttpResponse> {
    return this.#outcome.promise;
  }

  /** Takes the guest's result. Throws where it is no response that could be sent: the guest then counts as failed. */
  returned(result: unknown): void {
    const { status, headers = [], body } = result as InboundResponse;
    const keepsLength = this.#isHead || status === 304;
    const fields = fieldsOf(headers, this.#limits, keepsLength);
    if (body) this.#limits.held?.add(body.length);
    this.#outcome.resolve({ status, headers: fields.list, body: body && this.#held.answer(body) });
  }

  end({ error }: Outcome): void {
    this.#outcome.reject(error ?? new HttpError('HTTP-response-incomplete', 'the guest ended without a response'));
  }
}

/**
 * The fields of a response. The length of a body that is there is known better; where none is sent, the guest's own
 * counts.
 */
function fieldsOf(headers: readonly (readonly [string, string])[], limits: HttpLimits, keepsLength: boolean): Fields {
  const fields = Fields.empty(limits);
  for (const [name, text] of headers) {
    if (!keepsLength && /^content-length$/i.test(name)) continue;
    const result = fields.append(name, Buffer.from(text, 'utf8'));
    if (result.tag === 'err' && result.val.tag !== 'forbidden') {
      throw new HttpError(
        'HTTP-protocol-error',
        `the guest answered with the header ${JSON.stringify(name.slice(0, 100))}`,
      );
    }
  }
  return fields;
}
