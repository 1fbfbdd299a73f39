// An answer by node:http: its head as Node wants it, and how the connection goes on behind it.
import type { ServerResponse } from 'node:http';
import type { HeaderList } from '../../host/http-message.ts';
import { flushHead, http } from '../../host/node-http.ts';
import type { Answer } from './answer.ts';
import type { Connection } from './connection.ts';

const { STATUS_CODES } = http;

/**
 * The most bytes of a body that goes out with its head: Node joins the head with a body that is text, and needs one
 * write for both. Every byte is a character of latin1. (19 % of a small response's time went into the second buffer.)
 */
const MOST_MERGED = 4096;

export class Http1Answer implements Answer {
  readonly #res: ServerResponse;
  readonly #connection: Connection;
  readonly #server: { readonly isStopping: boolean };

  constructor(res: ServerResponse, connection: Connection, server: { readonly isStopping: boolean }) {
    this.#res = res;
    this.#connection = connection;
    this.#server = server;
  }

  get method(): string {
    return this.#res.req.method ?? '';
  }
  get target(): string {
    return this.#res.req.url ?? '';
  }
  get headersSent(): boolean {
    return this.#res.headersSent;
  }
  get destroyed(): boolean {
    return this.#res.destroyed;
  }
  get isFinished(): boolean {
    return this.#res.writableFinished;
  }
  get isItsTurn(): boolean {
    return this.#res.socket !== null;
  }

  begin(): void {
    const res = this.#res;
    const isLast = this.#server.isStopping && this.#connection.isLast(res);
    if (isLast || this.#connection.closesAfter(res)) res.shouldKeepAlive = false;
  }

  takesTrailers(length: number | undefined): boolean {
    return length === undefined && this.#res.req.httpVersionMinor === 1;
  }

  /**
   * Trailers are announced only where they can come, since Node throws otherwise. The status text is set here, since
   * Node keeps that of an earlier head that it refused.
   */
  writeHead(status: number, fields: HeaderList, length: number | undefined, trailers: boolean): void {
    const res = this.#res;
    const flat: string[] = [];
    for (const [name, value] of fields) {
      if (name !== 'content-length' && (trailers || name !== 'trailer')) flat.push(name, value);
    }
    if (length !== undefined) flat.push('content-length', String(length));
    // HTTP/1.1 keeps connections open unless told otherwise; only a close has to be announced.
    if (res.shouldKeepAlive && res.req.httpVersionMinor === 1) res.removeHeader('connection');
    res.writeHead(status, STATUS_CODES[status] ?? '', flat);
  }

  flushHead(): void {
    flushHead(this.#res);
  }

  write(chunk: Uint8Array, done: (error?: Error | null) => void): void {
    this.#res.write(chunk, done);
  }

  end(chunk?: Uint8Array): void {
    if (chunk === undefined) this.#res.end();
    else if (chunk.length > MOST_MERGED) this.#res.end(chunk);
    else this.#res.end(latin1(chunk), 'latin1');
  }

  addTrailers(fields: HeaderList): void {
    this.#res.addTrailers(fields as [string, string][]);
  }

  breakOff(): void {
    this.#connection.breakOff(this.#res);
  }

  destroy(): void {
    this.#res.destroy();
  }

  onClose(listener: () => void): void {
    this.#res.on('close', listener);
  }

  offClose(listener: () => void): void {
    this.#res.off('close', listener);
  }
}

function latin1({ buffer, byteOffset, byteLength }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, byteLength).toString('latin1');
}
