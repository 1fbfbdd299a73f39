// fetch of https://fetch.spec.whatwg.org/#fetch-method, beyond a single request: redirects, URLs that hold their answer, and
// bodies that come compressed.
import { getContent } from './body.js';
import { decoded, isDecodable } from './compression.js';
import { readDataUrl } from './data-url.js';
import { Headers } from './headers.js';
import { blobOf } from './object-urls.js';
import { Request } from './request.js';
import { Response } from './response.js';

/** How often a request follows redirects, as in browsers. */
const MOST_REDIRECTS = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/**
 * The function `fetch`. `exchange(request, isRedirected)` sends one request, and resolves with what comes back; it looks at the
 * request's signal.
 */
export function fetchWith(exchange) {
  return async function fetch(input, init) {
    const request = new Request(input, init);
    return localAnswer(request.url) ?? follow(request, exchange);
  };
}

/** What needs no request: data and blobs. */
function localAnswer(url) {
  if (url.startsWith('data:')) {
    const { bytes, type } = readDataUrl(url);
    return new Response(bytes, { headers: { 'content-type': type } });
  }
  return url.startsWith('blob:') ? new Response(blobOf(url)) : undefined;
}

async function follow(first, exchange) {
  let request = first;
  for (let count = 0; ; count++) {
    const response = await exchange(request, count > 0);
    const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
    if (location === null || request.redirect === 'manual') return response;
    if (request.redirect === 'error') throw new TypeError(`fetch failed: ${request.url} redirects to ${location}`);
    if (count === MOST_REDIRECTS)
      throw new TypeError(`fetch failed: ${request.url} is the redirect number ${count + 1}`);
    request = redirected(request, response, location);
  }
}

function redirected(request, response, location) {
  const url = URL.parse(location, request.url);
  if (!url || !/^https?:$/.test(url.protocol)) throw new TypeError(`fetch failed: it is redirected to "${location}"`);
  const { status } = response;
  const isPost = request.method === 'POST' && (status === 301 || status === 302);
  const becomesGet = isPost || (status === 303 && request.method !== 'HEAD');
  const content = getContent(request);
  if (content && !becomesGet && !content.bytes) {
    throw new TypeError(
      'fetch failed: a request with a stream as its body cannot be sent again to where it is redirected',
    );
  }
  const headers = new Headers(request.headers);
  if (becomesGet)
    for (const name of ['content-type', 'content-length', 'content-encoding', 'content-language']) headers.delete(name);
  if (url.origin !== new URL(request.url).origin)
    for (const name of ['authorization', 'cookie', 'host']) headers.delete(name);
  const { signal, redirect } = request;
  return new Request(url.href, {
    method: becomesGet ? 'GET' : request.method,
    body: becomesGet || !content ? null : content.bytes,
    headers,
    signal,
    redirect,
  });
}

/** The body without its coding, of which the headers then say nothing more: who sends it on sends it as it is here. */
export function answerBody(source, headers) {
  const coding = headers.get('content-encoding');
  if (coding === null || coding.toLowerCase() === 'identity') return { source };
  if (!isDecodable(coding)) return { source, coding };
  headers.delete('content-encoding');
  headers.delete('content-length');
  return { source: decoded(source, coding) };
}
