// Which pages may connect. Browsers let any page open a WebSocket anywhere, with the cookies of the place that it leads to,
// and say in `origin` whose page it is: RFC 6455, 10.2.

/**
 * Whether a client may connect: one that is no browser, a page of the app's own host, and one of `allowed`. The scheme of
 * the app's own pages is not compared, since TLS may end before us.
 */
export function isAllowedOrigin(origin: string | undefined, authority: string, allowed: readonly string[]): boolean {
  if (origin === undefined || allowed.includes('*') || allowed.includes(origin)) return true;
  if (!/^https?:\/\//.test(origin) || !URL.canParse(origin)) return false;
  const { protocol, host } = new URL(origin);
  const own = `${protocol}//${authority}`;
  return URL.canParse(own) && new URL(own).host === host;
}
