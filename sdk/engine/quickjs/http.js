// Requests that come and requests that go, through wasi:http 0.2.
import outgoing from 'wasi:http/outgoing-handler@0.2.10';
import http from 'wasi:http/types@0.2.10';
import { getContent, piecesOf } from '../web/body.js';
import { decoded, isDecodable } from '../web/compression.js';
import { readDataUrl } from '../web/data-url.js';
import { Headers, headersFrom, listOf } from '../web/headers.js';
import { blobOf } from '../web/object-urls.js';
import { Request, requestFrom } from '../web/request.js';
import { Response, received } from '../web/response.js';
import { readAll, writeAll } from './bytes.js';
import { ready } from './loop.js';
import { hasRequest } from './random.js';

const { Fields, IncomingBody, OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions, ResponseOutparam } =
  http;

const toText = (bytes) => String.fromCharCode.apply(null, bytes);
const toBytes = (text) => Uint8Array.from(text, (character) => character.charCodeAt(0));

function headersOf(fields) {
  return headersFrom(() => {
    const list = fields.entries().map(([name, value]) => [name, toText(value)]);
    fields[Symbol.dispose]();
    return list;
  });
}

function fieldsOf(headers) {
  return Fields.fromList(listOf(headers).map(([name, value]) => [name, toBytes(value)]));
}

function sourceOf(holder) {
  const body = holder.consume();
  return {
    async *[Symbol.asyncIterator]() {
      yield* readAll(body.stream(), () => IncomingBody.finish(body)[Symbol.dispose]());
    },
  };
}

const schemes = { HTTP: 'http', HTTPS: 'https' };

/** The request that a component is called for. */
export function requestOf(incoming) {
  const { tag, val } = incoming.scheme() ?? { tag: 'HTTP' };
  const { tag: method, val: other } = incoming.method();
  const url = `${schemes[tag] ?? val}://${incoming.authority() ?? 'localhost'}${incoming.pathWithQuery() ?? '/'}`;
  const name = method === 'other' ? other : method.toUpperCase();
  const content = name === 'GET' || name === 'HEAD' ? undefined : { source: sourceOf(incoming) };
  return requestFrom({ url, method: name, headers: headersOf(incoming.headers()), content });
}

/** Sends the response, and resolves when its body is sent. */
export async function respond(outparam, response) {
  const content = getContent(response);
  if (content && response.bodyUsed) throw new TypeError('The body of the response has been read already');
  const { headers } = response;
  const length = content?.bytes ? content.bytes.length : content ? undefined : 0;
  if (length !== undefined && !headers.has('content-length') && response.status !== 204 && response.status !== 304) {
    headers.set('content-length', String(length));
  }
  const out = new OutgoingResponse(fieldsOf(headers));
  if (response.status !== 200) out.setStatusCode(response.status);
  const body = out.body();
  const stream = content ? body.write() : undefined;
  ResponseOutparam.set(outparam, { tag: 'ok', val: out });
  if (content) await send(stream, content);
  OutgoingBody.finish(body, null);
}

async function send(stream, content) {
  content.isUsed = true;
  try {
    for await (const piece of piecesOf(content)) await writeAll(stream, piece);
  } finally {
    stream[Symbol.dispose]();
  }
}

/** How often a request follows redirects, as in browsers. */
const MOST_REDIRECTS = 20;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export async function fetch(input, init) {
  let request = new Request(input, init);
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

async function exchange(request, isRedirected) {
  const { signal, url, method } = request;
  signal.throwIfAborted();
  const { protocol, host, pathname, search } = new URL(url);
  if (protocol === 'data:') {
    const { bytes, type } = readDataUrl(url);
    return new Response(bytes, { headers: { 'content-type': type } });
  }
  if (protocol === 'blob:') return new Response(blobOf(url));
  if (protocol !== 'http:' && protocol !== 'https:')
    throw new TypeError(`fetch failed: it sends no ${protocol} requests`);
  const content = getContent(request);
  const { headers } = request;
  if (content?.bytes && !headers.has('content-length')) headers.set('content-length', String(content.bytes.length));
  if (!content && (method === 'POST' || method === 'PUT')) headers.set('content-length', '0');
  if (!hasRequest())
    throw new TypeError('fetch failed: a program sends no requests from its top level: send them in the handler');
  const out = new OutgoingRequest(fieldsOf(headers));
  out.setMethod(methodTag(method));
  out.setScheme(protocol === 'https:' ? { tag: 'HTTPS' } : { tag: 'HTTP' });
  out.setAuthority(host);
  out.setPathWithQuery(`${pathname}${search}`);
  const body = content ? out.body() : undefined;
  const stream = body?.write();
  const coming = attempt(() => outgoing.handle(out, new RequestOptions()));
  const sending = content ? send(stream, content).then(() => OutgoingBody.finish(body, null)) : undefined;
  sending?.catch(() => undefined);
  await raced(ready(coming.subscribe(), coming), signal);
  const incoming = attempt(() => opened(coming.get()));
  coming[Symbol.dispose]();
  const answered = new Headers(headersOf(incoming.headers()));
  const answerBody = method === 'HEAD' ? {} : readable(abortable(sourceOf(incoming), signal), answered);
  return received({
    status: incoming.status(),
    headers: answered,
    ...answerBody,
    url,
    redirected: isRedirected,
  });
}

/** The body without its coding, of which the headers then say nothing more: who sends it on sends it as it is here. */
function readable(source, headers) {
  const coding = headers.get('content-encoding');
  if (coding === null || coding.toLowerCase() === 'identity') return { source };
  if (!isDecodable(coding)) return { source, coding };
  headers.delete('content-encoding');
  headers.delete('content-length');
  return { source: decoded(source, coding) };
}

const known = new Set(['get', 'head', 'post', 'put', 'delete', 'connect', 'options', 'trace', 'patch']);
const methodTag = (name) => (known.has(name.toLowerCase()) ? { tag: name.toLowerCase() } : { tag: 'other', val: name });

/** What the host refuses becomes the error that fetch gives. */
function attempt(work) {
  try {
    return work();
  } catch (error) {
    throw new TypeError(`fetch failed: ${words(error)}`, { cause: error });
  }
}

/** `option<result<result<incoming-response, error-code>>>`, when it is there. */
function opened({ val }) {
  if (val.tag === 'err') throw val.val;
  return val.val;
}

/** A code of wasi:http in words: itself, or what an import threw, which has it as its payload. */
function words(error) {
  const code = error?.payload ?? error;
  if (code?.tag === undefined) return error?.message ?? String(error);
  const name = code.tag.replaceAll('-', ' ');
  if (code.tag === 'HTTP-request-denied') return 'the host does not allow it: is it in allowed_outbound_hosts?';
  return typeof code.val === 'string' ? `${name}: ${code.val}` : name;
}

function raced(waiting, signal) {
  if (waiting === undefined) return undefined;
  return new Promise((go, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
    waiting.then(go, fail);
  });
}

function abortable(source, signal) {
  return {
    async *[Symbol.asyncIterator]() {
      for await (const piece of source) {
        signal.throwIfAborted();
        yield piece;
      }
    },
  };
}
