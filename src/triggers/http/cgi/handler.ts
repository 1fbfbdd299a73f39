// Answers requests with a command: each is a run of its own, with the body on stdin and the response on stdout.
import { defaultArgv } from '../../../app/manifest/triggers/http.ts';
import type { HttpRequest, HttpResponse } from '../../../host/http-message.ts';
import type { Callee } from '../../../invocation/exchange.ts';
import { invoke } from '../../../invocation/invocation.ts';
import type { RequestContext } from '../../../sandbox/request-context.ts';
import type { HttpHandler, RequestRoute } from '../dispatcher.ts';
import { HeldBodies } from '../held-bodies.ts';
import { wasiFor } from '../wasi-exchange.ts';
import { CgiExchange } from './exchange.ts';
import { cgiBody } from './request-body.ts';

/** The most bytes of a body of unknown length that are read before the program starts. */
const HELD_BODY = 1_048_576;

export function createCgiHandler(callee: Callee<HttpRequest, HttpResponse>): HttpHandler {
  const held = new HeldBodies(callee.component);
  return async (request, client, given) => {
    const body = await cgiBody(request.body, HELD_BODY, held);
    const { match, wagi } = given ?? direct(request.target);
    const route = { match, argv: wagi?.argv ?? defaultArgv };
    const { clientAddress } = client;
    const begin = (context: RequestContext): CgiExchange =>
      new CgiExchange(wasiFor(context, request), { request, body, route, clientAddress });
    try {
      return await invoke(callee, request, client, begin);
    } catch (error) {
      // The body is given up here, since there may never have been a sandbox to take it.
      body.source?.cancel(error);
      throw error;
    }
  };
}

/** The route of a request that came without a trigger before the component. */
function direct(target: string): RequestRoute {
  const pathInfo = target.split('?', 1)[0] ?? '';
  return { match: { route: '/...', matchedRoute: '/...', componentRoute: '', pathInfo, params: [] } };
}
