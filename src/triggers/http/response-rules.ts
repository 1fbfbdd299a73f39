// What a response may contain, whichever way it leaves: over a socket, to another component, to a caller of the
// library. Whoever sends it decides about framing and connections, never a guest, an upstream server or a manifest.
import { type ByteSource, type HeaderList, HttpError, type HttpResponse } from '../../host/http-message.ts';
import { contentLengthOf } from '../../host/http-syntax.ts';
import { SizedBody } from '../../host/relayed-body.ts';

/** Whether the body, if there is one, is not part of the message. RFC 9110, 9.3.2 and 15. */
export function hasNoBody(method: string, status: number): boolean {
  return method === 'HEAD' || status === 204 || status === 205 || status === 304;
}

/**
 * Gives the response without the fields of a connection. Throws an HttpError, after cancelling the body, when the
 * response has no final status, or a content-length that is invalid or not kept. A body that breaks its word later
 * fails then.
 */
export function ruled(response: HttpResponse, method: string): HttpResponse {
  const { status, headers, body } = response;
  if (status < 200 || status > 599) {
    throw refused(body, 'HTTP-protocol-error', `the guest answered with status ${status}`);
  }
  if (isPlain(headers)) return response;
  const declared = contentLengthOf(headers);
  if (declared === 'invalid') {
    throw refused(body, 'HTTP-protocol-error', 'content-length is no number, or two differ');
  }
  const bodiless = hasNoBody(method, status);
  const length = body === undefined ? 0 : body.length;
  if (declared !== undefined && !bodiless && length !== undefined && length !== declared) {
    throw wrongSize(body, declared, length);
  }
  const keepsLength = status !== 204 && status !== 205;
  const isSized = declared === undefined || bodiless || length !== undefined;
  if (isSized && !mustChange(headers, keepsLength)) return response;
  return {
    status,
    headers: withoutConnection(headers, keepsLength),
    body: isSized || body === undefined ? body : sized(body, declared),
  };
}

function refused(body: ByteSource | undefined, code: string, message: string): HttpError {
  body?.cancel();
  return new HttpError(code, message);
}

function wrongSize(body: ByteSource | undefined, declared: number, actual: number): HttpError {
  const message = `content-length says ${declared}, the body has ${actual} bytes`;
  return refused(body, 'HTTP-response-body-size', message);
}

/** A body of unknown length for which one was announced. */
function sized(body: ByteSource, announced: number): ByteSource {
  return new SizedBody(body, announced, (actual) => {
    throw wrongSize(body, announced, actual);
  });
}

const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'transfer-encoding',
  'te',
  'upgrade',
  'http2-settings',
]);

/** Whether a field says how this connection goes on, or how this message is framed on it. */
export function isOfConnection(name: string): boolean {
  return ofConnection.has(name);
}

/**
 * Whether no field is about the connection or the length, as in most responses. Only few names begin with these
 * letters.
 */
function isPlain(headers: HeaderList): boolean {
  for (const [name] of headers) {
    switch (name.charCodeAt(0)) {
      case 0x63: // c
      case 0x68: // h
      case 0x6b: // k
      case 0x70: // p
      case 0x74: // t
      case 0x75: // u
        if (name === 'content-length' || ofConnection.has(name)) return false;
    }
  }
  return true;
}

function mustChange(headers: HeaderList, keepsLength: boolean): boolean {
  let lengths = 0;
  for (const [name] of headers) {
    if (isOfConnection(name)) return true;
    if (name === 'content-length') lengths++;
  }
  return lengths > (keepsLength ? 1 : 0);
}

/** The fields that may be sent, with one content-length at most. */
function withoutConnection(headers: HeaderList, keepsLength: boolean): HeaderList {
  let wanted = keepsLength;
  return headers.filter(([name]) => {
    if (name !== 'content-length') return !isOfConnection(name);
    const keep = wanted;
    wanted = false;
    return keep;
  });
}
