// The handler of a component, by the function of it that answers requests.
import { createCgiHandler } from './cgi/handler.ts';
import { createGuestHandler } from './guest.ts';
import { createInboundHttpHandler, type InboundHttpOptions } from './inbound-http.ts';
import type { HttpHandler } from './trigger.ts';

export interface HandlerOptions<Component> extends InboundHttpOptions<Component> {
  /** `handle` is `handle-request` of fermyon:spin/inbound-http. */
  readonly inboundHttp?: boolean | undefined;
}

export function createHandler<Component>(options: HandlerOptions<Component>): HttpHandler {
  if (options.command) return createCgiHandler(options);
  return options.inboundHttp ? createInboundHttpHandler(options) : createGuestHandler(options);
}
