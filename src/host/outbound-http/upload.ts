// Sends the body of a request. The other side may answer before it has read it all: the answer then counts, and what is
// left of the body holds nobody up.
import type { ClientRequest, IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { AnsweredEarly, type ByteSource } from '../http-message.ts';
import { flushHead } from '../node-http.ts';
import { watchOf } from './agents.ts';
import { sendableTrailers } from './framing.ts';

/** Milliseconds for which the other side may take nothing after an answer that needs no more of the request. */
const STALL_MS = 1000;

export class Upload {
  readonly #req: ClientRequest;
  readonly #body: ByteSource;
  #socket: Socket | undefined;
  #response: IncomingMessage | undefined;
  #ended = false;
  #stopped = false;
  #wake: (() => void) | undefined;

  constructor(req: ClientRequest, body: ByteSource) {
    this.#req = req;
    this.#body = body;
    req.on('drain', this.#drained);
  }

  /** Sends the body. Rejects with the body's error, and then sends nothing more. */
  async run(): Promise<void> {
    try {
      // The connection is made before the guest has written: it may want to see the server's first words.
      flushHead(this.#req);
      for (let chunk = await this.#body.read(); chunk !== undefined; chunk = await this.#body.read()) {
        if (this.#stopped) return;
        if (!this.#req.write(chunk)) await this.#room();
        if (this.#stopped) return;
      }
      const trailers = await this.#body.trailers?.();
      if (this.#stopped) return;
      if (trailers !== undefined) this.#req.addTrailers(sendableTrailers(trailers) as [string, string][]);
      this.#end();
    } catch (error) {
      if (!this.#stopped) throw error;
    } finally {
      this.#body.cancel();
    }
  }

  /** Tells the request of room on its socket, which node:http forgets to do once the response is complete. */
  connected(socket: Socket): void {
    this.#socket = socket;
    socket.on('drain', this.#drained);
    // This is called after node:http has read the bytes.
    socket.on('data', this.#bytesRead);
  }

  answered(response: IncomingMessage): void {
    this.#response = response;
  }

  /** Stops sending: nobody takes the rest. */
  stop(reason: unknown): void {
    if (this.#stopped || this.#ended) return;
    this.#stopped = true;
    this.#body.cancel(reason);
    this.#drained();
  }

  #end(): void {
    this.#ended = true;
    this.#socket?.off('drain', this.#drained);
    this.#socket?.off('data', this.#bytesRead);
    this.#req.end();
  }

  readonly #bytesRead = (): void => {
    if (!this.#response?.complete || this.#socket === undefined) return;
    watchOf(this.#socket).spoil();
    // As in curl: after an error the body is of no use; after a success the other side may be about to read it.
    if (this.#stopped || this.#isRefused()) this.#abandon();
  };

  #isRefused(): boolean {
    return (this.#response?.statusCode ?? 0) >= 400;
  }

  #abandon(): void {
    this.stop(new AnsweredEarly());
    // What was read of the response stays readable. The request's own `destroy` would throw it away, so it is not used.
    if (this.#response?.complete) this.#socket?.destroy();
  }

  readonly #drained = (): void => {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  };

  async #room(): Promise<void> {
    const stall = setInterval(() => {
      if (this.#response?.complete || this.#isRefused()) this.#abandon();
    }, STALL_MS);
    await new Promise<void>((resolve) => {
      this.#wake = resolve;
    });
    clearInterval(stall);
  }
}
