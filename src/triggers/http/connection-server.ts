// Stands between node:http and a dispatcher: takes the requests of HTTP/1.1, and looks after their connections.
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import { Server as NetServer, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { Connection, type ConnectionLimits } from './connection.ts';
import { Exchange, type Serving } from './exchange.ts';
import { Http1Answer } from './http1-answer.ts';
import { toHttpRequest } from './node-request.ts';
import type { ResponseLimits } from './node-response.ts';
import { statusOf } from './parse-error.ts';
import type { RequestLimits } from './request-body.ts';
import { RequestClient } from './request-client.ts';
import { guestHeaders } from './spin-headers.ts';
import type { FindUpgrade } from './upgrades.ts';

interface Http1Serving extends Serving {
  readonly limits: RequestLimits & ResponseLimits & ConnectionLimits;
}

/** Connections of other kinds that a server has. */
export interface OtherConnections {
  /** Called when the server stops: it takes no more connections, and what is on its way is still answered. */
  announceStop?(): void;
  /** Called a little later: nothing new is answered. */
  close(): void;
  /** Called when the time is over. */
  destroy?(): void;
}

/** Milliseconds after a stop in which idle connections may bring one more request: it may be on its way. */
const IDLE_GRACE_MS = 250;

export class ConnectionServer {
  readonly #serving: Http1Serving;
  readonly #server: Server;
  readonly #scheme: 'http' | 'https';
  readonly #connections = new WeakMap<Socket, Connection>();
  readonly #others: OtherConnections[] = [];
  isStopping = false;
  #graceOver = false;

  constructor(serving: Http1Serving, server: Server, scheme: 'http' | 'https') {
    this.#serving = serving;
    this.#server = server;
    this.#scheme = scheme;
  }

  serve(req: IncomingMessage, res: ServerResponse): void {
    const connection = this.#connectionOf(req.socket);
    const client = new RequestClient(connection.peer, req.httpVersionMinor === 0 ? 'HTTP/1.0' : 'HTTP/1.1');
    if (!connection.began(res, client)) return;
    const exchange = new Exchange(this.#serving, client, new Http1Answer(res, connection, this));
    res.on('close', () => {
      connection.ended();
      exchange.closed();
      this.#after(req);
    });
    const request = toHttpRequest(req, res, connection, this.#scheme, this.#serving.limits);
    // The connection closes, since the parser can no longer be trusted with what comes after such a request.
    if (typeof request === 'number') connection.closing = true;
    exchange.serve(request);
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

  /** Hands a connection over to the trigger that goes on with it, when its request is one that we would answer. */
  upgrade(req: IncomingMessage, stream: Duplex, head: Buffer, find: FindUpgrade): void {
    const connection = this.#connectionOf(req.socket);
    const match = find(req);
    const { identify, limits } = this.#serving;
    const asked = toHttpRequest(req, undefined, connection, this.#scheme, limits);
    const { peer } = connection;
    const identified =
      typeof asked === 'number' ? asked : (identify?.(asked, peer) ?? { request: asked, address: peer.text });
    const refusal = typeof identified === 'number' ? identified : this.isStopping ? 503 : undefined;
    if (!match || typeof identified === 'number' || refusal || identified.request.body || !connection.isIdle) {
      if (typeof asked !== 'number') asked.body?.cancel();
      stream.on('error', () => stream.destroy());
      stream.resume();
      // A client that sends a body, or more requests before, does not know what it asks for.
      connection.leaveWith(refusal ?? 400);
      return;
    }
    const { request, address } = identified;
    const headers = guestHeaders(request, match, address);
    match.value.take({ request: { ...request, headers }, raw: req, socket: req.socket, head });
  }

  /** Called when a connection broke, or brought something that is no request. */
  failed(error: Error, socket: Socket): void {
    const status = statusOf(error);
    if (status === undefined || socket.destroyed) socket.destroy(error);
    else this.#connectionOf(socket).leaveWith(status);
  }

  /** Has other connections stopped together with those that are served here. */
  add(others: OtherConnections): void {
    this.#others.push(others);
  }

  async stop(timeoutMs: number): Promise<void> {
    this.isStopping = true;
    for (const others of this.#others) others.announceStop?.();
    // The close of node:http would end idle connections at once, and lose the requests that are on their way in them,
    // so that of its base class is used.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(this.#server, () => resolve()));
    const grace = setTimeout(() => this.#endIdle(), Math.min(IDLE_GRACE_MS, timeoutMs));
    const timer = setTimeout(() => this.#endAll(), timeoutMs);
    await closed;
    clearTimeout(grace);
    clearTimeout(timer);
    this.#server.closeAllConnections();
  }

  #endIdle(): void {
    this.#graceOver = true;
    this.#server.closeIdleConnections();
    for (const others of this.#others) others.close();
  }

  #endAll(): void {
    this.#server.closeAllConnections();
    for (const others of this.#others) others.destroy?.();
  }

  #connectionOf(socket: Socket): Connection {
    let connection = this.#connections.get(socket);
    if (connection === undefined) {
      connection = new Connection(socket, this.#serving.limits);
      this.#connections.set(socket, connection);
    }
    return connection;
  }

  #after(req: IncomingMessage): void {
    if (this.#graceOver) setImmediate(() => this.#server.closeIdleConnections());
    const { socket } = req;
    if (req.complete || socket.destroyed) return;
    req.removeAllListeners('data');
    req.resume();
    const timer = setTimeout(() => {
      if (!req.complete) socket.destroy();
    }, this.#serving.limits.lingerMs);
    req.on('close', () => clearTimeout(timer));
  }
}
