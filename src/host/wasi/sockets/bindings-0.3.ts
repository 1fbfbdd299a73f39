// wasi:sockets@0.3: types and ip-name-lookup; tcp-0.3.ts has tcp-socket.
import { defineInterface, resource, suspending } from '../../service.ts';
import { fail } from './error-code.ts';
import type { IpFamily, IpSocketAddress } from './ip-address.ts';
import { resolveAddresses } from './name-lookup.ts';
import type { SocketOwner } from './network.ts';
import { attempt, attemptLater, lookupCode } from './results-0.3.ts';
import { tcpFunctions, tcpResource } from './tcp-0.3.ts';
import { UdpSocket } from './udp-socket.ts';

type Owner = SocketOwner;
type Self = UdpSocket;

/** Waits for one datagram. */
async function receive(self: UdpSocket): Promise<[Uint8Array, IpSocketAddress]> {
  for (;;) {
    const datagram = self.receive();
    if (datagram !== undefined) return [datagram.data, datagram.from];
    await self.receiveReady();
    if (self.released) fail('invalid-state');
  }
}

/** Sends a datagram, and waits while too many are on their way. */
async function send(self: UdpSocket, data: Uint8Array, remote: IpSocketAddress | undefined): Promise<void> {
  for (let wait = self.sendReady(); wait !== undefined; wait = self.sendReady()) await wait;
  await self.send(data, remote);
}

const udpFunctions = {
  '[static]udp-socket.create': (owner: Owner, family: IpFamily) => attempt(() => UdpSocket.create(owner, family)),
  '[method]udp-socket.bind': (_owner: Owner, self: Self, address: IpSocketAddress) => attempt(() => self.bind(address)),
  '[method]udp-socket.connect': (_owner: Owner, self: Self, address: IpSocketAddress) =>
    attempt(() => self.connect(address)),
  '[method]udp-socket.disconnect': (_owner: Owner, self: Self) => attempt(() => self.disconnect()),
  '[method]udp-socket.send': suspending(
    (_owner: Owner, self: Self, data: Uint8Array, remote: IpSocketAddress | undefined) =>
      attemptLater(() => send(self, data, remote)),
  ),
  '[method]udp-socket.receive': suspending((_owner: Owner, self: Self) => attemptLater(() => receive(self))),
  '[method]udp-socket.get-local-address': (_owner: Owner, self: Self) => attempt(() => self.localAddress),
  '[method]udp-socket.get-remote-address': (_owner: Owner, self: Self) => attempt(() => self.remoteAddress),
  '[method]udp-socket.get-address-family': (_owner: Owner, self: Self) => self.family,
  '[method]udp-socket.get-unicast-hop-limit': (_owner: Owner, self: Self) => attempt(() => self.hopLimit),
  '[method]udp-socket.set-unicast-hop-limit': (_owner: Owner, self: Self, value: number) =>
    attempt(() => {
      self.hopLimit = value;
    }),
  '[method]udp-socket.get-receive-buffer-size': (_owner: Owner, self: Self) => attempt(() => self.receiveBuffer),
  '[method]udp-socket.set-receive-buffer-size': (_owner: Owner, self: Self, value: bigint) =>
    attempt(() => {
      self.receiveBuffer = value;
    }),
  '[method]udp-socket.get-send-buffer-size': (_owner: Owner, self: Self) => attempt(() => self.sendBuffer),
  '[method]udp-socket.set-send-buffer-size': (_owner: Owner, self: Self, value: bigint) =>
    attempt(() => {
      self.sendBuffer = value;
    }),
};

const types = defineInterface<Owner>('wasi', 'wasi:sockets/types', '0.3.0', {
  resources: [tcpResource, resource('udp-socket', (_owner: Owner, self: Self) => self.drop())],
  functions: { ...tcpFunctions, ...udpFunctions },
});

const ipNameLookup = defineInterface<Owner>('wasi', 'wasi:sockets/ip-name-lookup', '0.3.0', {
  functions: {
    'resolve-addresses': suspending((owner: Owner, name: string) =>
      attemptLater(async () => resolveAddresses(owner.network, name), lookupCode),
    ),
  },
});

export const socketsInterfaces03 = [types, ipNameLookup];
