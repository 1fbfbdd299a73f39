// Who may look at the operator's pages. On a port that others may reach it is whoever has the token; on one of this machine
// alone it is whoever calls it by a name of this machine, so that no page of a browser reaches it under a name of its own.
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const COOKIE = 'mayfly-token';

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export type Admission = 'admitted' | 'refused' | { readonly cookie: string };

/**
 * `token` is undefined on a port that only this machine reaches. A request that brings the token in its query gets it as a
 * cookie, so that it does not stay in the address of the page.
 */
export function admit({ headers, url = '' }: IncomingMessage, token: string | undefined): Admission {
  if (token === undefined) {
    const { hostname = '' } = URL.parse(`http://${headers.host}`) ?? {};
    return isLoopback(hostname.replace(/^\[|\]$/g, '')) ? 'admitted' : 'refused';
  }
  const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? '') ?? [];
  const cookies = (headers.cookie ?? '').split(/;\s*/).map((pair) => pair.split(/=(.*)/s));
  const [, kept] = cookies.find(([name]) => name === COOKIE) ?? [];
  if (isSame(bearer, token) || isSame(kept, token)) return 'admitted';
  const asked = new URLSearchParams(url.split(/\?(.*)/s)[1]).get('token');
  if (!isSame(asked ?? undefined, token)) return 'refused';
  return { cookie: `${COOKIE}=${token}; Path=/; HttpOnly; SameSite=Strict` };
}

/** In a time that says nothing of how much of it is right. */
function isSame(given: string | undefined, token: string): boolean {
  return given !== undefined && timingSafeEqual(digest(given), digest(token));
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
