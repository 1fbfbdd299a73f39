// Sends requests over sockets with node:http: kept connections, bodies streamed both ways, time limits. It follows no
// redirects and knows no permissions.
import type { Agent, ClientRequest, IncomingMessage, RequestOptions } from 'node:http';
import { type ByteSource, HttpError, type HttpRequest, type HttpResponse, type SendOptions } from '../http-message.ts';
import { contentLengthOf, parseAuthority } from '../http-syntax.ts';
import { headerList, NodeBody } from '../node-body.ts';
import { http, https } from '../node-http.ts';
import { toHttpError } from './client-error.ts';

export interface ClientLimits {
  /** Bytes of a response's head. */
  readonly headerBytes: number;
  readonly headerCount: number;
  /** Bytes of a response body that are read ahead of the guest. */
  readonly bufferedBytes: number;
  /** Applies to each of the three time limits that a request leaves open, in milliseconds. */
  readonly timeoutMs: number;
  /** How long a connection is kept without a request, in milliseconds. */
  readonly keepAliveMs: number;
}

export const defaultClientLimits: ClientLimits = {
  headerBytes: 64 * 1024,
  headerCount: 1000,
  bufferedBytes: 64 * 1024,
  timeoutMs: 600_000,
  keepAliveMs: 30_000,
};

export interface HttpClient {
  /** Rejects with an HttpError. */
  send(request: HttpRequest, options: SendOptions): Promise<HttpResponse>;
  /** Closes the connections that are kept. */
  close(): void;
}

export interface ClientOptions {
  readonly limits?: Partial<ClientLimits> | undefined;
  /** Certificates (PEM) to trust beside those of Node: for tests and for private authorities. */
  readonly ca?: string | undefined;
}

export function createHttpClient(options: ClientOptions = {}): HttpClient {
  const limits = { ...defaultClientLimits, ...options.limits };
  const settings = { keepAlive: true, timeout: limits.keepAliveMs };
  const plain = new http.Agent(settings);
  let secure: Agent | undefined;
  const agentFor = ({ scheme }: HttpRequest): Agent => {
    if (scheme === 'http') return plain;
    secure ??= new (https().Agent)({ ...settings, ca: options.ca });
    return secure;
  };
  return {
    async send(request, sendOptions) {
      const agent = agentFor(request);
      try {
        return await sendOnce(request, sendOptions, limits, agent);
      } catch (error) {
        if (!(error instanceof StaleConnection)) throw error;
        return sendOnce(request, sendOptions, limits, agent);
      }
    },
    close() {
      plain.destroy();
      secure?.destroy();
    },
  };
}

/** A kept connection that the server had closed in the meantime: the request has not been seen by anybody. */
class StaleConnection extends HttpError {}

const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

function sendOnce(
  request: HttpRequest,
  options: SendOptions,
  limits: ClientLimits,
  agent: Agent,
): Promise<HttpResponse> {
  return new Promise((resolve, reject) => {
    const { signal } = options;
    if (signal?.aborted) throw abandoned();
    const req = open(request, limits, agent);
    const timers = watch(req, options, limits);
    const abort = (): void => void req.destroy(abandoned());
    signal?.addEventListener('abort', abort);
    req.on('response', (message) => {
      timers.stop();
      signal?.removeEventListener('abort', abort);
      try {
        resolve(toResponse(req, message, options, limits));
      } catch (error) {
        message.destroy();
        reject(error);
      }
    });
    req.on('error', (error: Error & { code?: string }) => {
      timers.stop();
      signal?.removeEventListener('abort', abort);
      const stale = error.code === 'ECONNRESET' && req.reusedSocket && !request.body && repeatable.has(request.method);
      const { code, message, detail } = toHttpError(error);
      reject(stale ? new StaleConnection(code, message, detail, { cause: error }) : toHttpError(error));
    });
    if (request.body === undefined) req.end();
    else sendBody(req, request.body).catch((error) => req.destroy(toHttpError(error)));
  });
}

function abandoned(): HttpError {
  return new HttpError('connection-terminated', 'the request was abandoned');
}

