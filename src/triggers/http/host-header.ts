// The header `host` of a request, which always says the authority.
import type { HttpRequest } from '../../host/http-message.ts';

/** The request for another authority. */
export function withHost(request: HttpRequest, authority: string): HttpRequest {
  const headers = request.headers.map((header) => (header[0] === 'host' ? (['host', authority] as const) : header));
  return { ...request, authority, headers };
}
