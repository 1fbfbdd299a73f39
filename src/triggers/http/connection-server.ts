// Stands between node:http and a dispatcher: takes requests, sends answers, and handles everything that can go wrong on
// the way.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { messageOf } from '../../errors.ts';
import type { HttpResponse } from '../../host/http-message.ts';
import { logEvent } from '../../telemetry/events.ts';
import { Connection, type ConnectionLimits, SocketContext } from './connection.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import { emptyResponse } from './failure-response.ts';
import { type RequestLimits, toHttpRequest } from './node-request.ts';
import { type ResponseLimits, sendResponse } from './node-response.ts';
import { statusOf } from './parse-error.ts';

interface ConnectionServerLimits extends RequestLimits, ResponseLimits, ConnectionLimits {}

/** Milliseconds after a stop in which idle connections may bring one more request: it may be on its way. */
const IDLE_GRACE_MS = 250;

export class ConnectionServer {
  readonly #dispatcher: HttpDispatcher;
  readonly #server: Server;
  readonly #limits: ConnectionServerLimits;
  readonly #scheme: 'http' | 'https';
  readonly #connections = new WeakMap<Socket, Connection>();
  #stopping = false;
  #graceOver = false;

  constructor(dispatcher: HttpDispatcher, server: Server, limits: ConnectionServerLimits, scheme: 'http' | 'https') {
    this.#dispatcher = dispatcher;
    this.#server = server;
    this.#limits = limits;
    this.#scheme = scheme;
  }

  serve(req: IncomingMessage, res: ServerResponse): void {
    const connection = this.#connectionOf(req.socket);
    const context = new SocketContext(connection, req.httpVersionMinor === 0 ? 'HTTP/1.0' : 'HTTP/1.1');
    if (!connection.began(res, context)) return;
    let response: HttpResponse | undefined;
    res.on('close', () => {
      connection.ended();
      if (!res.writableFinished) {
        context.abort();
        response?.body?.cancel();
      }
      this.#after(req);
    });
    const request = toHttpRequest(req, res, connection, this.#scheme, this.#limits);
    if (typeof request === 'number') {
      // The connection closes, since the parser can no longer be trusted with what comes after such a request.
      connection.closing = true;
      this.#send(req, res, connection, emptyResponse(request));
      return;
    }
    this.#dispatcher.handle(request, context).then((answer) => {
      response = answer;
      if (context.gone) answer.body?.cancel();
      else this.#send(req, res, connection, answer);
    });
  }

  /**
   * Refuses CONNECT, which has no path that could have a route. What follows it is not HTTP, and Node has let go of the
   * socket.
   */
  refuseTunnel(req: IncomingMessage, stream: Duplex): void {
    stream.on('error', () => stream.destroy());
    stream.resume();
    this.#connectionOf(req.socket).leaveWith(404);
  }

  /** Called when a connection broke, or brought something that is no request. */
  failed(error: Error, socket: Socket): void {
    const status = statusOf(error);
    if (status === undefined || socket.destroyed) socket.destroy(error);
    else this.#connectionOf(socket).leaveWith(status);
  }

  async stop(timeoutMs: number): Promise<void> {
    this.#stopping = true;
    // The close of node:http would end idle connections at once, and lose the requests that are on their way in them,
    // so that of its base class is used.
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
      connection = new Connection(socket, this.#limits);
      this.#connections.set(socket, connection);
    }
    return connection;
  }

  #send(req: IncomingMessage, res: ServerResponse, connection: Connection, response: HttpResponse): void {
    if ((this.#stopping && connection.isLast(res)) || connection.closesAfter(res)) res.shouldKeepAlive = false;
    try {
      sendResponse(res, response, this.#limits)?.catch((error) => this.#broke(req, res, error));
    } catch (error) {
      this.#broke(req, res, error);
    }
  }

  /** Called when a body failed, or a head cannot be sent. */
  #broke(req: IncomingMessage, res: ServerResponse, error: unknown): void {
    if (res.destroyed) return;
    const { method } = req;
    const path = req.url?.split('?', 1)[0];
    const text = `Response to ${method} ${path} broke off: ${messageOf(error)}`;
    logEvent(this.#dispatcher.log, 'response-broken', { method, path, err: error }, text);
    if (!res.headersSent) {
      sendResponse(res, emptyResponse(500), this.#limits);
      return;
    }
    this.#connectionOf(req.socket).breakOff(res);
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
