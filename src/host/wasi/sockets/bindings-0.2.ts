// wasi:sockets@0.2: network, instance-network and ip-name-lookup; tcp-0.2.ts and udp-0.2.ts have tcp and udp.
import { defineInterface, type Functions, resource } from '../../service.ts';
import type { StreamFailure } from '../io/streams.ts';
import * as addresses from './address-stream.ts';
import type { SocketOwner } from './network.ts';
import { codeIn02 } from './results-0.2.ts';
import { tcpCreateSocket, tcpInterface } from './tcp-0.2.ts';
import { SocketStreamFailure } from './tcp-connection.ts';
import { udpCreateSocket, udpInterface } from './udp-0.2.ts';

const version = '0.2.12';

/** The resource `network`: a right that allows nothing by itself, since each address is checked. */
const network = Object.freeze({});

export function networkInterface(inVersion: string, functions: Functions<SocketOwner>) {
  const resources = [resource('network')];
  return defineInterface<SocketOwner>('wasi', 'wasi:sockets/network', inVersion, { resources, functions });
}

function networkErrorCode(_owner: SocketOwner, error: StreamFailure) {
  return error instanceof SocketStreamFailure ? codeIn02(error.socketError) : undefined;
}

const instanceNetwork = defineInterface<SocketOwner>('wasi', 'wasi:sockets/instance-network', version, {
  functions: { 'instance-network': () => network },
});

export const ipNameLookup = defineInterface<SocketOwner>('wasi', 'wasi:sockets/ip-name-lookup', version, {
  resources: [resource('resolve-address-stream', addresses.dropAddressStream)],
  functions: {
    'resolve-addresses': addresses.resolveAddresses,
    '[method]resolve-address-stream.resolve-next-address': addresses.resolveNextAddress,
    '[method]resolve-address-stream.subscribe': addresses.subscribe,
  },
});

/** The interfaces that are the same in every version of 0.2. */
export const unchangedSockets = [instanceNetwork, tcpCreateSocket, udpCreateSocket];

export const socketsInterfaces = [
  ...unchangedSockets,
  networkInterface(version, { 'network-error-code': networkErrorCode }),
  tcpInterface(version),
  udpInterface(version),
  ipNameLookup,
];
