// Steps that a connection passes before a server of node:http or node:https gets it.
import type { Server } from 'node:http';
import type { Socket } from 'node:net';

/** Calls `next` for a connection that goes on. */
export type Step<S extends Socket = Socket> = (socket: S, next: () => void) => void;

/**
 * Puts a step before what the server does when a connection is there, or its handshake over. Of two steps the one that
 * is put there later comes first.
 */
export function before<S extends Socket>(
  server: Server,
  event: 'connection' | 'secureConnection',
  step: Step<S>,
): void {
  const listeners = server.listeners(event);
  server.removeAllListeners(event);
  server.on(event, (socket: S) => {
    step(socket, () => {
      for (const listener of listeners) listener.call(server, socket);
    });
  });
}
