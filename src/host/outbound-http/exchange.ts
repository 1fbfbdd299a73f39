// One request and its answer on a connection of node:http. However the connection ends, the promise settles.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AnsweredEarly, HttpError, type HttpRequest, type HttpResponse, type SendOptions } from '../http-message.ts';
import { parseAuthority } from '../http-syntax.ts';
import type { OutboundNetwork } from '../network/outbound-network.ts';
import { http, https } from '../node-http.ts';
import { type Agents, type WantedConnection, watchOf } from './agents.ts';
import { toHttpError } from './client-error.ts';
import { framed, wireHeaders } from './framing.ts';
import type { ClientLimits } from './limits.ts';
import { toResponse } from './response.ts';
import { Upload } from './upload.ts';

/** The error of a kept connection that the server had closed in the meantime: nobody has seen the request. */
export class StaleConnection extends HttpError {}

const repeatable: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'PUT', 'DELETE', 'TRACE']);

/** The most informational responses before the final one. */
const MOST_INFORMATIONAL = 50;

/** The means of a component's requests. */
export interface ClientParts {
  readonly componentId: string;
  readonly limits: ClientLimits;
  readonly network: OutboundNetwork;
  readonly agents: Agents;
}

export async function sendOnce(request: HttpRequest, options: SendOptions, parts: ClientParts): Promise<HttpResponse> {
  if (options.signal?.aborted) throw abandoned();
  return new Exchange(framed(request), request, options, parts).response;
}

function abandoned(): HttpError {
  return new HttpError('connection-terminated', 'the request was abandoned');
}

class Exchange {
  readonly #request: HttpRequest;
  readonly #options: SendOptions;
  readonly #limits: ClientLimits;
  readonly #req: ClientRequest;
  readonly #upload: Upload | undefined;
  readonly #outcome = Promise.withResolvers<HttpResponse>();
  #settled = false;
  #socket: Socket | undefined;
  #response: IncomingMessage | undefined;
  #informational = 0;
  /** Aborted when no connection is wanted any more. */
  readonly #wanted = new AbortController();
  #timer: NodeJS.Timeout | undefined;

