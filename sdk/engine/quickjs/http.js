// Requests that come and requests that go, through wasi:http 0.2.
import outgoing from 'wasi:http/outgoing-handler@0.2.10';
import http from 'wasi:http/types@0.2.10';
import { hasRequest } from '../host/random.js';
import { getContent, piecesOf } from '../web/body.js';
import { answerBody, fetchWith } from '../web/fetch.js';
import { Headers, headersFrom, listOf } from '../web/headers.js';
import { requestFrom } from '../web/request.js';
import { received } from '../web/response.js';
import { isClosed, readAll, writeAll } from './bytes.js';
import { ready } from './loop.js';

const { Fields, IncomingBody, OutgoingBody, OutgoingRequest, OutgoingResponse, RequestOptions, ResponseOutparam } =
  http;

const toText = (bytes) => String.fromCharCode.apply(null, bytes);

function toBytes(text) {
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

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

/**
 * Sends the response, and resolves when its body is sent. Rejects before anything is sent; `report` gets what goes wrong later,
 * which breaks the body off.
 */
export async function respond(outparam, response, report) {
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
  try {
    if (content) await send(stream, content);
    OutgoingBody.finish(body, null);
  } catch (error) {
    // Who wants no more of it has gone.
    if (!isClosed(error)) report(error);
  }
}

async function send(stream, content) {
  content.isUsed = true;
  try {
    if (content.bytes) await writeAll(stream, content.bytes);
    else for await (const piece of piecesOf(content)) await writeAll(stream, piece);
  } finally {
    stream[Symbol.dispose]();
  }
}

export const fetch = fetchWith(exchange);

async function exchange(request, isRedirected) {
  const { signal, url, method } = request;
  signal.throwIfAborted();
  const { protocol, host, pathname, search } = new URL(url);
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
  const answer = method === 'HEAD' ? {} : answerBody(abortable(sourceOf(incoming), signal), answered);
  return received({
    status: incoming.status(),
    headers: answered,
    ...answer,
    url,
    redirected: isRedirected,
  });
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
