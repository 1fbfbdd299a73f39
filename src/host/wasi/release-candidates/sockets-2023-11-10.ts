// wasi:sockets 0.2.0-rc-2023-11-10: 0.2 with an option for dual-stack sockets, which no socket of the host is.
import { err, ok } from '../../../component/types/val-type.ts';
import { ipNameLookup, networkInterface, unchangedSockets } from '../sockets/bindings-0.2.ts';
import { tcpInterface } from '../sockets/tcp-0.2.ts';
import { udpInterface } from '../sockets/udp-0.2.ts';
import { RC_2023_11_10, sameIn } from './versions.ts';

export const isIpv6Only = () => ok(true);

/** Refuses to make a socket dual-stack: a guest cannot change that. */
export function setIpv6Only(_owner: unknown, _self: unknown, value: boolean) {
  return value ? ok() : err('not-supported');
}

export const sockets20231110 = [
  ...[...unchangedSockets, ipNameLookup].map((one) => sameIn(one, RC_2023_11_10)),
  networkInterface(RC_2023_11_10, {}),
  tcpInterface(RC_2023_11_10, {
    '[method]tcp-socket.ipv6-only': isIpv6Only,
    '[method]tcp-socket.set-ipv6-only': setIpv6Only,
  }),
  udpInterface(RC_2023_11_10, {
    '[method]udp-socket.ipv6-only': isIpv6Only,
    '[method]udp-socket.set-ipv6-only': setIpv6Only,
  }),
];
