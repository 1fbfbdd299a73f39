// Takes HTTP/2 on the connections of a server beside HTTP/1.1: with TLS where both sides chose it in their handshake
// (ALPN, RFC 7301), else from clients that begin with it (prior knowledge, RFC 9113, 3.3).
import type { Server } from 'node:http';
import type { Socket } from 'node:net';
import type { TLSSocket } from 'node:tls';
import type { OtherConnections } from '../connection-server.ts';
import { FirstBytes } from '../first-bytes.ts';
import { peerOf } from '../peer.ts';
import { before } from '../steps.ts';
import type { Http2Serving } from './connection.ts';
import { Http2Sessions } from './sessions.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');

/** Gives the connections that there will be; the server has to stop them. */
export function takeHttp2(server: Server, serving: Http2Serving, scheme: 'http' | 'https'): OtherConnections {
  const sessions = new Http2Sessions(serving);
  const begin = (socket: Socket): void => sessions.begin({ socket, peer: peerOf(socket), scheme });
  if (scheme === 'https') {
    before<TLSSocket>(server, 'secureConnection', (socket, next) => {
      if (socket.alpnProtocol === 'h2') begin(socket);
      else next();
    });
    return sessions;
  }
  const first = new FirstBytes(serving.limits.headerMs);
  before(server, 'connection', (socket, next) => {
    let isHttp2 = false;
    const look = (bytes: Buffer): number | undefined => {
      const length = Math.min(bytes.length, PREFACE.length);
      isHttp2 = bytes.subarray(0, length).equals(PREFACE.subarray(0, length));
      return isHttp2 && length < PREFACE.length ? undefined : 0;
    };
    first.read(socket, look, () => (isHttp2 ? begin(socket) : next()));
  });
  return {
    announceStop: () => sessions.announceStop(),
    close() {
      first.close();
      sessions.close();
    },
    destroy: () => sessions.destroy(),
  };
}
