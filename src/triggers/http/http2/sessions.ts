// The connections of HTTP/2 of one server: begun on sockets that others have accepted, looked after, and stopped.
import type { ServerHttp2Session, ServerSessionOptions } from 'node:http2';
import { type Http2Client, Http2Connection, type Http2Limits, type Http2Serving } from './connection.ts';

/** Milliseconds between two looks at the connections. */
const LOOK_MS = 1_000;
/** Node counts in megabytes. */
const MEGABYTE = 1_000_000;
/**
 * The bytes of bodies that a connection may bring before they are read: so many streams can be full without holding up
 * the others.
 */
const FULL_STREAMS = 16;
/** The window of a connection before anything is said, and the largest there is. RFC 9113, 6.9. */
const LEAST_WINDOW = 65_535;
const MOST_WINDOW = 2 ** 31 - 1;
/** Bytes that a field takes in the limit of a list beside its name and value. RFC 9113, 6.5.2. */
const FIELD_BYTES = 32;
/** The most pseudo header fields of a request. */
const PSEUDO_FIELDS = 5;
/** Frames that are against the rules until a connection counts as hostile. */
const INVALID_FRAMES = 100;

export class Http2Sessions {
  readonly #serving: Http2Serving;
  readonly #connections = new Set<Http2Connection>();
  readonly #options: ServerSessionOptions;
  readonly #window: number;
  #timer: NodeJS.Timeout | undefined;
  #isStopping = false;

  constructor(serving: Http2Serving) {
    const { limits } = serving;
    this.#serving = serving;
    this.#options = optionsOf(limits);
    this.#window = Math.max(LEAST_WINDOW, Math.min(limits.bufferedBytes * FULL_STREAMS, MOST_WINDOW));
  }

  begin(client: Http2Client): void {
    const { performServerHandshake } = process.getBuiltinModule('node:http2');
    const session = performServerHandshake(client.socket, this.#options) as ServerHttp2Session;
    // What went wrong is told by the end of the connection.
    session.on('error', () => undefined);
    session.setLocalWindowSize(this.#window);
    const connection = new Http2Connection(session, client, this.#serving, this.#window);
    this.#connections.add(connection);
    client.socket.on('close', () => this.#closed(connection));
    this.#timer ??= setInterval(() => this.#look(), this.#lookMs()).unref();
    if (this.#isStopping) connection.announceClose();
  }

  /** Says to all clients that the server stops; requests on their way are still taken. */
  announceStop(): void {
    this.#isStopping = true;
    for (const connection of this.#connections) connection.announceClose();
  }

  /** Takes no more requests; connections close when theirs are answered. */
  close(): void {
    for (const connection of this.#connections) connection.close();
  }

  destroy(): void {
    for (const connection of this.#connections) connection.destroy();
  }

  #lookMs(): number {
    const { headerMs, keepAliveMs, writeIdleMs } = this.#serving.limits;
    return Math.min(LOOK_MS, headerMs, keepAliveMs, writeIdleMs);
  }

  #look(): void {
    const now = performance.now();
    for (const connection of this.#connections) connection.look(now);
  }

  #closed(connection: Http2Connection): void {
    this.#connections.delete(connection);
    if (this.#connections.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

function optionsOf({
  headerBytes,
  headerCount,
  targetBytes,
  bufferedBytes,
  ...limits
}: Http2Limits): ServerSessionOptions {
  // One field more than allowed is let through, to be answered with 431.
  const pairs = headerCount + PSEUDO_FIELDS + 1;
  return {
    maxSessionMemory: Math.ceil(limits.sessionBytes / MEGABYTE),
    maxHeaderListPairs: pairs,
    maxSessionInvalidFrames: INVALID_FRAMES,
    maxSessionRejectedStreams: limits.resets,
    maxSettings: limits.settings,
    // Ours ends the connection first, and counts more.
    streamResetBurst: limits.resets + limits.streams,
    streamResetRate: limits.resetsPerSecond,
    // A guest may send a field twice of which there should be one, as in HTTP/1.1.
    strictSingleValueFields: false,
    settings: {
      enablePush: false,
      maxConcurrentStreams: limits.streams,
      initialWindowSize: Math.min(bufferedBytes, MOST_WINDOW),
      maxHeaderListSize: headerBytes + targetBytes + pairs * FIELD_BYTES,
    },
  } as ServerSessionOptions;
}
