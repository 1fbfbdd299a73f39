// The HTTP trigger's sockets: node:http with careful settings, in front of a trigger. Routing and guests are not here.
import type { IncomingMessage, Server, ServerOptions, ServerResponse } from 'node:http';
import { type AddressInfo, Server as NetServer, type Socket } from 'node:net';
import { MayflyError, messageOf } from '../../errors.ts';
import type { HttpResponse } from '../../host/http-message.ts';
import { http, https } from '../../host/node-http.ts';
import { Connection, SocketContext } from './connection.ts';
import { emptyResponse } from './failure.ts';
import { type RequestLimits, toHttpRequest } from './node-request.ts';
import { type ResponseLimits, sendResponse } from './node-response.ts';
import type { HttpTrigger } from './trigger.ts';

/** Times in milliseconds, sizes in bytes. */
export interface ServerLimits extends RequestLimits, ResponseLimits {
  readonly headerBytes: number;
  /** From the first byte of a request to the end of its head. */
  readonly headerMs: number;
  /** How long a connection may be open without a request. */
  readonly keepAliveMs: number;
  /** How long the rest of a request body is thrown away after the answer, before the connection is closed. */
  readonly lingerMs: number;
  readonly connections: number;
}

export const defaultServerLimits: ServerLimits = {
  headerBytes: 64 * 1024,
  headerCount: 1000,
  bufferedBytes: 64 * 1024,
  headerMs: 20_000,
  bodyIdleMs: 60_000,
  writeIdleMs: 60_000,
  keepAliveMs: 65_000,
  lingerMs: 2_000,
  connections: 20_000,
};

export interface HttpServerOptions {
  readonly trigger: HttpTrigger;
  readonly limits?: Partial<ServerLimits> | undefined;
  /** PEM. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
  /** A socket that listens already, handed over by a parent process; it takes the place of host and port. */
  readonly handle?: object | undefined;
}

/** Connections that wait to be accepted; the system may allow fewer. A burst of thousands must not be reset. */
const BACKLOG = 4096;

/** Idle connections may bring one more request for so long after a stop: it may be on its way. Milliseconds. */
const IDLE_GRACE_MS = 250;

export interface HttpServer {
  /** Rejects with `listen-failed`. Resolves to the real port when 0 was asked for. */
  listen(address: ListenAddress): Promise<{ readonly host: string; readonly port: number }>;
  /** Accepts no more, lets requests in flight finish for that long, then breaks what is left. */
  stop(options: { readonly timeoutMs: number }): Promise<void>;
}

export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits: ServerLimits = { ...defaultServerLimits, ...options.limits };
  const server = options.tls
    ? https().createServer({ ...settings(limits), ...options.tls })
    : http.createServer(settings(limits));
  // One more than allowed: Node drops silently what is beyond, we answer 431.
  server.maxHeadersCount = limits.headerCount + 1;
  server.maxConnections = limits.connections;
  const front = new Front(options.trigger, server, limits, options.tls ? 'https' : 'http');
  server.on('request', (req, res) => front.serve(req, res));
  server.on('checkContinue', (req, res) => front.serve(req, res));
  return { listen: (address) => listen(server, address), stop: ({ timeoutMs }) => front.stop(timeoutMs) };
}

function settings(limits: ServerLimits): ServerOptions {
  return {
    insecureHTTPParser: false,
    maxHeaderSize: limits.headerBytes,
    headersTimeout: limits.headerMs,
    // Bodies may take as long as they keep coming: `bodyIdleMs` watches over them.
    requestTimeout: 0,
    connectionsCheckingInterval: Math.min(5_000, limits.headerMs),
    keepAliveTimeout: limits.keepAliveMs,
    highWaterMark: 64 * 1024,
    noDelay: true,
  };
}

class Front {
  readonly #trigger: HttpTrigger;
  readonly #server: Server;
  readonly #limits: ServerLimits;
  readonly #scheme: 'http' | 'https';
  readonly #connections = new WeakMap<Socket, Connection>();
  #stopping = false;
  #graceOver = false;

  constructor(trigger: HttpTrigger, server: Server, limits: ServerLimits, scheme: 'http' | 'https') {
    this.#trigger = trigger;
    this.#server = server;
    this.#limits = limits;
    this.#scheme = scheme;
  }

