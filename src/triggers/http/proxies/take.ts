// What a server does for the proxies that its operator trusts.
import type { Server } from 'node:http';
import { logEvent } from '../../../telemetry/events.ts';
import type { Logger } from '../../../telemetry/log.ts';
import type { OtherConnections } from '../connection-server.ts';
import type { Serving } from '../exchange.ts';
import { FirstBytes } from '../first-bytes.ts';
import { peerOf, tellPeer } from '../peer.ts';
import { before } from '../steps.ts';
import { identify } from './identify.ts';
import { readProxyHeader } from './proxy-protocol.ts';
import { TrustedProxies } from './trusted.ts';

/** Throws `usage` for what is no address. */
export function trust(entries: readonly string[]): {
  readonly identify: NonNullable<Serving['identify']>;
  /** `timeoutMs` is how long a proxy may take for its header. */
  readonly expect: (server: Server, timeoutMs: number, log: Logger) => OtherConnections;
} {
  const trusted = new TrustedProxies(entries);
  return {
    identify: (request, peer) => identify(request, peer, trusted),
    expect: (server, timeoutMs, log) => expectHeaders(server, trusted, timeoutMs, log),
  };
}

/**
 * Has a server expect the PROXY protocol: from trusted proxies nothing else is taken. Whoever else connects is a client
 * that speaks for itself, for whom such a header is no request.
 */
function expectHeaders(server: Server, trusted: TrustedProxies, timeoutMs: number, log: Logger): OtherConnections {
  const first = new FirstBytes(timeoutMs);
  before(server, 'connection', (socket, next) => {
    const proxy = peerOf(socket);
    if (!trusted.has(proxy)) {
      next();
      return;
    }
    const look = (bytes: Buffer): number | 'refused' | undefined => {
      const header = readProxyHeader(bytes);
      if (header === undefined) return undefined;
      if (header === 'refused') {
        const text = `${proxy.text} is a trusted proxy and does not speak the PROXY protocol: its connection is closed`;
        logEvent(log, 'proxy-header-refused', { origin: proxy.text }, text);
        return header;
      }
      if (header.peer) tellPeer(socket, header.peer);
      return header.length;
    };
    first.read(socket, look, next);
  });
  return { close: () => first.close() };
}
