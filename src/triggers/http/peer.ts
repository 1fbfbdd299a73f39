// Who is on the other side of a connection.
import type { Socket } from 'node:net';
import { authorityOf } from '../../authority.ts';

export interface Peer {
  /** The IP address; empty for a socket that has none, such as that of a path. */
  readonly host: string;
  /** `address:port`, as in the header `spin-client-addr`. */
  readonly text: string;
}

/** What proxies said of connections that they passed on. */
const told = new WeakMap<Socket, Peer>();

export function peerOf(socket: Socket & { readonly _parent?: Socket | undefined }): Peer {
  // A socket of TLS stands before the one of which the proxy spoke. The field has no documentation, and a test notices
  // when it is gone.
  const known = told.get(socket) ?? (socket._parent && told.get(socket._parent));
  if (known) return known;
  const { remoteAddress = '', remotePort = 0 } = socket;
  return { host: remoteAddress, text: authorityOf(remoteAddress || '0.0.0.0', remotePort) };
}

/** Has `peerOf` give that peer for a socket. */
export function tellPeer(socket: Socket, peer: Peer): void {
  told.set(socket, peer);
}
