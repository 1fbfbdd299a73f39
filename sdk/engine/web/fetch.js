// fetch of https://fetch.spec.whatwg.org/#fetch-method, beyond a single request: redirects, URLs that hold their answer, and
// bodies that come compressed.
import { getContent } from './body.js';
import { decoded, isDecodable } from './compression.js';
import { readDataUrl } from './data-url.js';
import { blobOf } from './object-urls.js';
import { followRedirects } from './redirects.js';
import { Request } from './request.js';
import { Response } from './response.js';

/**
 * The function `fetch`. `exchange(request, isRedirected)` sends one request, and resolves with what comes back; it looks at the
 * request's signal.
 */
export function fetchWith(exchange) {
  return async function fetch(input, init) {
    const request = new Request(input, init);
    return localAnswer(request.url) ?? followRedirects(request, request.redirect, exchange, bodyOf);
  };
}

function bodyOf(request) {
  const content = getContent(request);
  return content && { again: content.bytes };
}

/** What needs no request: data and blobs. */
function localAnswer(url) {
  if (url.startsWith('data:')) {
    const { bytes, type } = readDataUrl(url);
    return new Response(bytes, { headers: { 'content-type': type } });
  }
  return url.startsWith('blob:') ? new Response(blobOf(url)) : undefined;
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
