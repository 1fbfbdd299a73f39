// Makes the handler of a component, for the kind of function that answers its requests.
import type { HttpRequest, HttpResponse } from '../../host/http-message.ts';
import type { HttpLimits } from '../../host/wasi/http/state.ts';
import type { Answered, Callee, Guest } from '../../invocation/exchange.ts';
import { invoke } from '../../invocation/invocation.ts';
import { createCgiHandler } from './cgi/handler.ts';
import type { HttpHandler } from './dispatcher.ts';
import type { HttpEntry } from './entry.ts';
import { createInboundHttpHandler } from './inbound-http.ts';
import { beginHandler, beginIncomingHandler } from './wasi-exchange.ts';

export interface HandlerOptions {
  /** The HTTP limits of the component, for one that takes bodies whole. */
  readonly httpLimits?: HttpLimits | undefined;
  readonly onEnd?: Callee<HttpRequest, HttpResponse>['onEnd'];
  /** Whether to add the header `server-timing`: what the request cost until its answer. */
  readonly serverTiming?: boolean | undefined;
}

export function createHandler(guest: Guest, entry: HttpEntry, options: HandlerOptions = {}): HttpHandler {
  const { httpLimits, onEnd, serverTiming } = options;
  const identityOf = ({ identity }: HttpRequest): HttpRequest['identity'] => identity;
  const callee = { ...guest, ...entry, onEnd, identityOf, onResponse: serverTiming ? withTiming : undefined };
  switch (entry.kind) {
    case 'command':
      return createCgiHandler(callee);
    case 'inbound-http':
      return createInboundHttpHandler(callee, httpLimits);
    case 'handler':
      return (request, client) => seenTo(request, invoke(callee, request, client, beginHandler));
    case 'incoming-handler':
      return (request, client) => seenTo(request, invoke(callee, request, client, beginIncomingHandler));
  }
}

/** Gives up the request's body when there never was a sandbox, since nobody else does. */
function seenTo({ body }: HttpRequest, response: Promise<HttpResponse>): Promise<HttpResponse> {
  if (body) response.catch((error: unknown) => body.cancel(error));
  return response;
}

function withTiming(response: HttpResponse, { cpuMs, wallMs, isNew }: Answered): HttpResponse {
  const value = `cpu;dur=${cpuMs.toFixed(3)}, total;dur=${wallMs.toFixed(3)}, sandbox;desc=${isNew ? 'new' : 'kept'}`;
  return { ...response, headers: [...response.headers, ['server-timing', value]] };
}