  constructor(request: HttpRequest, given: HttpRequest, options: SendOptions, parts: ClientParts) {
    this.#request = request;
    this.#options = options;
    this.#limits = parts.limits;
    this.#req = open(request, given, parts, this.#wanted.signal);
    this.#listen();
    this.#wait(options.connectTimeoutMs, 'connection-timeout', 'no connection was made');
    options.signal?.addEventListener('abort', this.#abort);
    if (request.body === undefined) {
      this.#req.end();
      return;
    }
    this.#upload = new Upload(this.#req, request.body);
    this.#upload.run().catch((error: unknown) => this.#break(toHttpError(error)));
  }

  get response(): Promise<HttpResponse> {
    return this.#outcome.promise;
  }

  #listen(): void {
    const req = this.#req;
    req.on('socket', (socket) => this.#connected(socket));
    req.on('information', () => {
      this.#informational++;
      if (this.#informational > MOST_INFORMATIONAL) this.#break(tooManyInformational());
    });
    req.on('response', (message) => this.#answer(message));
    // Without these two listeners node:http closes the connection, and says nothing more.
    req.on('upgrade', (message, socket) => this.#switched(message, socket));
    req.on('connect', (message, socket) => this.#switched(message, socket));
    req.on('error', (error: Error & { code?: string }) => this.#fail(this.#explain(error)));
    req.on('close', () => this.#closed());
  }

  #connected(socket: Socket): void {
    this.#socket = socket;
    watchOf(socket).begin(this.#request.method);
    this.#upload?.connected(socket);
    const connected = (): void =>
      this.#wait(this.#options.firstByteTimeoutMs, 'connection-read-timeout', 'no response came');
    if (!socket.connecting) connected();
    else socket.once('encrypted' in socket ? 'secureConnect' : 'connect', connected);
  }

  #answer(message: IncomingMessage): void {
    if (this.#settled) return;
    this.#response = message;
    if (this.#socket) watchOf(this.#socket).answered(message);
    try {
      this.#outcome.resolve(toResponse(message, this.#request.method, this.#options, this.#limits));
      this.#upload?.answered(message);
      this.#settle();
    } catch (error) {
      this.#break(toHttpError(error));
    }
  }

  /** Fails on a change of protocol: the guest asked for HTTP, and has no use for another one. */
  #switched({ statusCode }: IncomingMessage, socket: Socket): void {
    socket.destroy();
    const message = `the other side answered ${statusCode} and speaks no HTTP from there on`;
    this.#fail(new HttpError('HTTP-upgrade-failed', message));
  }

  /** Gives the connection up, which is of no use any more. */
  #break(error: HttpError): void {
    this.#fail(error);
    this.#socket?.destroy();
  }

  #fail(error: HttpError): void {
    this.#upload?.stop(error);
    // The body is destroyed before node:http takes the end of the connection for that of the body.
    if (this.#response?.complete === false) this.#response.destroy(error);
    if (this.#settled) return;
    this.#settle();
    this.#outcome.reject(error);
    if (this.#response === undefined) this.#req.destroy();
  }

  #closed(): void {
    const complete = this.#response?.complete === true;
    const error = new HttpError('connection-terminated', 'the other side closed the connection');
    this.#upload?.stop(complete ? new AnsweredEarly() : error);
    this.#fail(error);
  }

  readonly #abort = (): void => this.#break(abandoned());

  #settle(): void {
    this.#settled = true;
    if (this.#socket === undefined) this.#wanted.abort(abandoned());
    clearTimeout(this.#timer);
    this.#options.signal?.removeEventListener('abort', this.#abort);
  }

  /** Waits for the connection, then for the head of the response. */
  #wait(given: number | undefined, code: string, message: string): void {
    if (this.#settled) return;
    const ms = given ?? this.#limits.timeoutMs;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#break(new HttpError(code, `${message} within ${ms} ms`)), ms);
  }

  #explain(error: Error & { code?: string }): HttpError {
    const { code, message, detail } = toHttpError(error);
    const unseen = error.code === 'ECONNRESET' && this.#req.reusedSocket && this.#informational === 0;
    const stale = unseen && !this.#request.body && repeatable.has(this.#request.method);
    return stale ? new StaleConnection(code, message, detail, { cause: error }) : toHttpError(error);
  }
}

function tooManyInformational(): HttpError {
  return new HttpError('HTTP-protocol-error', `more than ${MOST_INFORMATIONAL} informational responses came`);
}

function open(
  request: HttpRequest,
  given: HttpRequest,
  { agents, componentId, limits, network }: ClientParts,
  wanted: AbortSignal,
): ClientRequest {
  const authority = parseAuthority(request.authority);
  if (authority === undefined || authority.host === '') {
    throw new HttpError('HTTP-request-URI-invalid', `"${request.authority}" is no host`);
  }
  const tls = request.scheme === 'https' ? network.tlsFor(componentId, authority.host) : undefined;
  const settings: WantedConnection & { maxHeaderSize: number } = {
    agent: agents.for(request.scheme, tls),
    lookup: network.lookup,
    wanted,
    method: request.method,
    hostname: authority.host.replace(/^\[(.*)\]$/, '$1'),
    port: authority.port ?? (request.scheme === 'https' ? 443 : 80),
    path: request.target.replaceAll(outsideAscii, encodeURIComponent),
    headers: wireHeaders(request, given.headers),
    maxHeaderSize: limits.headerBytes,
  };
  try {
    network.checkLiteral(authority.host);
    const req = request.scheme === 'https' ? https().request(settings) : http.request(settings);
    // This is one more than allowed, since Node drops what is beyond without a word.
    req.maxHeadersCount = limits.headerCount + 1;
    return req;
  } catch (error) {
    throw toHttpError(error);
  }
}

const outsideAscii = /[^\x21-\x7e]+/g;
