// Answers on a port without TLS: leads clients to the one with TLS. Health checks are answered there as well, since what
// asks for them often speaks no TLS.
import { parseAuthority } from '../../host/http-syntax.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import { emptyResponse } from './failure-response.ts';

const HEALTH = /^\/\.well-known\/spin\/health(?:\?|$)/;

/** `port` is that of the server with TLS. */
export function redirectTo(port: number, served: HttpDispatcher): HttpDispatcher {
  return {
    ...served,
    async handle(request, context) {
      if (HEALTH.test(request.target)) return served.handle(request, context);
      request.body?.cancel();
      const host = parseAuthority(request.authority)?.host;
      if (!host || !request.target.startsWith('/')) return emptyResponse(400);
      const authority = port === 443 ? host : `${host}:${port}`;
      return emptyResponse(308, [['location', `https://${authority}${request.target}`]]);
    },
  };
}