function open(request: HttpRequest, limits: ClientLimits, agent: Agent): ClientRequest {
  const authority = parseAuthority(request.authority);
  if (authority === undefined || authority.host === '') {
    throw new HttpError('HTTP-request-URI-invalid', `"${request.authority}" is no host`);
  }
  const settings: RequestOptions = {
    agent,
    method: request.method,
    hostname: authority.host.replace(/^\[(.*)\]$/, '$1'),
    port: authority.port ?? (request.scheme === 'https' ? 443 : 80),
    path: request.target.replaceAll(outsideAscii, encodeURIComponent),
    headers: headersOf(request),
    maxHeaderSize: limits.headerBytes,
  };
  try {
    const req = request.scheme === 'https' ? https().request(settings) : http.request(settings);
    // One more than allowed: Node drops silently what is beyond.
    req.maxHeadersCount = limits.headerCount + 1;
    return req;
  } catch (error) {
    throw toHttpError(error);
  }
}

const outsideAscii = /[^\x21-\x7e]+/g;
const bodiless: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'OPTIONS', 'TRACE', 'CONNECT']);

/** All of them: with headers as a list, Node adds none but `connection`. */
function headersOf({ method, authority, headers, body }: HttpRequest): string[] {
  const flat = ['host', authority];
  for (const [name, value] of headers) if (name !== 'host') flat.push(name, value);
  if (contentLengthOf(headers) !== undefined) return flat;
  if (body === undefined) return bodiless.has(method) ? flat : [...flat, 'content-length', '0'];
  const framing = body.length === undefined ? ['transfer-encoding', 'chunked'] : ['content-length', `${body.length}`];
  return [...flat, ...framing];
}

/** The time until there is a connection, then the time until the head of the response. */
function watch(req: ClientRequest, options: SendOptions, limits: ClientLimits): { stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const start = (ms: number, code: string, message: string): void => {
    clearTimeout(timer);
    timer = setTimeout(() => req.destroy(new HttpError(code, `${message} within ${ms} ms`)), ms);
  };
  const connected = (): void =>
    start(options.firstByteTimeoutMs ?? limits.timeoutMs, 'connection-read-timeout', 'no response came');
  start(options.connectTimeoutMs ?? limits.timeoutMs, 'connection-timeout', 'no connection was made');
  req.on('socket', (socket) => {
    if (!socket.connecting) connected();
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
  });
  return { stop: () => clearTimeout(timer) };
}

function toResponse(
  req: ClientRequest,
  message: IncomingMessage,
  options: SendOptions,
  limits: ClientLimits,
): HttpResponse {
  if (message.rawHeaders.length > limits.headerCount * 2) {
    throw new HttpError('HTTP-response-header-section-size', `response has more than ${limits.headerCount} headers`);
  }
  const headers = headerList(message.rawHeaders);
  const status = message.statusCode ?? 0;
  const length = contentLengthOf(headers);
  if (length === 0 || req.method === 'HEAD' || status === 204 || status === 304) {
    message.resume();
    return { status, headers, body: undefined };
  }
  const body = new NodeBody(message, {
    bufferedBytes: limits.bufferedBytes,
    idleMs: options.betweenBytesTimeoutMs ?? limits.timeoutMs,
    length: length === 'invalid' ? undefined : length,
    brokenCode: 'HTTP-response-incomplete',
    abandon: () => message.destroy(),
  });
  return { status, headers, body };
}

async function sendBody(req: ClientRequest, body: ByteSource): Promise<void> {
  try {
    // Makes the connection before the guest has written: it may want to see the server's first words.
    req.flushHeaders();
    for (let chunk = await body.read(); chunk !== undefined; chunk = await body.read()) {
      if (req.destroyed) return;
      if (!req.write(chunk)) await drained(req);
    }
    if (req.destroyed) return;
    const trailers = await body.trailers?.();
    if (trailers !== undefined) req.addTrailers(trailers as [string, string][]);
    req.end();
  } finally {
    body.cancel();
  }
}

function drained(req: ClientRequest): Promise<void> {
  if (req.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      req.off('drain', done);
      req.off('close', done);
      resolve();
    };
    req.on('drain', done);
    req.on('close', done);
  });
}
