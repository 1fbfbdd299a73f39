// What a component may do with its WebSockets, with the errors that it gets. The numbers are those of RFC 6455, 7.4.
import { topicFault } from '../../app/websocket-topic.ts';
import { err, ok, type Result } from '../../component/types/val-type.ts';
import type { OutgoingMessage, WebSocketConnection, WebSocketConnections } from './connections.ts';

type WebSocketError =
  | { readonly tag: 'no-connection' | 'access-denied' }
  | { readonly tag: 'limit' | 'invalid'; readonly val: string };

export type Message =
  | { readonly tag: 'text'; readonly val: string }
  | { readonly tag: 'binary'; readonly val: Uint8Array };

/** What a sandbox has: the WebSockets of its component, or none. */
export interface OwnConnections {
  readonly component: string;
  /** Undefined for a part of a component that may not use them. */
  readonly all: WebSocketConnections | undefined;
}

type Answer<T> = Result<T, WebSocketError>;

/** What fits into a frame beside the code: RFC 6455, 5.5. */
const MOST_REASON_BYTES = 123;

const denied = err<WebSocketError>({ tag: 'access-denied' });
const noConnection = err<WebSocketError>({ tag: 'no-connection' });
const invalid = (val: string) => err<WebSocketError>({ tag: 'invalid', val });

/** Makes a function on one connection. */
function onConnection<Args extends unknown[], T>(
  work: (connection: WebSocketConnection, all: WebSocketConnections, ...args: Args) => Answer<T>,
): (own: OwnConnections, id: string, ...args: Args) => Answer<T> {
  return ({ component, all }, id, ...args) => {
    if (!all) return denied;
    const connection = all.find(component, id);
    return connection ? work(connection, all, ...args) : noConnection;
  };
}

/** The same for what needs a client at the other end. */
function onOpenConnection<Args extends unknown[], T>(
  work: (connection: WebSocketConnection, all: WebSocketConnections, ...args: Args) => Answer<T>,
): (own: OwnConnections, id: string, ...args: Args) => Answer<T> {
  return onConnection((connection, all, ...args: Args) =>
    connection.peer.isOpen ? work(connection, all, ...args) : noConnection,
  );
}

export const send = onOpenConnection(({ peer }, _all, message: Message) => {
  peer.send(outgoing(message));
  return ok(undefined);
});

export function broadcast({ component, all }: OwnConnections, topic: string, message: Message): Answer<number> {
  if (!all) return denied;
  const subscribers = all.subscribers(component, topic);
  const sent = outgoing(message);
  let count = 0;
  // A client that is disconnected for this leaves the set meanwhile.
  for (const { peer } of [...subscribers]) {
    if (!peer.isOpen) continue;
    peer.send(sent);
    count++;
  }
  return ok(count);
}

export const subscribe = onOpenConnection((connection, all, topic: string): Answer<undefined> => {
  const fault = topicFault(topic);
  if (fault !== undefined) return invalid(`a topic ${fault}`);
  if (all.subscribe(connection, topic)) return ok(undefined);
  return err({ tag: 'limit', val: `Limit reached: websocket_topics (${connection.limits.socketTopics})` });
});

export const unsubscribe = onOpenConnection((connection, all, topic: string) => {
  all.unsubscribe(connection, topic);
  return ok(undefined);
});

export const close = onOpenConnection(({ peer }, _all, code: number, reason: string): Answer<undefined> => {
  if (!isCloseCode(code)) return invalid(`${code} is no code with which a connection may be closed`);
  const bytes = Buffer.byteLength(reason);
  if (bytes > MOST_REASON_BYTES) return invalid(`a reason has at most ${MOST_REASON_BYTES} bytes, not ${bytes}`);
  peer.close(code, reason);
  return ok(undefined);
});

export const refuse = onOpenConnection(({ peer }, _all, status: number): Answer<undefined> => {
  if (!peer.isOpening) return invalid('only a connection that opens can be refused; close this one');
  if (status < 400 || status > 599) return invalid(`${status} is no status with which a connection may be refused`);
  peer.refuse(status);
  return ok(undefined);
});

export const getState = onConnection(({ state }) => ok(state ?? new Uint8Array(0)));

export const setState = onConnection((connection, _all, state: Uint8Array): Answer<undefined> => {
  const { socketStateBytes: most } = connection.limits;
  if (state.byteLength > most) return err({ tag: 'limit', val: `Limit reached: websocket_state (${most} bytes)` });
  connection.state = state.byteLength === 0 ? undefined : Uint8Array.from(state);
  return ok(undefined);
});

function outgoing({ tag, val }: Message): OutgoingMessage {
  return tag === 'text' ? { bytes: Buffer.from(val), isText: true } : { bytes: val, isText: false };
}

/** Codes that a server may send: those that are reserved are never on the wire (RFC 6455, 7.4, and IANA's list). */
function isCloseCode(code: number): boolean {
  if (code >= 3000 && code <= 4999) return true;
  return code >= 1000 && code <= 1014 && ![1004, 1005, 1006].includes(code);
}
