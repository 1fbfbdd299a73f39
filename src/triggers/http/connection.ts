// One client's connection and its requests in flight: who it is, when it is gone, how many requests it may pile up, and
// how it ends when the client sends what is no request, or nothing any more.
import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { ClientContext } from './dispatcher.ts';
import { farewell } from './parse-error.ts';

export interface ConnectionLimits {
  /** How long what still comes is thrown away before the connection is closed, in milliseconds. */
  readonly lingerMs: number;
  /** How long a client that has closed its side waits for each piece of its answers, in milliseconds. */
  readonly halfClosedMs: number;
}

/** Pipelined requests that wait for their turn on one connection; browsers do not pipeline at all. */
const maxInFlight = 100;

/** Bytes that are thrown away while the last answers go out. */
const MOST_IGNORED = 1_048_576;

export class Connection {
  readonly clientAddress: string;
  /** What else comes on the connection is not read as a request: its answers in flight are its last. */
  closing = false;
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  #inFlight = 0;
  #ignored = 0;
  #last: ServerResponse | undefined;
  #lastContext: SocketContext | undefined;
  /** What is said after the last answer, and how many answers come before. */
  #farewell: string | undefined;
  #awaited = 0;
  #readBefore = 0;
  #broken: ServerResponse[] | undefined;

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket;
    this.#limits = limits;
    const { remoteAddress = '0.0.0.0', remotePort = 0 } = socket;
    this.clientAddress = `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
    socket.on('end', () => this.#halfClosed());
  }

  /** False for a request that is not to be served. Cuts off a client that sends more without waiting for answers. */
  began(res: ServerResponse, context: SocketContext): boolean {
    if (this.closing) this.#ignored++;
    else {
      this.#inFlight++;
      this.#last = res;
      this.#lastContext = context;
    }
    if (this.#inFlight + this.#ignored > maxInFlight) this.#socket.destroy();
    return !this.closing && !this.#socket.destroyed;
  }

  ended(): void {
    this.#inFlight--;
    this.#broken?.forEach((res) => void this.breakOff(res));
    if (this.#farewell === undefined) return;
    this.#awaited--;
    if (this.#awaited === 0) this.#leave(this.#farewell);
  }

  /**
   * An answer that began and cannot go on. Node would keep the connection of one whose turn has not come: its turn is
   * waited for, since the answers before it are whole.
   */
  breakOff(res: ServerResponse): void {
    if (res.socket === null) {
      this.#broken ??= [];
      if (!this.#broken.includes(res)) this.#broken.push(res);
    } else if (res.req.httpVersionMinor === 0) {
      // Without chunks and length an orderly end would look like the end of the body.
      this.#socket.resetAndDestroy();
    } else this.#socket.destroy();
  }

  /** Of the answers in flight, the one that nothing follows: another one must not announce a close. */
  isLast(res: ServerResponse): boolean {
    return res === this.#last;
  }

  /** That answer has to say that the connection closes. */
  closesAfter(res: ServerResponse): boolean {
    return this.closing && this.#farewell === undefined && this.isLast(res);
  }

  /**
   * What came is no request: the answers before it go out, then `status`, and the connection closes. When it is the body
   * of the last request that is none, `status` takes the place of its answer.
   */
  leaveWith(status: number): void {
    if (this.#farewell !== undefined) {
      if (this.#socket.bytesRead - this.#readBefore > MOST_IGNORED) this.#socket.destroy();
      return;
    }
    const last = this.#inFlight > 0 ? this.#last : undefined;
    const isBroken = last !== undefined && !last.req.complete && !last.writableEnded;
    if (isBroken && last.headersSent) {
      this.#socket.destroy();
      return;
    }
    if (isBroken) this.#lastContext?.abort();
    this.closing = true;
    this.#farewell = farewell(status);
    this.#readBefore = this.#socket.bytesRead;
    this.#awaited = this.#inFlight - (isBroken ? 1 : 0);
    if (this.#awaited === 0) this.#leave(this.#farewell);
  }

  /** Whoever closes with bytes unread has the system throw away what the client has not read yet. */
  #leave(text: string): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    socket.end(text, 'latin1');
    const timer = setTimeout(() => socket.destroy(), this.#limits.lingerMs);
    socket.on('close', () => clearTimeout(timer));
  }

  /**
   * A client that closes its side may wait for its answers, or be gone: only writing tells. So one that is sent nothing
   * for a while counts as gone.
   */
  #halfClosed(): void {
    if (this.#inFlight === 0) return;
    this.closing = true;
    // Of an answer that waits for its body, Node would forget it when the head goes out.
    if (this.#farewell === undefined && this.#last?.headersSent === false) this.#last.shouldKeepAlive = false;
    const socket = this.#socket;
    let before = socket.bytesWritten;
    const timer = setInterval(() => {
      if (socket.bytesWritten === before && socket.writableLength === 0) socket.destroy();
      before = socket.bytesWritten;
    }, this.#limits.halfClosedMs);
    socket.on('close', () => clearInterval(timer));
  }
}

/** Makes its AbortController only for those who ask for the signal. */
export class SocketContext implements ClientContext {
  readonly clientAddress: string;
  gone = false;
  #abort: AbortController | undefined;

  constructor(connection: Connection) {
    this.clientAddress = connection.clientAddress;
  }

  get signal(): AbortSignal {
    if (this.#abort === undefined) {
      this.#abort = new AbortController();
      if (this.gone) this.#abort.abort();
    }
    return this.#abort.signal;
  }

  abort(): void {
    this.gone = true;
    this.#abort?.abort();
  }
}
