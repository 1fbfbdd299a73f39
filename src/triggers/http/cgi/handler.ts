// Answers requests with a command: each is a run of its own, with the body on stdin and the response on stdout.
import { defaultArgv } from '../../../app/locked-app.ts';
import type { WasiState } from '../../../host/wasi/state.ts';
import { callGuest, type GuestOptions } from '../guest.ts';
import { HeldBodies } from '../held-bodies.ts';
import type { HttpHandler, RequestRoute } from '../trigger.ts';
import { CgiExchange } from './exchange.ts';
import { cgiBody } from './request-body.ts';

/** In bytes: how much of a body of unknown length is read before the program starts. */
const HELD_BODY = 1_048_576;

export function createCgiHandler<Component>(options: GuestOptions<Component>): HttpHandler {
  const held = new HeldBodies(options.component);
  return async (request, client, given) => {
    const body = await cgiBody(request.body, HELD_BODY, held);
    const { match, wagi } = given ?? direct(request.target);
    const route = { match, argv: wagi?.argv ?? defaultArgv };
    const { clientAddress } = client;
    const begin = (state: WasiState | undefined): CgiExchange =>
      new CgiExchange(state, { request, body, route, clientAddress });
    try {
      return await callGuest(options, request, client, begin);
    } catch (error) {
      // There may never have been a sandbox to take it.
      body.source?.cancel(error);
      throw error;
    }
  };
}

/** Called without a trigger before it. */
function direct(target: string): RequestRoute {
  const pathInfo = target.split('?', 1)[0] ?? '';
  return { match: { route: '/...', matchedRoute: '/...', componentRoute: '', pathInfo, params: [] } };
}
