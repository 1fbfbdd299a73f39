// Requests in both ways of wasi:http: for a handler that sets its response, and for one that returns it.
import { MayflyError } from '../../errors.ts';
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import { HandlerExchange } from '../../host/wasi/http/handler-0.3.ts';
import { beginExchange, type Exchange } from '../../host/wasi/http/incoming.ts';
import { type WasiState, wasiStateOf } from '../../host/wasi/state.ts';
import type { GuestExchange } from '../../invocation/exchange.ts';
import type { Outcome, RequestContext } from '../../sandbox/request-context.ts';

/** The state of WASI while the request is served; undefined for a component that imports nothing of WASI. */
export function wasiFor(context: RequestContext, { hops }: HttpRequest): WasiState | undefined {
  if (hops) context.hops = hops;
  return wasiStateOf(context);
}

/** The state of WASI for a handler, which imports WASI since it is called with its resources. */
function handlersWasi(context: RequestContext, request: HttpRequest): WasiState {
  const state = wasiFor(context, request);
  if (!state) throw new MayflyError('internal', 'A handler of wasi:http has no state of WASI');
  return state;
}

export function beginHandler(context: RequestContext, request: HttpRequest): GuestExchange<HttpResponse> {
  return new HandlerExchange(handlersWasi(context, request), request);
}

export function beginIncomingHandler(context: RequestContext, request: HttpRequest): GuestExchange<HttpResponse> {
  return new IncomingHandlerExchange(handlersWasi(context, request), request);
}

/**
 * Calls an incoming-handler. This is a class, since an object literal with a getter gets a hidden class of its own each
 * time. Those live in the old generation and keep all that the request made alive until a major collection (measured: 8
 * µs a request).
 */
class IncomingHandlerExchange implements GuestExchange<HttpResponse> {
  readonly params: readonly unknown[];
  readonly #exchange: Exchange;

  constructor(state: WasiState, request: HttpRequest) {
    this.#exchange = beginExchange(state, request);
    this.params = [this.#exchange.requestResource, this.#exchange.outparamResource];
  }

  get response(): Promise<HttpResponse> {
    return this.#exchange.response;
  }

  end({ error }: Outcome): void {
    this.#exchange.end(error);
  }
}