  serve(req: IncomingMessage, res: ServerResponse): void {
    const connection = this.#connectionOf(req.socket);
    if (!connection.began()) return;
    const context = new SocketContext(connection);
    let response: HttpResponse | undefined;
    res.on('close', () => {
      connection.ended();
      if (!res.writableFinished) {
        context.abort();
        response?.body?.cancel();
      }
      this.#after(req);
    });
    const request = toHttpRequest(req, res, this.#scheme, this.#limits);
    if (typeof request === 'number') {
      this.#refuse(res, request);
      return;
    }
    this.#trigger.handle(request, context).then((answer) => {
      response = answer;
      if (context.gone) answer.body?.cancel();
      else this.#send(req, res, answer);
    });
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    // The close of node:http would end idle connections at once, and lose the requests on their way in them.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(this.#server, () => resolve()));
    const grace = setTimeout(() => this.#endIdle(), Math.min(IDLE_GRACE_MS, timeoutMs));
    const timer = setTimeout(() => this.#server.closeAllConnections(), timeoutMs);
    await closed;
    clearTimeout(grace);
    clearTimeout(timer);
    this.#server.closeAllConnections();
  }

  #endIdle(): void {
    this.#graceOver = true;
    this.#server.closeIdleConnections();
  }

  #connectionOf(socket: Socket): Connection {
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      connection = new Connection(socket);
      this.#connections.set(socket, connection);
    }
    return connection;
  }

  /** The parser can no longer be trusted with what comes after such a request. */
  #refuse(res: ServerResponse, status: number): void {
    res.shouldKeepAlive = false;
    sendResponse(res, emptyResponse(status), this.#limits);
  }

  #send(req: IncomingMessage, res: ServerResponse, response: HttpResponse): void {
    if (this.#stopping) res.shouldKeepAlive = false;
    try {
      sendResponse(res, response, this.#limits)?.catch((error) => this.#broke(req, res, error));
    } catch (error) {
      this.#broke(req, res, error);
    }
  }

  /** The body failed, or the head cannot be sent. */
  #broke(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    if (res.destroyed) return;
    const path = req.url?.split('?', 1)[0];
    this.#trigger.log.error({ err: error }, `Response to ${req.method} ${path} broke off: ${messageOf(error)}`);
    if (!res.headersSent) {
      sendResponse(res, emptyResponse(500), this.#limits);
      return;
    }
    // Without chunks and length an orderly end would look like the end of the body.
    if (req.httpVersionMinor === 0) req.socket.resetAndDestroy();
    else res.destroy();
  }

  #after(req: IncomingMessage): void {
    if (this.#graceOver) setImmediate(() => this.#server.closeIdleConnections());
    const { socket } = req;
    if (req.complete || socket.destroyed) return;
    req.removeAllListeners('data');
    req.resume();
    const timer = setTimeout(() => {
      if (!req.complete) socket.destroy();
    }, this.#limits.lingerMs);
    req.on('close', () => clearTimeout(timer));
  }
}

function listen(server: Server, { host, port, handle }: ListenAddress): Promise<{ host: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error) => reject(listenError(host, port, error)));
    const listening = (): void => {
      const { address, port: real } = (server.address() ?? { address: host, port }) as AddressInfo;
      server.removeAllListeners('error');
      resolve({ host: address, port: real });
    };
    if (handle) server.listen(handle, BACKLOG, listening);
    else server.listen({ host, port, backlog: BACKLOG }, listening);
  });
}

function listenError(host: string, port: number, error: Error & { code?: string }): MayflyError {
  const reasons: Record<string, string> = {
    EADDRINUSE: 'the port is in use',
    EACCES: 'the port needs rights that this process does not have',
    EADDRNOTAVAIL: 'the address is not one of this machine',
  };
  const reason = reasons[error.code ?? ''] ?? error.message;
  const hint =
    error.code === 'EADDRINUSE'
      ? `Stop what listens there, or choose another port: --listen ${host}:${port + 1}`
      : undefined;
  return new MayflyError('listen-failed', `Cannot listen on ${host}:${port}: ${reason}`, { cause: error, hint });
}
