// What a server has sent and nobody has read yet. When that is much the socket is paused, so that the server waits.
import type { Socket } from 'node:net';

/** In bytes, at which the socket is paused and goes on. */
const HIGH = 262_144;
const LOW = 65_536;
/** What a message takes beside its body. */
const BYTES_PER_MESSAGE = 128;

/** A message of the protocol. */
interface Message {
  readonly body: Buffer;
}

export class Inbox<Frame extends Message> {
  readonly #socket: Socket;
  readonly #frames: Frame[] = [];
  #first = 0;
  #bytes = 0;
  #waiting: { resolve(frame: Frame): void; reject(error: Error): void } | undefined;
  #ended: Error | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
  }

  put(frame: Frame): void {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) {
      waiting.resolve(frame);
      return;
    }
    this.#frames.push(frame);
    this.#bytes += frame.body.length + BYTES_PER_MESSAGE;
    if (this.#bytes > HIGH) this.#socket.pause();
  }

  /** The next message. Rejects when the connection is lost, or was closed. */
  next(): Frame | Promise<Frame> {
    const frame = this.#frames[this.#first];
    if (!frame) {
      if (this.#ended) return Promise.reject(this.#ended);
      return new Promise((resolve, reject) => {
        this.#waiting = { resolve, reject };
      });
    }
    this.#first += 1;
    if (this.#first === this.#frames.length || this.#first > 1024) {
      this.#frames.splice(0, this.#first);
      this.#first = 0;
    }
    this.#bytes -= frame.body.length + BYTES_PER_MESSAGE;
    if (this.#bytes < LOW && this.#socket.isPaused()) this.#socket.resume();
    return frame;
  }

  /** Whoever waits is told. What is there is dropped. */
  end(error: Error): void {
    this.#ended ??= error;
    this.#frames.length = 0;
    this.#first = 0;
    this.#waiting?.reject(this.#ended);
    this.#waiting = undefined;
  }
}
