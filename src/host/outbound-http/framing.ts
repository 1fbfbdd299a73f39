// Decides how a request is framed, which belongs to the host, while what it says belongs to the guest: the fields of
// the connection are taken out, and the body has to keep the promise of a content-length.
import { type HeaderList, HttpError, type HttpRequest } from '../http-message.ts';
import { contentLengthOf } from '../http-syntax.ts';
import { SizedBody } from '../relayed-body.ts';

/** Fields that say how a message is sent, not what it says (RFC 9110, 7.6.1), and those that ask for another framing. */
const ofConnection: ReadonlySet<string> = new Set([
  'connection',
  'expect',
  'http2-settings',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** Fields that may not come after a body (RFC 9110, 6.5.1): somebody might take them for those of the head. */
const notInTrailers: ReadonlySet<string> = new Set([...ofConnection, 'content-length', 'host']);

const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/**
 * Makes the request as it may be passed on: with one content-length at most, and a body that fails when it does not
 * have that many bytes. Throws when that is certain before the body is read.
 */
export function framed(request: HttpRequest): HttpRequest {
  const headers = lowerCased(request.headers);
  const declared = contentLengthOf(headers);
  if (declared === 'invalid') {
    throw new HttpError('HTTP-protocol-error', 'content-length is no number, or there are two');
  }
  const { body } = request;
  if (body === undefined) {
    if (declared !== undefined && declared > 0) throw wrongSize(declared, 0);
    return { ...request, headers: withoutConnection(headers, declared) };
  }
  const expected = declared ?? body.length;
  if (declared !== undefined && body.length !== undefined && body.length !== declared) {
    throw wrongSize(declared, body.length);
  }
  if (expected === undefined) return { ...request, headers: withoutConnection(headers, declared) };
  const sized = new SizedBody(body, expected, (actual) => {
    const error = wrongSize(expected, actual);
    body.cancel(error);
    throw error;
  });
  return { ...request, headers: withoutConnection(headers, declared), body: sized };
}

/**
 * Makes the headers for the wire, name after value: all that is sent besides `connection: keep-alive`. `request` must
 * be framed.
 */
export function wireHeaders({ method, authority, headers, body }: HttpRequest, sent: HeaderList): string[] {
  const flat = ['host', authority];
  for (const [name, value] of headers) if (name !== 'host' && name !== 'content-length') flat.push(name, value);
  if (takesTrailers(sent)) flat.push('te', 'trailers', 'connection', 'keep-alive, te');
  const length = body === undefined ? contentLengthOf(headers) : body.length;
  if (typeof length === 'number') flat.push('content-length', String(length));
  else if (body !== undefined) flat.push('transfer-encoding', 'chunked', ...announcedTrailers(sent));
  else if (!bodiless.has(method)) flat.push('content-length', '0');
  return flat;
}

export function sendableTrailers(trailers: HeaderList): HeaderList {
  return trailers.filter(([name]) => !notInTrailers.has(name.toLowerCase()));
}

/**
 * Whether the guest takes trailers, which is the only thing that it may want with `te`; anything else there is a
 * coding, which it could not read.
 */
function takesTrailers(headers: HeaderList): boolean {
  return listOf(headers, 'te').includes('trailers');
}

/** The names of announced trailers: some servers read only these. */
function announcedTrailers(headers: HeaderList): string[] {
  const names = listOf(headers, 'trailer').filter((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name));
  const sendable = names.filter((name) => !notInTrailers.has(name));
  return sendable.length === 0 ? [] : ['trailer', sendable.join(', ')];
}

function listOf(headers: HeaderList, wanted: string): string[] {
  const values = headers.filter(([name]) => name.toLowerCase() === wanted).map(([, value]) => value);
  return values
    .join(',')
    .split(',')
    .map((one) => one.trim().toLowerCase());
}

function lowerCased(headers: HeaderList): HeaderList {
  if (!headers.some(([name]) => name !== name.toLowerCase())) return headers;
  return headers.map(([name, value]) => [name.toLowerCase(), value] as const);
}

function withoutConnection(headers: HeaderList, declared: number | undefined): HeaderList {
  const rest = headers.filter(([name]) => !ofConnection.has(name) && name !== 'content-length');
  return declared === undefined ? rest : [...rest, ['content-length', String(declared)]];
}

function wrongSize(declared: number, actual: number): HttpError {
  const message = `content-length says ${declared}, the body has ${actual} bytes`;
  return new HttpError('HTTP-request-body-size', message, BigInt(actual));
}
