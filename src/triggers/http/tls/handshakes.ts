// How many handshakes of TLS there are at once: one costs a server more than a client.
import type { Server } from 'node:https';
import { before } from '../steps.ts';

/** Closes connections that come while so many others are in their handshakes. */
export function limitHandshakes(server: Server, most: number): void {
  let open = 0;
  const over = (): void => {
    open--;
  };
  before(server, 'connection', (socket, next) => {
    if (open >= most) {
      socket.destroy();
      return;
    }
    open++;
    next();
  });
  server.on('secureConnection', over);
  server.on('tlsClientError', over);
}
