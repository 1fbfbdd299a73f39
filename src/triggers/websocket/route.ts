// One `[[application.tool.mayfly.websocket]]`: takes connections over from the HTTP server, and asks the component whether
// each may open. The handshake is that of the package ws (RFC 6455, 4.2).
import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { type ServerOptions, type VerifyClientCallbackAsync, WebSocketServer } from 'ws';
import type { LockedWebSocketTrigger } from '../../app/manifest/triggers/websocket.ts';
import { textOfValue } from '../../host/field-text.ts';
import { http } from '../../host/node-http.ts';
import type { LimitsOf } from '../../limits.ts';
import type { Upgrade } from '../trigger.ts';
import { Connection } from './connection.ts';
import type { Handler } from './handler.ts';
import type { Heartbeat } from './heartbeat.ts';
import { isAllowedOrigin } from './origin.ts';

/** Milliseconds that a client has to answer a close. */
const CLOSE_MS = 3_000;
/** Pieces of one message, each as the system brought it: a bound for who sends byte by byte. Their cost is counted, too. */
const MOST_PIECES = 32_768;

/** A handshake, and what becomes of it. */
interface Pending {
  readonly upgrade: Upgrade;
  connection?: Connection;
}

/** The connections, each with the function that ends its pings. */
export type Connections = Map<Connection, () => void>;

type Answer = Parameters<VerifyClientCallbackAsync>[1];

export class ServedRoute {
  readonly #trigger: LockedWebSocketTrigger;
  readonly #handler: Handler;
  readonly #all: Connections;
  readonly #heartbeat: Heartbeat;
  readonly #server: WebSocketServer;
  readonly #pending = new WeakMap<IncomingMessage, Pending>();
  #isStopping = false;

  /** `all` gets the connections that are there, and `heartbeat` pings them. */
  constructor(trigger: LockedWebSocketTrigger, handler: Handler, all: Connections, heartbeat: Heartbeat) {
    this.#trigger = trigger;
    this.#handler = handler;
    this.#all = all;
    this.#heartbeat = heartbeat;
    this.#server = new WebSocketServer({
      ...settings(handler.limits, trigger),
      verifyClient: ({ req }, answer) => void this.#ask(req, answer),
      handleProtocols: (offered) => trigger.protocols.find((one) => offered.has(one)) ?? false,
    });
  }

  take(upgrade: Upgrade): void {
    const { raw, socket, head } = upgrade;
    const pending: Pending = { upgrade };
    this.#pending.set(raw, pending);
    this.#server.handleUpgrade(raw, socket, head, (ws) => pending.connection?.opened(ws, socket));
  }

  /** Refuses all connections from now on. */
  stop(): void {
    this.#isStopping = true;
  }

  readonly #over = (connection: Connection): void => {
    this.#all.get(connection)?.();
    this.#all.delete(connection);
  };

  async #ask(raw: IncomingMessage, answer: Answer): Promise<void> {
    const pending = this.#pending.get(raw);
    if (!pending) return;
    const { upgrade } = pending;
    const refusal = this.#refusalOf(upgrade) ?? (await this.#open(pending));
    if (refusal !== undefined) {
      refuse(upgrade.socket, refusal);
      return;
    }
    answer(true);
    // ws opens the connection at once, or finds that its client is gone.
    if (pending.connection?.isOpening) pending.connection.lost();
  }

  #refusalOf({ request }: Upgrade): number | undefined {
    const { limits, count } = this.#handler;
    if (this.#isStopping || count >= limits.socketCount) return 503;
    const origin = fieldOf(request.headers, 'origin');
    return isAllowedOrigin(origin, request.authority, this.#trigger.origins) ? undefined : 403;
  }

  async #open(pending: Pending): Promise<number | undefined> {
    const { request, socket } = pending.upgrade;
    const connection = new Connection({
      handler: this.#handler,
      name: this.#trigger.route,
      topics: this.#trigger.topics,
      over: this.#over,
    });
    this.#all.set(connection, this.#heartbeat.add(connection));
    pending.connection = connection;
    const gone = new AbortController();
    const leave = (): void => gone.abort();
    socket.once('close', leave);
    const { scheme, authority, target, headers } = request;
    const handshake = {
      url: `${scheme}://${authority}${target}`,
      headers: headers.map(([name, value]) => [name, textOfValue(value)] as const),
      protocol: this.#protocolFor(fieldOf(headers, 'sec-websocket-protocol')),
    };
    try {
      return await connection.ask(handshake, gone.signal);
    } finally {
      socket.off('close', leave);
    }
  }

  /** ws has checked the header, and asks for the same once more. */
  #protocolFor(offered: string | undefined): string {
    const all = new Set((offered ?? '').split(',').map((name) => name.trim()));
    return this.#trigger.protocols.find((one) => all.has(one)) ?? '';
  }
}

/** Answers a handshake with a status. ws could, but knows only statuses that have a name. */
function refuse(socket: Socket, status: number): void {
  const lines = [
    `HTTP/1.1 ${status} ${http.STATUS_CODES[status] ?? ''}`,
    'connection: close',
    'content-length: 0',
    ...(status === 503 ? ['retry-after: 1'] : []),
  ];
  socket.once('finish', () => socket.destroy());
  socket.resume();
  socket.end(`${lines.join('\r\n')}\r\n\r\n`);
}

function fieldOf(headers: Upgrade['request']['headers'], wanted: string): string | undefined {
  const values = headers.filter(([name]) => name === wanted).map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(', ');
}

function settings(limits: LimitsOf<'websocket'>, { compression }: LockedWebSocketTrigger): ServerOptions {
  const more = {
    maxFragments: limits.socketFrames,
    maxBufferedChunks: MOST_PIECES,
    closeTimeout: CLOSE_MS,
  };
  return {
    ...more,
    noServer: true,
    clientTracking: false,
    maxPayload: limits.socketMessageBytes,
    // No state of zlib is kept between messages: it would cost every connection hundreds of kilobytes.
    perMessageDeflate: compression && {
      serverNoContextTakeover: true,
      clientNoContextTakeover: true,
      threshold: 1_024,
    },
  };
}
