// wasi:sockets@0.2: network, instance-network and ip-name-lookup; tcp and udp stand in files of their own.
import { defineInterface, resource } from '../../service.ts';
import { HostObject } from '../io/host-object.ts';
import { GuestPollable } from '../io/resources.ts';
import type { StreamFailure } from '../io/streams.ts';
import { fail, SocketError } from './error-code.ts';
import type { IpAddress } from './ip-address.ts';
import { resolveAddresses } from './name-lookup.ts';
import type { SocketOwner } from './network.ts';
import { attempt, codeIn02 } from './results-0.2.ts';
import { tcp, tcpCreateSocket } from './tcp-0.2.ts';
import { SocketStreamFailure } from './tcp-connection.ts';
import { udp, udpCreateSocket } from './udp-0.2.ts';

/** A right to the network that opens nothing by itself: what is allowed is asked for each address. */
const network = Object.freeze({});

const networkInterface = defineInterface<SocketOwner>('wasi', 'wasi:sockets/network', '0.2.12', {
  resources: [resource('network')],
  functions: {
    'network-error-code': (_owner, error: StreamFailure) =>
      error instanceof SocketStreamFailure ? codeIn02(error.socketError) : undefined,
  },
});

const instanceNetwork = defineInterface<SocketOwner>('wasi', 'wasi:sockets/instance-network', '0.2.12', {
  functions: { 'instance-network': () => network },
});

class ResolveAddressStream extends HostObject {
  readonly settled: Promise<void>;
  #outcome: IpAddress[] | SocketError | undefined;

  constructor(owner: SocketOwner, addresses: Promise<IpAddress[]>) {
    super(owner);
    this.settled = addresses.then(
      (found) => {
        this.#outcome = found;
      },
      (error: SocketError) => {
        this.#outcome = error;
      },
    );
  }

  get isSettled(): boolean {
    return this.#outcome !== undefined;
  }

  next(): IpAddress | undefined {
    const outcome = this.#outcome ?? fail('would-block');
    if (outcome instanceof SocketError) throw outcome;
    return outcome.shift();
  }

  protected close(): void {}
}

const ipNameLookup = defineInterface<SocketOwner>('wasi', 'wasi:sockets/ip-name-lookup', '0.2.12', {
  resources: [resource('resolve-address-stream', (_owner: SocketOwner, self: ResolveAddressStream) => self.drop())],
  functions: {
    'resolve-addresses': (owner, _network: object, name: string) =>
      attempt(() => new ResolveAddressStream(owner, resolveAddresses(owner.network, name))),
    '[method]resolve-address-stream.resolve-next-address': (_owner, self: ResolveAddressStream) =>
      attempt(() => self.next()),
    '[method]resolve-address-stream.subscribe': (owner, self: ResolveAddressStream) =>
      new GuestPollable(owner, { ready: () => self.isSettled, wait: () => self.settled }, self),
  },
});

export const socketsInterfaces = [
  instanceNetwork,
  networkInterface,
  tcpCreateSocket,
  tcp,
  udpCreateSocket,
  udp,
  ipNameLookup,
];
