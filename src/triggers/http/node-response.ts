// Sends our response, whichever version of HTTP it goes out in: its framing, backpressure and trailers. A body that
// breaks also breaks the answer, unless nothing of it has gone out yet.
import { type ByteSource, type HeaderList, HttpError, type HttpResponse } from '../../host/http-message.ts';
import { contentLengthOf } from '../../host/http-syntax.ts';
import type { Answer } from './answer.ts';
import { hasNoBody, isOfConnection } from './response-rules.ts';
import { ResponseWriter } from './response-writer.ts';

export interface ResponseLimits {
  /** Milliseconds for which a client may take nothing of what it is sent. */
  readonly writeIdleMs: number;
}

type Chunk = Uint8Array | undefined;

/**
 * Sends the response. Throws or rejects when its body fails: before `headersSent` another answer can still be given,
 * afterwards the connection has to go. Returns a promise only when the body is not all there.
 */
export function sendResponse(
  answer: Answer,
  response: HttpResponse,
  limits: ResponseLimits,
): Promise<void> | undefined {
  const { status, headers, body } = response;
  const declared = contentLengthOf(headers);
  if (declared === 'invalid') throw new HttpError('HTTP-protocol-error', 'content-length is no number, or two differ');
  if (hasNoBody(answer.method, status)) {
    sendHead(answer, response, declared);
    return undefined;
  }
  const first = body?.read();
  if (first instanceof Promise) return stream(answer, response, declared, [], first, limits);
  const second = first === undefined ? undefined : body!.read();
  if (second !== undefined || hasTrailers(body)) {
    const chunks = first === undefined ? [] : [first];
    return stream(answer, response, declared, chunks, second, limits);
  }
  sendWhole(answer, status, headers, declared, first);
  return undefined;
}

function hasTrailers(body: ByteSource | undefined): boolean {
  return body?.trailers?.() !== undefined;
}

function sendHead(answer: Answer, { status, headers, body }: HttpResponse, declared: number | undefined): void {
  const known = declared ?? (body?.length || undefined);
  body?.cancel();
  answer.writeHead(status, headers, status === 204 ? undefined : status === 205 ? 0 : known, false);
  answer.end();
}

function sendWhole(
  answer: Answer,
  status: number,
  headers: HeaderList,
  declared: number | undefined,
  chunk: Chunk,
): void {
  const length = chunk?.length ?? 0;
  if (declared !== undefined && declared !== length) throw lengthError(declared, length);
  answer.writeHead(status, headers, length, false);
  answer.end(chunk);
}

/** The trailers that may be sent. What frames or routes a message has to be known before its body (RFC 9110, 6.5.1). */
function allowedTrailers(list: HeaderList): HeaderList {
  const isAllowed = (name: string): boolean =>
    name !== 'content-length' && name !== 'trailer' && name !== 'host' && !isOfConnection(name);
  return list.filter(([name]) => isAllowed(name));
}

function lengthError(declared: number, actual: number): HttpError {
  return new HttpError('HTTP-response-body-size', `content-length says ${declared}, the body has ${actual} bytes`);
}

async function stream(
  answer: Answer,
  response: HttpResponse,
  declared: number | undefined,
  ready: Uint8Array[],
  next: Chunk | Promise<Chunk>,
  limits: ResponseLimits,
): Promise<void> {
  const body = response.body!;
  const start = (): void => {
    if (answer.headersSent) return;
    answer.writeHead(response.status, response.headers, declared, answer.takesTrailers(declared));
  };
  // The head goes out soon even if the body takes its time; a body that comes at once shares a packet with it.
  const early = setImmediate(() => {
    if (answer.destroyed || answer.headersSent) return;
    start();
    answer.flushHead();
  });
  const writer = new ResponseWriter(answer, limits.writeIdleMs, body.release && ((chunk) => body.release?.(chunk)));
  let sent = 0;
  try {
    for (const chunk of ready) {
      sent = count(sent, chunk, declared);
      start();
      await writer.write(chunk);
    }
    for (let chunk = await next; chunk !== undefined; chunk = await body.read()) {
      if (answer.destroyed) return;
      sent = count(sent, chunk, declared);
      start();
      const room = writer.write(chunk);
      if (room) await room;
    }
    if (answer.destroyed) return;
    if (declared !== undefined && sent !== declared) throw lengthError(declared, sent);
    const trailers = await body.trailers?.();
    start();
    if (trailers !== undefined) answer.addTrailers(allowedTrailers(trailers));
    answer.end();
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
