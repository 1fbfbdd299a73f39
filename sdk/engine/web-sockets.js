// The events of WebSockets for a program: `export default { websocket: { open, message, close } }`.
import { WebSocketConnection } from '../script/websocket-connection.ts';

const FORM =
  "'export default { websocket: { open(connection, request), message(connection, data), close(connection, code, reason) } }'";

/**
 * Calls the handler of the event, if there is one. `handlers` is what the program exports, `rest` what all handlers get
 * last: the environment and the context.
 */
export async function handleSocketEvent(handlers, host, payload, facts, rest) {
  if (typeof handlers !== 'object' || handlers === null) {
    throw new TypeError(`The program has no handler for websocket: ${FORM}`);
  }
  const connection = new WebSocketConnection(host, facts.connection);
  switch (facts.kind) {
    case 'open': {
      const answer = await handlers.open?.(connection, requestOf(facts), ...rest);
      if (answer instanceof Response) connection.refuse(answer.status);
      return;
    }
    case 'message':
      await handlers.message?.(connection, facts.isText ? new TextDecoder().decode(payload) : payload, ...rest);
      return;
    default:
      await handlers.close?.(connection, facts.code, facts.reason, ...rest);
  }
}

/** The request of the handshake. Headers are set apart, since a request of a program's own may not have all of them. */
function requestOf({ url, headers }) {
  const request = new Request(url);
  Object.defineProperty(request, 'headers', { value: new Headers(headers), enumerable: true });
  return request;
}
