// The WebSockets of an app: by their ids and topics, with the state that the host keeps for each. Who takes messages from
// clients puts them here; what a component may do with its own is in operations.ts. Sockets are not known here.
import { randomBytes } from 'node:crypto';

/** A message as it goes to clients. */
export interface OutgoingMessage {
  readonly bytes: Uint8Array;
  readonly isText: boolean;
}

/** What is at the other end of a connection. */
export interface Peer {
  /** False for a connection that is closed, or is being closed. */
  readonly isOpen: boolean;
  /** Whether the client waits for the answer to its handshake, so that the connection can be refused. */
  readonly isOpening: boolean;
  /** A client that takes too little is disconnected. */
  send(message: OutgoingMessage): void;
  close(code: number, reason: string): void;
  /** Refuses a connection that opens, with a status of HTTP. */
  refuse(status: number): void;
}

export interface ConnectionLimits {
  readonly socketStateBytes: number;
  readonly socketTopics: number;
}

/** One WebSocket, with what the host keeps for it. */
export interface WebSocketConnection {
  readonly id: string;
  /** The id of the component that gets its messages. */
  readonly component: string;
  readonly peer: Peer;
  readonly limits: ConnectionLimits;
  state: Uint8Array | undefined;
  /** Undefined for none: most connections that wait have few. */
  topics: Set<string> | undefined;
}

/** Bytes of randomness in an id: nobody guesses one. */
const ID_BYTES = 16;

export class WebSocketConnections {
  readonly #all = new Map<string, WebSocketConnection>();
  /** The subscribed connections, by component and topic. */
  readonly #topics = new Map<string, Map<string, Set<WebSocketConnection>>>();

  add(component: string, peer: Peer, limits: ConnectionLimits): WebSocketConnection {
    const id = randomBytes(ID_BYTES).toString('base64url');
    const connection = { id, component, peer, limits, state: undefined, topics: undefined };
    this.#all.set(id, connection);
    return connection;
  }

  /** The connection of that id; undefined for one of another component, too. */
  find(component: string, id: string): WebSocketConnection | undefined {
    const found = this.#all.get(id);
    return found?.component === component ? found : undefined;
  }

  /** Forgets a connection with its state. */
  remove(connection: WebSocketConnection): void {
    this.unsubscribeAll(connection);
    this.#all.delete(connection.id);
  }

  /** The connections of a component that are subscribed to a topic. */
  subscribers(component: string, topic: string): ReadonlySet<WebSocketConnection> {
    return this.#topics.get(component)?.get(topic) ?? nobody;
  }

  /** False when the connection has as many topics as it may have. */
  subscribe(connection: WebSocketConnection, topic: string): boolean {
    connection.topics ??= new Set();
    const { topics, limits } = connection;
    if (!topics.has(topic) && topics.size >= limits.socketTopics) return false;
    topics.add(topic);
    const ofComponent = this.#topics.get(connection.component) ?? new Map<string, Set<WebSocketConnection>>();
    this.#topics.set(connection.component, ofComponent);
    const subscribed = ofComponent.get(topic) ?? new Set();
    ofComponent.set(topic, subscribed);
    subscribed.add(connection);
    return true;
  }

  unsubscribe(connection: WebSocketConnection, topic: string): void {
    connection.topics?.delete(topic);
    const ofComponent = this.#topics.get(connection.component);
    const subscribed = ofComponent?.get(topic);
    subscribed?.delete(connection);
    // A topic that nobody listens to costs nothing.
    if (subscribed?.size === 0) ofComponent?.delete(topic);
  }

  unsubscribeAll(connection: WebSocketConnection): void {
    for (const topic of connection.topics ?? []) this.unsubscribe(connection, topic);
  }
}

const nobody: ReadonlySet<WebSocketConnection> = new Set();
