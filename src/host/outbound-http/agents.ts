// The connections of one component. A connection that brought more than was asked for, or on which anything was left
// unfinished, does not get another request: WireWatch finds that out.
import type { Agent, AgentOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { http, https } from '../node-http.ts';
import { WireWatch } from './wire-watch.ts';

export interface Agents {
  for(scheme: 'http' | 'https'): Agent;
  /** Closes all connections, those in use as well. */
  close(): void;
}

export interface AgentsOptions {
  /** How long a connection is kept without a request, in milliseconds. */
  readonly keepAliveMs: number;
  readonly ca: string | undefined;
}

/** The most free connections that are kept for one host and port, and over all of them. */
const MOST_FREE_OF_ONE = 32;
const MOST_FREE = 128;

const watches = new WeakMap<Duplex, WireWatch>();

/** The watch of a connection, which has one from the start. */
export function watchOf(socket: Duplex): WireWatch {
  return watches.get(socket) ?? watch(socket);
}

export function createAgents({ keepAliveMs, ca }: AgentsOptions): Agents {
  const settings: AgentOptions = { keepAlive: true, timeout: keepAliveMs, maxFreeSockets: MOST_FREE_OF_ONE };
  const plain = strict(new http.Agent(settings));
  let secure: Agent | undefined;
  return {
    for(scheme) {
      if (scheme === 'http') return plain;
      secure ??= strict(new (https().Agent)({ ...settings, ca }));
      return secure;
    },
    close() {
      plain.destroy();
      secure?.destroy();
    },
  };
}

/** Makes the agent strict by overriding what node:http documents to be overridden. */
function strict(agent: Agent): Agent {
  const create = agent.createConnection.bind(agent);
  const keep = agent.keepSocketAlive.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = create(options, callback);
    if (socket) watch(socket);
    return socket;
  };
  agent.keepSocketAlive = (socket) => watchOf(socket).end() && freeOf(agent) < MOST_FREE && keep(socket);
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
