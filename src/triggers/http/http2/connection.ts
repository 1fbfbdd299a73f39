// One client's connection of HTTP/2: its streams in flight, and what a client may ask of it. node:http2 reads the frames
// and refuses what is against the rules; what is within them and yet too much ends the connection here.
import type { ServerHttp2Session, ServerHttp2Stream } from 'node:http2';
import type { Socket } from 'node:net';
import type { FixedLimitsOf } from '../../../limits.ts';
import { awaitAnswers } from '../connection.ts';
import { Exchange, type Serving } from '../exchange.ts';
import type { ResponseLimits } from '../node-response.ts';
import type { Peer } from '../peer.ts';
import type { RequestLimits } from '../request-body.ts';
import { RequestClient } from '../request-client.ts';
import { Http2Answer } from './answer.ts';
import { Http2Message } from './message.ts';
import { toHttpRequest } from './request.ts';

export interface Http2Limits extends RequestLimits, ResponseLimits, FixedLimitsOf<'server'> {}

export interface Http2Serving extends Serving {
  readonly limits: Http2Limits;
}

export interface Http2Client {
  readonly socket: Socket;
  readonly peer: Peer;
  readonly scheme: 'http' | 'https';
}

/** An error code of RFC 9113, 7. */
const ENHANCE_YOUR_CALM = 0xb;
const END_STREAM = 1;
const LAST_STREAM = 2 ** 31 - 1;

/** Bytes that the frames of a request or an answer may take beside what is in them: their heads, windows, a reset. */
const FRAMES_OF_STREAM = 96;
const FRAMES_OF_CHUNK = 32;
/** Seconds for which what may come in a second may come at once. */
const BURST_SECONDS = 8;

export class Http2Connection {
  readonly #session: ServerHttp2Session;
  readonly #client: Http2Client;
  readonly #serving: Http2Serving;
  readonly #limits: Http2Limits;
  readonly #window: number;
  readonly #answers = new Set<Http2Answer>();
  /** Milliseconds of the clock since which no stream has been open. */
  #idleSince = performance.now();
  #hasServed = false;
  /** Requests that were broken off and are not forgotten yet, and when the last one was. */
  #resets = 0;
  #resetAt = 0;
  /** Bytes of no use that are not forgotten yet, and all of them at the last look. */
  #useless = 0;
  #uselessBefore = 0;
  /** Bytes that were part of requests, or came because of answers. */
  #useful = 0;
  #lookedAt = performance.now();

  /** `window` is how many bytes of bodies may come before they are read. */
  constructor(session: ServerHttp2Session, client: Http2Client, serving: Http2Serving, window: number) {
    this.#window = window;
    this.#session = session;
    this.#client = client;
    this.#serving = serving;
    this.#limits = serving.limits;
    client.socket.on('end', () => this.#halfClosed());
    session.on('stream', (stream, _, flags, raw) => this.#serve(stream, (flags & END_STREAM) !== 0, raw));
  }

  /** Looks whether the connection is still worth having. */
  look(now: number): void {
    const { headerMs, keepAliveMs, writeIdleMs, controlBytes } = this.#limits;
    const seconds = (now - this.#lookedAt) / 1000;
    this.#lookedAt = now;
    const useless = this.#client.socket.bytesRead - this.#useful;
    this.#useless = Math.max(0, this.#useless + (useless - this.#uselessBefore) - controlBytes * seconds);
    this.#uselessBefore = useless;
    // What of bodies was not read yet cannot be told from frames of no use.
    if (this.#useless > this.#window + controlBytes * BURST_SECONDS) this.#calm();
    for (const answer of this.#answers) answer.endIfStalled(now, writeIdleMs);
    if (this.#answers.size > 0) return;
    if (now - this.#idleSince >= (this.#hasServed ? keepAliveMs : headerMs)) this.close();
  }

  /** Says that the connection will close; streams that are on their way are still served. RFC 9113, 6.8. */
  announceClose(): void {
    if (!this.#session.closed && !this.#session.destroyed) this.#session.goaway(0, LAST_STREAM);
  }

  /** Takes no more streams, and closes when those in flight have ended. */
  close(): void {
    this.#session.close();
    if (this.#answers.size === 0) this.#leave();
  }

  /** Ends the connection and all that is in flight. */
  destroy(): void {
    this.#session.destroy();
    this.#client.socket.destroy();
  }

  #serve(stream: ServerHttp2Stream, isWhole: boolean, raw: readonly string[]): void {
    const { scheme, peer, socket } = this.#client;
    this.#hasServed = true;
    this.#useful += FRAMES_OF_STREAM;
    for (const text of raw) this.#useful += text.length;
    const message = new Http2Message(stream, isWhole, this.#used);
    const answer = new Http2Answer(stream, {
      method: raw[raw.indexOf(':method') + 1] ?? '',
      target: raw[raw.indexOf(':path') + 1] ?? '',
      sent: this.#used,
      stalled: () => this.#stalled(answer),
      isRequestComplete: () => message.complete,
    });
    const client = new RequestClient(peer, 'HTTP/2.0');
    const exchange = new Exchange(this.#serving, client, answer);
    this.#answers.add(answer);
    // What went wrong is told by the end of the stream.
    stream.on('error', () => undefined);
    stream.on('close', () => {
      if (!answer.isFinished) this.#wasted();
      exchange.closed();
      this.#ended(answer);
    });
    exchange.serve(toHttpRequest({ stream, message, raw, socket }, scheme, this.#limits));
  }

  readonly #used = (bytes: number): void => {
    this.#useful += bytes + FRAMES_OF_CHUNK;
  };

  #ended(answer: Http2Answer): void {
    this.#answers.delete(answer);
    if (this.#answers.size > 0) return;
    this.#idleSince = performance.now();
    if (this.#session.closed) this.#leave();
    else if (this.#client.socket.readableEnded) this.close();
  }

  #halfClosed(): void {
    if (this.#answers.size === 0) this.close();
    else awaitAnswers(this.#client.socket, this.#limits.halfClosedMs);
  }

  /**
   * Counts a request that was broken off before its answer went out, by a reset or by an error on its stream:
   * CVE-2023-44487, CVE-2025-8671.
   */
  #wasted(): void {
    const { resets, resetsPerSecond } = this.#limits;
    const now = performance.now();
    this.#resets = Math.max(0, this.#resets - (resetsPerSecond * (now - this.#resetAt)) / 1000) + 1;
    this.#resetAt = now;
    if (this.#resets > resets) this.#calm();
  }

  /** A client that takes nothing of the one answer that it waits for has its connection closed. */
  #stalled(answer: Http2Answer): void {
    if (this.#answers.size === 1 && this.#answers.has(answer)) this.close();
  }

  #calm(): void {
    if (this.#session.destroyed) return;
    this.#session.destroy(undefined, ENHANCE_YOUR_CALM);
    this.#leave();
  }

  /** Closes the socket, which the client may leave open. */
  #leave(): void {
    const { socket } = this.#client;
    const timer = setTimeout(() => socket.destroy(), this.#limits.lingerMs);
    socket.on('close', () => clearTimeout(timer));
  }
}
