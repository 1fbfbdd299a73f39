// The body of a message of node:http or node:http2, in either direction, as a ByteSource that reads ahead up to a limit.
import type { IncomingMessage } from 'node:http';
import { freeBytes } from '../component/types/byte-buffers.ts';
import { type ByteSource, type HeaderList, HttpError } from './http-message.ts';

export interface NodeBodyOptions {
  /** The most bytes that are read ahead of the consumer. */
  readonly bufferedBytes: number;
  /** Milliseconds for which nothing may come while the consumer waits. */
  readonly idleMs: number;
  readonly length: number | undefined;
  /** The error code for a sender that goes away in the middle of the body. */
  readonly brokenCode: string;
  /** Called before the first read. */
  readonly begin?: (() => void) | undefined;
  /** Called when the consumer wants no more, or has waited for too long. */
  readonly abandon?: (() => void) | undefined;
}

/** What is read of a message: an IncomingMessage, or what stands for one in HTTP/2. */
export interface NodeMessage extends Pick<IncomingMessage, 'complete' | 'destroyed' | 'errored' | 'rawTrailers'> {
  pause(): unknown;
  resume(): unknown;
  on(event: 'data', listener: (chunk: Buffer) => void): unknown;
  on(event: 'end' | 'error' | 'close', listener: () => void): unknown;
}

type Chunk = Uint8Array | undefined;

export class NodeBody implements ByteSource {
  readonly #message: NodeMessage;
  readonly #options: NodeBodyOptions;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #started = false;
  #done = false;
  #error: HttpError | undefined;
  #waiting: PromiseWithResolvers<Chunk> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(message: NodeMessage, options: NodeBodyOptions) {
    this.#message = message;
    this.#options = options;
  }

  get length(): number | undefined {
    return this.#options.length;
  }

  read(): Chunk | Promise<Chunk> {
    if (!this.#started) this.#start();
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#size -= chunk.length;
      if (this.#size <= this.#options.bufferedBytes / 2) this.#message.resume();
      return chunk;
    }
    if (this.#error !== undefined) throw this.#error;
    if (this.#done) return undefined;
    this.#waiting ??= this.#wait();
    return this.#waiting.promise;
  }

  /**
   * Lends the chunk's memory to others: Node copies each piece out of its parser into a buffer of its own, and does not
   * keep it.
   */
  release(chunk: Uint8Array): void {
    freeBytes(chunk);
  }

  cancel(): void {
    if (this.#done) return;
    this.#chunks.length = 0;
    this.#size = 0;
    this.#end();
    this.#options.abandon?.();
  }

  trailers(): HeaderList | undefined {
    const { rawTrailers } = this.#message;
    return rawTrailers.length === 0 ? undefined : headerList(rawTrailers);
  }

  #wait(): PromiseWithResolvers<Chunk> {
    this.#timer = setTimeout(() => {
      this.#fail('connection-read-timeout', `no bytes came for ${this.#options.idleMs} ms`);
      this.#options.abandon?.();
    }, this.#options.idleMs);
    return Promise.withResolvers();
  }

  #start(): void {
    this.#started = true;
    const message = this.#message;
    if (this.#done) return;
    const broken = (): void => this.#fail(this.#options.brokenCode, 'the other side went away in the middle of a body');
    if (message.errored || (message.destroyed && !message.complete)) {
      broken();
      return;
    }
    this.#options.begin?.();
    message.on('data', (chunk: Buffer) => this.#data(chunk));
    message.on('end', () => this.#end());
    // Node reports a sender that went away by an error, or only by closing the message.
    message.on('error', broken);
    message.on('close', broken);
  }

  #data(chunk: Buffer): void {
    if (this.#done) return;
    const waiting = this.#settle();
    if (waiting !== undefined) {
      waiting.resolve(chunk);
      return;
    }
    this.#chunks.push(chunk);
    this.#size += chunk.length;
    if (this.#size >= this.#options.bufferedBytes) this.#message.pause();
  }

  #end(): void {
    this.#done = true;
    this.#settle()?.resolve(undefined);
  }

  #fail(code: string, message: string): void {
    if (this.#done) return;
    this.#done = true;
    this.#error = new HttpError(code, message);
    this.#settle()?.reject(this.#error);
  }

  #settle(): PromiseWithResolvers<Chunk> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    return waiting;
  }
}

/** Makes a list of the names and values that Node gives one after the other. */
export function headerList(raw: readonly string[]): HeaderList {
  const list: [string, string][] = [];
  for (let at = 0; at < raw.length; at += 2) list.push([raw[at]!.toLowerCase(), raw[at + 1]!]);
  return list;
}
