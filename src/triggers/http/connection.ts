// One client's connection and its requests in flight: who the client is, when it is gone, how many requests it may pile
// up, and how the connection ends when it sends something that is no request, or nothing any more.

import type { ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { farewell } from './parse-error.ts';
import { type Peer, peerOf } from './peer.ts';
import type { RequestClient } from './request-client.ts';

export interface ConnectionLimits {
  /** Milliseconds for which what still comes is thrown away before the connection is closed. */
  readonly lingerMs: number;
  /** Milliseconds for which a client that has closed its side waits for each piece of its answers. */
  readonly halfClosedMs: number;
}

/** The most pipelined requests that wait for their turn on one connection; browsers do not pipeline at all. */
const maxInFlight = 100;

/** The most bytes that are thrown away while the last answers go out. */
const MOST_IGNORED = 1_048_576;

export class Connection {
  readonly peer: Peer;
  /** Whether nothing more on the connection is read as a request: the answers in flight are its last. */
  closing = false;
  readonly #socket: Socket;
  readonly #limits: ConnectionLimits;
  #inFlight = 0;
  #ignored = 0;
  #last: ServerResponse | undefined;
  #lastContext: RequestClient | undefined;
  /** The text that is sent after the last answer, and the number of answers that come before it. */
  #farewell: string | undefined;
  #awaited = 0;
  #readBefore = 0;
  #broken: ServerResponse[] | undefined;

  constructor(socket: Socket, limits: ConnectionLimits) {
    this.#socket = socket;
    this.#limits = limits;
    this.peer = peerOf(socket);
    socket.on('end', () => this.#halfClosed());
  }

  /**
   * Says that a request began. False for one that is not to be served. A client that sends more and more without
   * waiting for answers is cut off.
   */
  began(res: ServerResponse, context: RequestClient): boolean {
    if (this.closing) this.#ignored++;
    else {
      this.#inFlight++;
      this.#last = res;
      this.#lastContext = context;
    }
    if (this.#inFlight + this.#ignored > maxInFlight) this.#socket.destroy();
    return !this.closing && !this.#socket.destroyed;
  }

  /** Whether no request of the connection waits for its answer. */
  get isIdle(): boolean {
    return this.#inFlight === 0 && this.#farewell === undefined;
  }

  ended(): void {
    this.#inFlight--;
    this.#broken?.forEach((res) => void this.breakOff(res));
    if (this.#farewell === undefined) return;
    this.#awaited--;
    if (this.#awaited === 0) this.#leave(this.#farewell);
  }

  /**
   * Breaks off an answer that began and cannot go on. If its turn has not come, Node would keep the connection: the
   * turn is waited for, since the answers before it are whole.
   */
  breakOff(res: ServerResponse): void {
    if (res.socket === null) {
      this.#broken ??= [];
      if (!this.#broken.includes(res)) this.#broken.push(res);
    } else if (res.req.httpVersionMinor === 0) {
      // The connection is reset, since an orderly end would look like the end of a body without chunks and length.
      this.#socket.resetAndDestroy();
    } else this.#socket.destroy();
  }

  /** Whether no other answer follows this one of those in flight: only such an answer may announce a close. */
  isLast(res: ServerResponse): boolean {
    return res === this.#last;
  }

  /** Whether that answer has to say that the connection closes. */
  closesAfter(res: ServerResponse): boolean {
    return this.closing && this.#farewell === undefined && this.isLast(res);
  }

  /**
   * Ends a connection that brought something that is no request: the answers before it go out, then `status`, and the
   * connection closes. When it was the body of the last request, `status` takes the place of its answer.
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

  /**
   * Sends the text and closes the connection. What still comes is read first: after a close with bytes unread, the
   * system would throw away what the client has not read yet.
   */
  #leave(text: string): void {
    const socket = this.#socket;
    if (socket.destroyed || socket.writableEnded) return;
    socket.end(text, 'latin1');
    const timer = setTimeout(() => socket.destroy(), this.#limits.lingerMs);
    socket.on('close', () => clearTimeout(timer));
  }

  #halfClosed(): void {
    if (this.#inFlight === 0) return;
    this.closing = true;
    awaitAnswers(this.#socket, this.#limits.halfClosedMs);
  }
}

/**
 * Called when a client has closed its side: it may wait for its answers, or be gone, which only writing tells. So one
 * that is sent nothing for a while counts as gone.
 */
export function awaitAnswers(socket: Socket, halfClosedMs: number): void {
  let before = socket.bytesWritten;
  const timer = setInterval(() => {
    if (socket.bytesWritten === before && socket.writableLength === 0) socket.destroy();
    before = socket.bytesWritten;
  }, halfClosedMs);
  socket.on('close', () => clearInterval(timer));
}
