// From node:http's request to ours: head and body. What does not name its target beyond doubt is refused.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ByteSource, type HeaderList, HttpError, type HttpRequest } from '../../host/http-message.ts';
import { parseAuthority } from '../../host/http-syntax.ts';

export interface RequestLimits {
  readonly headerCount: number;
  /** Bytes of a request body that are read ahead of the guest. */
  readonly bufferedBytes: number;
  /** How long a body may bring nothing while the guest waits for it, in milliseconds. */
  readonly bodyIdleMs: number;
}

/** The request, or the status to refuse it with. `scheme` is that of the listener: clients are not believed. */
export function toHttpRequest(
  req: IncomingMessage,
  res: ServerResponse,
  scheme: 'http' | 'https',
  limits: RequestLimits,
): HttpRequest | number {
  const { rawHeaders } = req;
  if (rawHeaders.length > limits.headerCount * 2) return 431;
  const headers: [string, string][] = [];
  let host: string | undefined;
  let hasBody = false;
  let length: number | undefined;
  let waits = false;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]!.toLowerCase();
    const value = rawHeaders[at + 1]!;
    if (name === 'host') {
      if (host !== undefined) return 400;
      host = value;
    } else if (name === 'content-length') {
      length = Number(value);
      hasBody = length > 0;
    } else if (name === 'transfer-encoding') hasBody = true;
    else if (name === 'expect') waits = true;
    headers.push([name, value]);
  }
  const target = splitTarget(req.url ?? '', host);
  if (target === undefined) return 400;
  const begin = waits ? holdContinue(res) : undefined;
  const body = hasBody ? new RequestBody(req, begin, length, limits) : undefined;
  return { method: req.method ?? 'GET', scheme, authority: target.authority, target: target.path, headers, body };
}

/**
 * A client that waits for `100 Continue` gets it when the guest reads. If it never does, the connection has to close
 * after the answer: nobody knows whether the body will still be sent.
 */
function holdContinue(res: ServerResponse): () => void {
  const { shouldKeepAlive } = res;
  res.shouldKeepAlive = false;
  return () => {
    if (res.headersSent) return;
    res.writeContinue();
    res.shouldKeepAlive = shouldKeepAlive;
  };
}

const absoluteForm = /^https?:\/\/([^/?]*)(.*)$/i;

/**
 * The origin form (`/path`) takes its authority from `host`, the absolute form brings one that has to be the same. A
 * fragment is no part of a target. Bytes outside ASCII do not get past Node's parser.
 */
function splitTarget(url: string, host: string | undefined): { authority: string; path: string } | undefined {
  if (host === undefined || host === '' || parseAuthority(host) === undefined) return undefined;
  if (url.includes('#')) return undefined;
  if (url.startsWith('/') || url === '*') return { authority: host, path: url };
  const absolute = absoluteForm.exec(url);
  if (absolute === null || absolute[1]!.toLowerCase() !== host.toLowerCase()) return undefined;
  const path = absolute[2]!;
  return { authority: host, path: path.startsWith('/') ? path : `/${path}` };
}

/** Reads ahead of its consumer up to a limit, from the first read on. */
class RequestBody implements ByteSource {
  readonly length: number | undefined;
  readonly #req: IncomingMessage;
  readonly #begin: (() => void) | undefined;
  readonly #limits: RequestLimits;
  readonly #chunks: Uint8Array[] = [];
  #size = 0;
  #started = false;
  #done = false;
  #error: HttpError | undefined;
  #waiting: PromiseWithResolvers<Uint8Array | undefined> | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(
    req: IncomingMessage,
    begin: (() => void) | undefined,
    length: number | undefined,
    limits: RequestLimits,
  ) {
    this.#req = req;
    this.#begin = begin;
    this.length = length;
    this.#limits = limits;
  }

  read(): Uint8Array | undefined | Promise<Uint8Array | undefined> {
    if (!this.#started) this.#start();
    const chunk = this.#chunks.shift();
    if (chunk !== undefined) {
      this.#size -= chunk.length;
      if (this.#size <= this.#limits.bufferedBytes / 2) this.#req.resume();
      return chunk;
    }
    if (this.#error !== undefined) throw this.#error;
    if (this.#done) return undefined;
    if (this.#waiting === undefined) {
      this.#waiting = Promise.withResolvers();
      this.#timer = setTimeout(
        () => this.#fail('connection-read-timeout', 'the client sent nothing for too long'),
        this.#limits.bodyIdleMs,
      );
    }
    return this.#waiting.promise;
  }

  cancel(): void {
    if (this.#done) return;
    this.#end();
    this.#chunks.length = 0;
    this.#size = 0;
  }

  trailers(): HeaderList | undefined {
    const raw = this.#req.rawTrailers;
    if (raw.length === 0) return undefined;
    const list: [string, string][] = [];
    for (let at = 0; at < raw.length; at += 2) list.push([raw[at]!.toLowerCase(), raw[at + 1]!]);
    return list;
  }

  #start(): void {
    this.#started = true;
    const req = this.#req;
    if (this.#done) return;
    if (req.destroyed && !req.complete) {
      this.#fail('connection-terminated', 'the client went away');
      return;
    }
    this.#begin?.();
    req.on('data', (chunk: Buffer) => this.#data(chunk));
    req.on('end', () => this.#end());
    // Node reports a client that went away with an error, or only closes the request.
    req.on('error', () => this.#fail('connection-terminated', 'the client went away'));
    req.on('close', () => this.#fail('connection-terminated', 'the client went away'));
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
    if (this.#size >= this.#limits.bufferedBytes) this.#req.pause();
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

  #settle(): PromiseWithResolvers<Uint8Array | undefined> | undefined {
    const waiting = this.#waiting;
    this.#waiting = undefined;
    clearTimeout(this.#timer);
    return waiting;
  }
}
