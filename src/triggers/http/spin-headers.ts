// The headers that a guest of Spin finds in addition to those of its client; clients cannot set them.
import type { HeaderList, HttpRequest } from '../../host/http-message.ts';
import type { RouteMatch } from './router.ts';

type Match = Omit<RouteMatch<unknown>, 'value'>;

/**
 * The headers for the guest. They leave out what the client sent under `spin-`, `connection`, which is about the
 * socket, and a `host` that names a component: that one comes from service chaining and means nothing elsewhere.
 */
export function guestHeaders(request: HttpRequest, match: Match, clientAddress: string): HeaderList {
  const headers: (readonly [string, string])[] = [];
  for (const header of request.headers) if (isForGuest(header)) headers.push(header);
  headers.push(
    ['spin-path-info', match.pathInfo],
    ['spin-full-url', `${request.scheme}://${request.authority}${request.target}`],
    ['spin-matched-route', match.matchedRoute === '' ? '/' : match.matchedRoute],
    ['spin-base-path', '/'],
    ['spin-raw-component-route', match.route],
    ['spin-component-route', match.componentRoute],
    ['spin-client-addr', clientAddress],
  );
  for (const [name, value] of match.params) {
    headers.push([`spin-path-match-${name.replaceAll('_', '-').toLowerCase()}`, value]);
  }
  return headers;
}

function isForGuest([name, value]: readonly [string, string]): boolean {
  switch (name.charCodeAt(0)) {
    case 0x73: // s
      return !name.startsWith('spin-');
    case 0x63: // c
      return name !== 'connection';
    case 0x68: // h
      return name !== 'host' || !isChainingHost(value);
    default:
      return true;
  }
}

function isChainingHost(host: string): boolean {
  return /^[^.]+\.spin\.internal(?::\d*)?$/i.test(host);
}
