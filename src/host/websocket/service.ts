// The host service 'websocket': a component sends to its own WebSockets and closes them. Permission is the manifest's table
// that names the component; what is joined to it has none.
import type { HostService } from '../service.ts';
import { webSocketInterfaces } from './bindings.ts';
import type { WebSocketConnections } from './connections.ts';
import type { OwnConnections } from './operations.ts';

/** `connections` are those of the app. */
export function createWebSocketService(
  connections: WebSocketConnections,
): HostService<undefined, OwnConnections, OwnConnections> {
  return {
    name: 'websocket',
    interfaces: webSocketInterfaces,
    configureComponent: ({ component }) => ({
      component: component.id,
      all: component.isPart ? undefined : connections,
    }),
    prepare: (own) => own,
  };
}
