// An answer as a stream of node:http2.
import type { ServerHttp2Stream } from 'node:http2';
import type { HeaderList } from '../../../host/http-message.ts';
import type { Answer } from '../answer.ts';

/** Error codes of RFC 9113, 7. */
const NO_ERROR = 0;
const INTERNAL_ERROR = 2;
const CANCEL = 8;

const NOTHING = new Uint8Array();
/** Bytes of a piece of a body that is all there. */
const MOST_IN_PIECE = 65_536;

export interface Http2AnswerOptions {
  readonly method: string;
  readonly target: string;
  /** Told of the bytes that go out. */
  readonly sent: (bytes: number) => void;
  /** Called when the client takes nothing of the answer. */
  readonly stalled: () => void;
  /** Whether all of the request has come. */
  readonly isRequestComplete: () => boolean;
}

export class Http2Answer implements Answer {
  readonly method: string;
  readonly target: string;
  readonly isItsTurn = true;
  readonly #stream: ServerHttp2Stream;
  readonly #options: Http2AnswerOptions;
  #trailers: HeaderList = [];
  #isEnded = false;
  #stalledSince: number | undefined;
  #left = -1;

  constructor(stream: ServerHttp2Stream, options: Http2AnswerOptions) {
    this.#stream = stream;
    this.#options = options;
    this.method = options.method;
    this.target = options.target;
  }

  get headersSent(): boolean {
    return this.#stream.headersSent;
  }

  get destroyed(): boolean {
    return this.#stream.destroyed || this.#stream.closed;
  }

  /** Node ends the stream of a HEAD request at once, before there is an answer. */
  get isFinished(): boolean {
    return this.#isEnded && this.#stream.writableFinished;
  }

  begin(): void {}

  takesTrailers(): boolean {
    return true;
  }

  writeHead(status: number, fields: HeaderList, length: number | undefined, trailers: boolean): void {
    const flat = [':status', String(status)];
    for (const [name, value] of fields) if (name !== 'content-length') flat.push(name, value);
    if (length !== undefined) flat.push('content-length', String(length));
    const stream = this.#stream;
    if (trailers) stream.once('wantTrailers', () => this.#sendTrailers());
    (stream as RawHeads).respond(flat, { waitForTrailers: trailers });
    this.#options.sent(0);
  }

  /** Heads go out by themselves. */
  flushHead(): void {}

  write(chunk: Uint8Array, done: (error?: Error | null) => void): void {
    this.#options.sent(chunk.length);
    this.#stream.write(chunk, done);
  }

  end(chunk?: Uint8Array): void {
    const stream = this.#stream;
    this.#isEnded = true;
    if (chunk !== undefined) this.#options.sent(chunk.length);
    if (!this.#options.isRequestComplete()) {
      if (stream.writableEnded) setImmediate(() => this.#stopRequest());
      else stream.once('finish', () => setImmediate(() => this.#stopRequest()));
    }
    this.#endWith(chunk ?? NOTHING);
  }

  /** Writes in pieces, of which it can be seen whether the client takes them. */
  #endWith(chunk: Uint8Array): void {
    const stream = this.#stream;
    if (chunk.length <= MOST_IN_PIECE) {
      if (chunk.length > 0) stream.end(chunk);
      else stream.end();
      return;
    }
    stream.write(chunk.subarray(0, MOST_IN_PIECE), (error) => {
      if (!error) this.#endWith(chunk.subarray(MOST_IN_PIECE));
    });
  }

  addTrailers(fields: HeaderList): void {
    this.#trailers = fields;
  }

  breakOff(): void {
    this.#stream.close(INTERNAL_ERROR);
  }

  destroy(): void {
    const stream = this.#stream;
    stream.close(CANCEL);
    // Its reset may wait behind what the client does not take.
    stream.destroy();
    this.#options.stalled();
  }

  onClose(listener: () => void): void {
    this.#stream.on('close', listener);
  }

  offClose(listener: () => void): void {
    this.#stream.off('close', listener);
  }

  /** Ends an answer of which all was written and nothing was taken for so many milliseconds. */
  endIfStalled(now: number, idleMs: number): void {
    const left = this.#stream.writableLength;
    if (!this.#isEnded || this.isFinished || left !== this.#left) {
      this.#left = left;
      this.#stalledSince = undefined;
      return;
    }
    this.#stalledSince ??= now;
    if (now - this.#stalledSince >= idleMs) this.destroy();
  }

  #sendTrailers(): void {
    if (this.destroyed) return;
    const named = Map.groupBy(this.#trailers, ([name]) => name);
    const values = [...named].map(([name, list]) => [name, list.map(([, value]) => value)] as const);
    this.#stream.sendTrailers(Object.fromEntries(values));
  }

  /** Tells the client that the rest of its request is not wanted. RFC 9113, 8.1. */
  #stopRequest(): void {
    if (!this.destroyed && !this.#options.isRequestComplete()) this.#stream.close(NO_ERROR);
  }
}

/** `respond` also takes names and values one after the other, which its types do not say yet. */
interface RawHeads {
  respond(flat: readonly string[], options: { waitForTrailers: boolean }): void;
}
