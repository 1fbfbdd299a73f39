// One client's connection and its requests in flight: who it is, when it is gone, how many requests it may pile up.
import type { Socket } from 'node:net';
import type { RequestContext } from './trigger.ts';

/** Pipelined requests that wait for their turn on one connection; browsers do not pipeline at all. */
const maxInFlight = 100;

export class Connection {
  readonly clientAddress: string;
  readonly #socket: Socket;
  #inFlight = 0;

  constructor(socket: Socket) {
    this.#socket = socket;
    const { remoteAddress = '0.0.0.0', remotePort = 0 } = socket;
    this.clientAddress = `${remoteAddress.includes(':') ? `[${remoteAddress}]` : remoteAddress}:${remotePort}`;
  }

  /** Cuts off a client that sends request after request without waiting for answers. */
  began(): boolean {
    this.#inFlight++;
    if (this.#inFlight <= maxInFlight) return true;
    this.#socket.destroy();
    return false;
  }

  ended(): void {
    this.#inFlight--;
  }
}

/** Makes its AbortController only for those who ask for the signal. */
export class SocketContext implements RequestContext {
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
