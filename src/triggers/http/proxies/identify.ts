// Who sent a request, by what trusted proxies say. From any other address nothing of it counts, and the fields reach the
// guest as they came.
import { authorityOf } from '../../../authority.ts';
import type { HttpRequest } from '../../../host/http-message.ts';
import { withHost } from '../host-header.ts';
import type { Peer } from '../peer.ts';
import { forwardedHops, type Hop, type Node, xForwardedHops } from './forwarded.ts';
import type { TrustedProxies } from './trusted.ts';

interface Said {
  readonly client: Node | undefined;
  readonly proto: Hop['proto'];
  readonly host: Hop['host'];
}

export interface Identified {
  readonly request: HttpRequest;
  /** The client's `address:port`; port 0 where no proxy says it. */
  readonly address: string;
}

/**
 * Gives the request as its client sent it to the first of the trusted proxies; a status when proxies say what is no
 * address, or two things at once: whoever sends one field past a proxy that sets another one must gain nothing.
 */
export function identify(request: HttpRequest, peer: Peer, trusted: TrustedProxies): Identified | number {
  if (!trusted.has(peer)) return { request, address: peer.text };
  const hops = forwardedHops(request.headers);
  const xHops = xForwardedHops(request.headers);
  if (hops === 'invalid' || xHops === 'invalid') return 400;
  const said = join(hops && saidBy(hops, trusted), xHops && saidBy(xHops, trusted));
  if (said === 'contradicts') return 400;
  const { client, proto = request.scheme, host } = said;
  const named = host === undefined ? request : withHost(request, host);
  return {
    request: proto === named.scheme ? named : { ...named, scheme: proto },
    address: client === undefined ? peer.text : authorityOf(client.address, client.port),
  };
}

/** Goes back from the last proxy for as long as there are trusted ones: who stands before them is the client. */
function saidBy(hops: readonly Hop[], trusted: TrustedProxies): Said {
  let client: Node | undefined;
  let last: Hop | undefined;
  for (const hop of hops.toReversed()) {
    last = hop;
    if (hop.from === undefined) break;
    client = hop.from;
    if (!trusted.has({ host: client.address })) break;
  }
  return { client, proto: last?.proto, host: last?.host };
}

function join(one: Said | undefined, other: Said | undefined): Said | 'contradicts' {
  if (!one || !other) return one ?? other ?? { client: undefined, proto: undefined, host: undefined };
  const same = one.client?.address === other.client?.address;
  const proto = one.proto ?? other.proto;
  const host = one.host ?? other.host;
  const isClear = (other.proto ?? proto) === proto && (other.host ?? host) === host;
  if (!same || !isClear) return 'contradicts';
  return { client: one.client?.port ? one.client : other.client, proto, host };
}
