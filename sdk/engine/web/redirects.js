// How fetch follows redirects. https://fetch.spec.whatwg.org/#http-redirect-fetch

/** How often a request follows redirects, as in browsers. */
const MOST_REDIRECTS = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);
const OF_THE_BODY = ['content-type', 'content-length', 'content-encoding', 'content-language'];
const OF_THE_ORIGIN = ['authorization', 'cookie', 'host'];

/**
 * Sends a request and follows where its answers lead. `exchange(request, isRedirected)` sends one; `bodyOf(request)` is
 * undefined without a body, else an object whose `again` can be sent another time, where it can.
 */
export async function followRedirects(first, redirect, exchange, bodyOf) {
  let request = first;
  for (let count = 0; ; count++) {
    const response = await exchange(request, count > 0);
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null || redirect === 'manual') return response;
    if (redirect === 'error') throw new TypeError(`fetch failed: ${request.url} redirects to ${location}`);
    if (count === MOST_REDIRECTS)
      throw new TypeError(`fetch failed: ${request.url} is the redirect number ${count + 1}`);
    request = redirected(request, response, location, bodyOf(request));
  }
}

function redirected(request, response, location, body) {
  const url = URL.parse(location, request.url);
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError(`fetch failed: it is redirected to "${location}"`);
  const { status } = response;
  const isPost = request.method === 'POST' && (status === 301 || status === 302);
  const becomesGet = isPost || (status === 303 && request.method !== 'HEAD');
  if (body && !becomesGet && body.again === undefined) {
    throw new TypeError(
      'fetch failed: a request with a stream as its body cannot be sent again to where it is redirected',
    );
  }
  const headers = new Headers(request.headers);
  if (becomesGet) for (const name of OF_THE_BODY) headers.delete(name);
  if (url.origin !== new URL(request.url).origin) for (const name of OF_THE_ORIGIN) headers.delete(name);
  return new Request(url.href, {
    method: becomesGet ? 'GET' : request.method,
    headers,
    signal: request.signal,
    redirect: request.redirect,
    ...(body && !becomesGet && { body: body.again }),
  });
}
