// StarlingMonkey's fetch sends one request; this one follows redirects, and says more of what went wrong.
import { followRedirects } from '../web/redirects.js';

const native = globalThis.fetch;

/** The engine keeps to itself why a request failed; the log of the app has it. */
async function exchange(request, isRedirected) {
  // Sent by its own: the engine would follow the signal of a request only where it is given beside it.
  const { signal, url } = request;
  try {
    const response = await native(request, signal ? { signal } : undefined);
    Object.defineProperty(response, 'redirected', { value: isRedirected, configurable: true });
    Object.defineProperty(response, 'url', { value: url, configurable: true });
    return response;
  } catch (error) {
    if (!/^NetworkError/.test(error?.message)) throw error;
    const cause = 'the host cannot be reached, or is not in allowed_outbound_hosts';
    throw new TypeError(`fetch failed: ${cause}`, { cause: error });
  }
}

export async function fetch(input, init = {}) {
  const isRequest = input instanceof Request;
  const request = new Request(input, init);
  const redirect = init.redirect ?? (isRequest ? input.redirect : undefined) ?? 'follow';
  const { body } = init;
  const isStream = body instanceof ReadableStream || (isRequest && body === undefined && input.body !== null);
  return followRedirects(request, redirect, exchange, ({ method }) => {
    if (method === 'GET' || method === 'HEAD') return undefined;
    if (isStream) return {};
    return body === undefined || body === null ? undefined : { again: body };
  });
}
