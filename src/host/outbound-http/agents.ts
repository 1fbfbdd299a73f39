// The connections of one component. A connection that brought more than was asked for, or on which anything was left
// unfinished, does not get another request: WireWatch finds that out.
import type { Agent, AgentOptions, ClientRequestArgs } from 'node:http';
import type { Duplex } from 'node:stream';
import type { ClientTls } from '../network/client-tls.ts';
import type { ConnectionPermits } from '../network/connection-permits.ts';
import { http, https } from '../node-http.ts';
import { WireWatch } from './wire-watch.ts';

export interface Agents {
  /** The connections for a scheme, and for certificates when the usual ones do not count. */
  for(scheme: 'http' | 'https', tls: ClientTls | undefined): Agent;
  /** Closes all connections, those in use as well. */
  close(): void;
}

export interface AgentsOptions {
  /** How long a connection is kept without a request, in milliseconds. */
  readonly keepAliveMs: number;
  readonly ca: string | undefined;
  /** Whether a connection serves more than one request. */
  readonly pooling: boolean;
  readonly permits: ConnectionPermits;
}

/** What a request says of the connection that it wants: it is aborted when nobody wants it any more. */
export interface WantedConnection extends ClientRequestArgs {
  readonly wanted?: AbortSignal;
}

/** The most free connections that are kept for one host and port, and over all of them. */
const MOST_FREE_OF_ONE = 32;
const MOST_FREE = 128;

const watches = new WeakMap<Duplex, WireWatch>();

/** The watch of a connection, which has one from the start. */
export function watchOf(socket: Duplex): WireWatch {
  return watches.get(socket) ?? watch(socket);
}

export function createAgents({ keepAliveMs, ca, pooling, permits }: AgentsOptions): Agents {
  const settings: AgentOptions = { keepAlive: pooling, timeout: keepAliveMs, maxFreeSockets: MOST_FREE_OF_ONE };
  const plain = strict(new http.Agent(settings), permits);
  const secure = new Map<ClientTls | undefined, Agent>();
  const all = (): Agent[] => [plain, ...secure.values()];
  const forget = permits.onShortage(() => all().some(closeIdle));
  return {
    for(scheme, tls) {
      if (scheme === 'http') return plain;
      const found = secure.get(tls);
      if (found) return found;
      const made = strict(new (https().Agent)({ ...settings, ca, ...tls }), permits);
      secure.set(tls, made);
      return made;
    },
    close() {
      forget();
      for (const agent of all()) agent.destroy();
    },
  };
}

/** Closes a connection that serves no request. False when there is none. */
function closeIdle({ freeSockets }: Agent): boolean {
  const [socket] = Object.values(freeSockets).flatMap((sockets) => sockets ?? []);
  socket?.destroy();
  return socket !== undefined;
}

/** Makes the agent strict by overriding what node:http documents to be overridden. */
function strict(agent: Agent, permits: ConnectionPermits): Agent {
  const create = agent.createConnection.bind(agent);
  const keep = agent.keepSocketAlive.bind(agent);
  const connect = (options: ClientRequestArgs): Duplex => {
    const socket = create(options);
    if (!socket) throw new Error('node:http made no connection');
    watch(socket);
    socket.once('close', () => permits.giveBack('http'));
    return socket;
  };
  agent.createConnection = (options: WantedConnection, callback) => {
    if (permits.tryTake('http')) return connect(options);
    permits.take('http', options.wanted).then(
      () => callback?.(null, connect(options)),
      (error: Error) => callback?.(error, undefined as never),
    );
    return undefined;
  };
  agent.keepSocketAlive = (socket) =>
    watchOf(socket).end() && !permits.isWanted && freeOf(agent) < MOST_FREE && keep(socket);
  return agent;
}

function watch(socket: Duplex): WireWatch {
  const made = new WireWatch();
  watches.set(socket, made);
  // Between two requests node:http does not listen for errors of a connection, and an error without a listener ends the
  // process.
  socket.on('error', () => {});
  // This is the first listener, so that it sees the bytes before node:http does.
  socket.on('data', (chunk: Uint8Array) => {
    if (!made.bytes(chunk)) socket.destroy();
  });
  return made;
}

function freeOf({ freeSockets }: Agent): number {
  return Object.values(freeSockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);
}
