// Sends our response with node:http: its framing, backpressure and trailers. A body that breaks also breaks the
// connection, unless nothing of the answer has gone out yet.
import type { ServerResponse } from 'node:http';
import { type ByteSource, type HeaderList, HttpError, type HttpResponse } from '../../host/http-message.ts';
import { contentLengthOf } from '../../host/http-syntax.ts';
import { flushHead, http } from '../../host/node-http.ts';
import { hasNoBody, isOfConnection } from './response-rules.ts';
import { ResponseWriter } from './response-writer.ts';

export interface ResponseLimits {
  /** Milliseconds for which a client may take nothing of what it is sent. */
  readonly writeIdleMs: number;
}

type Chunk = Uint8Array | undefined;

const { STATUS_CODES } = http;

/**
 * Sends the response. Throws or rejects when its body fails: before `headersSent` another answer can still be given,
 * afterwards the connection has to go. Returns a promise only when the body is not all there.
 */
export function sendResponse(
  res: ServerResponse,
  response: HttpResponse,
  limits: ResponseLimits,
): Promise<void> | undefined {
  const { status, headers, body } = response;
  const declared = contentLengthOf(headers);
  if (declared === 'invalid') throw new HttpError('HTTP-protocol-error', 'content-length is no number, or two differ');
  if (hasNoBody(res.req.method ?? '', status)) {
    sendHead(res, response, declared);
    return undefined;
  }
  const first = body?.read();
  if (first instanceof Promise) return stream(res, response, declared, [], first, limits);
  const second = first === undefined ? undefined : body!.read();
  if (second !== undefined || hasTrailers(body)) {
    const chunks = first === undefined ? [] : [first];
    return stream(res, response, declared, chunks, second, limits);
  }
  sendWhole(res, status, headers, declared, first);
  return undefined;
}

function hasTrailers(body: ByteSource | undefined): boolean {
  return body?.trailers?.() !== undefined;
}

function sendHead(res: ServerResponse, { status, headers, body }: HttpResponse, declared: number | undefined): void {
  const known = declared ?? (body?.length || undefined);
  body?.cancel();
  writeHead(res, status, headers, status === 204 ? undefined : status === 205 ? 0 : known, false);
  res.end();
}

function sendWhole(
  res: ServerResponse,
  status: number,
  headers: HeaderList,
  declared: number | undefined,
  chunk: Chunk,
): void {
  const length = chunk?.length ?? 0;
  if (declared !== undefined && declared !== length) throw lengthError(declared, length);
  writeHead(res, status, headers, length, false);
  if (chunk === undefined) res.end();
  else if (length > MOST_MERGED) res.end(chunk);
  else res.end(latin1(chunk), 'latin1');
}

/**
 * The most bytes of a body that goes out with its head: Node joins the head with a body that is text, and needs one
 * write for both. Every byte is a character of latin1. (19 % of a small response's time went into the second buffer.)
 */
const MOST_MERGED = 4096;

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}

/**
 * Writes the head, from which the trigger has left out the fields of the connection. `length` takes the place of what
 * `headers` say; undefined leaves the framing to Node. Trailers are announced only where they can come, since Node
 * throws otherwise. The status text is set here, since Node keeps that of an earlier head that it refused.
 */
function writeHead(
  res: ServerResponse,
  status: number,
  headers: HeaderList,
  length: number | undefined,
  trailers: boolean,
): void {
  const flat: string[] = [];
  for (const [name, value] of headers) {
    if (name !== 'content-length' && (trailers || name !== 'trailer')) flat.push(name, value);
  }
  if (length !== undefined) flat.push('content-length', String(length));
  // HTTP/1.1 keeps connections open unless told otherwise; only a close has to be announced.
  if (res.shouldKeepAlive && res.req.httpVersionMinor === 1) res.removeHeader('connection');
  res.writeHead(status, STATUS_CODES[status] ?? '', flat);
}

/** The trailers that may be sent. What frames or routes a message has to be known before its body (RFC 9110, 6.5.1). */
function allowedTrailers(list: HeaderList): [string, string][] {
  const isAllowed = (name: string): boolean =>
    name !== 'content-length' && name !== 'trailer' && name !== 'host' && !isOfConnection(name);
  return list.filter(([name]) => isAllowed(name)) as [string, string][];
}

function lengthError(declared: number, actual: number): HttpError {
  return new HttpError('HTTP-response-body-size', `content-length says ${declared}, the body has ${actual} bytes`);
}

async function stream(
  res: ServerResponse,
  response: HttpResponse,
  declared: number | undefined,
  ready: Uint8Array[],
  next: Chunk | Promise<Chunk>,
  limits: ResponseLimits,
): Promise<void> {
  const body = response.body!;
  const start = (): void => {
    if (res.headersSent) return;
    const chunked = declared === undefined && res.req.httpVersionMinor === 1;
    writeHead(res, response.status, response.headers, declared, chunked);
  };
  // The head goes out soon even if the body takes its time; a body that comes at once shares a packet with it.
  const early = setImmediate(() => {
    if (res.destroyed || res.headersSent) return;
    start();
    flushHead(res);
  });
  const writer = new ResponseWriter(res, limits.writeIdleMs, body.release && ((chunk) => body.release?.(chunk)));
  let sent = 0;
  try {
    for (const chunk of ready) {
      sent = count(sent, chunk, declared);
      start();
      await writer.write(chunk);
    }
    for (let chunk = await next; chunk !== undefined; chunk = await body.read()) {
      if (res.destroyed) return;
      sent = count(sent, chunk, declared);
      start();
      const room = writer.write(chunk);
      if (room) await room;
    }
    if (res.destroyed) return;
    if (declared !== undefined && sent !== declared) throw lengthError(declared, sent);
    const trailers = await body.trailers?.();
    start();
    if (trailers !== undefined) res.addTrailers(allowedTrailers(trailers));
    res.end();
  } finally {
    clearImmediate(early);
    writer.end();
    body.cancel();
  }
}

function count(sent: number, chunk: Uint8Array, declared: number | undefined): number {
  const total = sent + chunk.length;
  if (declared !== undefined && total > declared) throw lengthError(declared, total);
  return total;
}
