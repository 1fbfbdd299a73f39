// WebSockets: `websocket` of mayfly/sdk.
import * as host from 'mayfly:websocket/connections@0.1.0';
import { ask, type Data, dataOf, WebSocketConnection } from './websocket-connection.ts';

export const websocket = {
  connection: (id: string) => new WebSocketConnection(host, id),
  broadcast(topic: string, data: Data): number {
    const message = dataOf(data);
    return ask(() => host.broadcast(topic, message));
  },
};
